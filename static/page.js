/* Extras: the viewer's zone, a refresh that moves nobody's place, a word when the page is too old. */
(() => {
  const EVERY = 30000, SLOWEST = 300000, GRACE = 90;
  const find = (what, where = document) => where.querySelector(what);
  let mine = false, skew = 0, wait = EVERY, etag, timer;

  const format = new Intl.DateTimeFormat("en-US", {
    year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZoneName: "short",
  });
  const print = ({ dateTime, dataset: { form } }) => {
    const at = Object.fromEntries(format.formatToParts(new Date(dateTime)).map(({ type, value }) => [type, value]));
    const day = form === "clock" ? "" : `${at.month} ${at.day}, ${at.year} - `;
    return `${form === "posted" ? "Posted " : ""}${day}${at.hour}:${at.minute} ${at.timeZoneName}`;
  };
  const show = () => document.querySelectorAll("time").forEach((time) => {
    time.dataset.own ??= time.textContent;
    time.textContent = mine ? print(time) : time.dataset.own;
  });
  const button = document.createElement("button");
  const choose = (wish) => {
    button.ariaPressed = mine = wish;
    show();
  };
  button.type = "button";
  button.textContent = "My time";
  button.onclick = () => {
    choose(!mine);
    try { localStorage.zone = mine ? "mine" : ""; } catch { }
  };
  find(".field")?.append(button);
  try { choose(localStorage.zone === "mine"); } catch { choose(false); }

  const isLate = () => {
    const { checked, fresh } = find("main").dataset;
    return Date.now() + skew - Date.parse(checked) > (+fresh + GRACE) * 1000;
  };
  const replace = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html");
    const old = find("main"), main = find("main", page);
    if (!main || old.contains(document.activeElement)) return;
    const was = old.querySelectorAll("details"), heading = find("h1", main).innerText;
    main.querySelectorAll("details").forEach((each, i) => { each.open = was[i]?.open ?? true; });
    if (find("h1").innerText !== heading) find("#say").textContent = heading;
    old.replaceWith(main);
    document.title = page.title;
    find("[rel=icon]").href = find("[rel=icon]", page).href;
    show();
    return true;
  };
  const refresh = async () => {
    try {
      const answer = await fetch(location, { cache: "no-cache" }), head = (it) => answer.headers.get(it);
      if (!answer.ok) throw 0;
      skew = Date.parse(head("date")) + head("age") * 1000 - Date.now() || 0;
      if (head("etag") !== etag && replace(await answer.text())) etag = head("etag");
      wait = EVERY;
    } catch { wait = Math.min(wait * 2, SLOWEST); }
    find(".late")?.toggleAttribute("hidden", !isLate());
    plan(wait * (0.85 + Math.random() * 0.3));
  };
  const plan = (after) => {
    clearTimeout(timer);
    if ("live" in find("main").dataset && !document.hidden) timer = setTimeout(refresh, after);
  };
  document.onvisibilitychange = () => plan(0);
  plan(isLate() ? 0 : EVERY);
})();
