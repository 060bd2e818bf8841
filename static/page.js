/* Refresh: asks whether the page has changed, and changes it in place without moving the reader. */
(() => {
  const EVERY = 30000, SLOWEST = 300000, GRACE = 90, HEADINGS = "h1, h2, h3, h4, h5";
  const find = (what, where = document) => where.querySelector(what);
  const all = (what, where) => [...where.querySelectorAll(what)];
  const top = (it) => it.getBoundingClientRect().top;
  let skew = 0, wait = EVERY, etag, timer, isAsking;

  const isLate = () => {
    const { checked, fresh } = find("main").dataset;
    return Date.now() + skew - Date.parse(checked) > (+fresh + GRACE) * 1000;
  };
  const news = (main) => {
    const title = (it) => find(HEADINGS, it).textContent, heading = title(main);
    const added = all(".updates > li", main).filter(({ id }) => !document.getElementById(id));
    const said = added.map((each) => `${title(each.closest("article"))}: ${title(each)}`);
    if (heading !== title(find("main"))) said.unshift(heading);
    return said.join(". ");
  };
  const replace = (text) => {
    const page = new DOMParser().parseFromString(text, "text/html"), main = find("main", page), old = find("main");
    document.dispatchEvent(new CustomEvent("arrived", { detail: main }));
    const said = news(main), focused = document.activeElement;
    const held = scrollY ? all(`${HEADINGS}, li, .leaf`, old).map((it) => [it, top(it)]) : [];
    merge(old, main);
    const [it, was] = held.find(([it, was]) => was >= 0 && it.isConnected) ?? [];
    if (it) scrollBy(0, top(it) - was);
    if (focused && !focused.isConnected) find(`main [href="${focused.getAttribute("href")}"]`)?.focus({ preventScroll: true });
    document.title = page.title;
    find("[rel=icon]").href = find("[rel=icon]", page).href;
    if (said) find("#say").textContent = said;
    document.dispatchEvent(new Event("refreshed"));
  };
  const refresh = async () => {
    if (isAsking) return;
    isAsking = true;
    try {
      const answer = await fetch(location, { cache: "no-cache", signal: AbortSignal.timeout?.(EVERY) });
      const head = (name) => answer.headers.get(name);
      if (!answer.ok) throw 0;
      skew = Date.parse(head("date")) + head("age") * 1000 - Date.now() || 0;
      if (head("etag") !== etag) replace(await answer.text());
      etag = head("etag");
      wait = EVERY;
    } catch { wait = Math.min(wait * 2, SLOWEST); }
    isAsking = false;
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
