/* The reader's own zone: times are printed anew in place, and their titles keep saying the page's zone and UTC. */
(() => {
  const mine = Intl.DateTimeFormat().resolvedOptions().timeZone, field = document.querySelector("#tz");
  if (!field || field.defaultValue === mine) return;
  const theirs = field.defaultValue, button = document.createElement("button");
  let isMine = false;

  const numbers = new Intl.DateTimeFormat("en-US", {
    year: "numeric", month: "short", day: "2-digit", hour: "2-digit", minute: "2-digit", hourCycle: "h23",
  });
  const names = new Intl.DateTimeFormat(navigator.language.replace(/^\w+/, "en"), { timeZoneName: "short" });
  const parts = (at) => {
    const found = {};
    for (const { type, value } of [...names.formatToParts(at), ...numbers.formatToParts(at)]) found[type] = value;
    const { year, month, day, hour, minute, timeZoneName } = found;
    const zone = timeZoneName.replace(/^GMT([+-])(\d)(?!\d)/, "UTC$10$2").replace(/^GMT(?=[+-])/, "UTC");
    return { day: `${month} ${day}, ${year}`, time: `${hour}:${minute}`, zone };
  };
  const print = (time) => {
    const { day, time: clock, zone } = parts(new Date(time.dateTime)), { form } = time.dataset;
    const other = form === "from" || form === "until" ? find(time) : form === "clock" ? new Date() : null;
    const told = other && parts(other), isSameDay = told?.day === day;
    const before = isSameDay && form !== "from" ? "" : `${day} - `;
    const after = isSameDay && form === "from" && told.zone === zone ? "" : ` ${zone}`;
    return `${form === "posted" ? "Posted " : ""}${before}${clock}${after}`;
  };
  const find = (time) => {
    const both = [...time.parentElement.querySelectorAll("time")];
    return new Date(both.find((each) => each !== time).dateTime);
  };
  const show = (where) => where.querySelectorAll("time").forEach((time) => {
    time.dataset.own ??= time.textContent;
    time.textContent = isMine ? print(time) : time.dataset.own;
  });
  const choose = (wish) => {
    button.ariaPressed = isMine = wish;
    field.value = wish ? mine : theirs;
    show(document);
  };
  const keep = (choice) => {
    try { localStorage.zone = choice; } catch { }
  };

  button.type = "button";
  button.textContent = "My time";
  button.onclick = () => {
    choose(!isMine);
    keep(isMine ? "mine" : "");
  };
  field.form.onsubmit = () => keep("");
  field.parentElement.append(button);
  document.addEventListener("arrived", ({ detail }) => show(detail));
  let kept;
  try { kept = localStorage.zone; } catch { }
  choose(kept === "mine" && !location.search.includes("tz="));
})();
