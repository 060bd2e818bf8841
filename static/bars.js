/* Uptime bars, one tab stop each: arrows, pointer or touch choose a day, and one tooltip says how it was. */
(() => {
  const DAY = 86400000, PITCH = 10, GAP = 2, EDGE = 8;
  const STEPS = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
  const format = new Intl.DateTimeFormat("en-US", { year: "numeric", month: "short", day: "2-digit", timeZone: "UTC" });
  const tip = document.createElement("p");
  let bars, day;

  const barsOf = ({ target }) => target.closest?.(".bars");
  const isMirrored = (which) => getComputedStyle(which).direction === "rtl";
  const count = (which) => (which.viewBox.baseVal.width + GAP) / PITCH;
  const dayUnder = ({ clientX }, which) => {
    const { left, right, width } = which.getBoundingClientRect();
    return Math.floor((isMirrored(which) ? right - clientX : clientX - left) / width * count(which));
  };
  const isUnknown = () => {
    const runs = bars.querySelector(".unknown")?.getAttribute("d") ?? "";
    return [...runs.matchAll(/M(\d+) \S+?h(\d+)/g)].some(([, from, length]) => day * PITCH >= from && day * PITCH < +from + +length);
  };
  const words = () => {
    const { last, told } = bars.dataset, date = Date.parse(last) - (count(bars) - 1 - day) * DAY;
    const bad = told.split(";").find((each) => parseInt(each) === day);
    return `${format.format(date)}: ${bad?.replace(/^\d+ /, "") ?? (isUnknown() ? "no data" : "operational")}`;
  };
  const hide = () => { tip.hidden = true; };
  const place = () => {
    if (!bars?.isConnected) hide();
    if (tip.hidden) return;
    tip.textContent = words();
    const box = bars.getBoundingClientRect(), part = (day + 0.5) / count(bars);
    const middle = box.left + box.width * (isMirrored(bars) ? 1 - part : part);
    const most = document.documentElement.clientWidth - tip.offsetWidth - EDGE;
    const left = Math.max(EDGE, Math.min(middle - tip.offsetWidth / 2, most));
    const isBelow = box.top < tip.offsetHeight;
    tip.classList.toggle("below", isBelow);
    tip.style.left = `${left + scrollX}px`;
    tip.style.top = `${(isBelow ? box.bottom : box.top - tip.offsetHeight) + scrollY}px`;
    tip.style.setProperty("--at", `${middle - left}px`);
  };
  const show = (which, index) => {
    bars = which;
    day = Math.max(0, Math.min(index, count(which) - 1));
    tip.hidden = false;
    place();
  };
  const tell = (which, index) => {
    show(which, index);
    document.querySelector("#say").textContent = tip.textContent;
  };
  const follow = (event) => {
    const which = barsOf(event);
    if (which) {
      const index = dayUnder(event, which);
      if (event.type === "pointerover" || which !== bars || index !== day) show(which, index);
    } else if (event.target !== tip && document.activeElement !== bars) hide();
  };
  const prepare = (where) => where.querySelectorAll(".bars").forEach((each) => each.setAttribute("tabindex", 0));

  tip.className = "tip";
  tip.hidden = tip.ariaHidden = true;
  document.body.append(tip);
  prepare(document);
  document.addEventListener("arrived", ({ detail }) => prepare(detail));
  document.addEventListener("refreshed", place);
  addEventListener("resize", place);
  document.addEventListener("pointerover", follow);
  document.addEventListener("pointermove", follow);
  document.addEventListener("click", (event) => {
    const which = barsOf(event);
    if (which) tell(which, dayUnder(event, which));
  });
  document.addEventListener("focusin", ({ target }) => {
    if (target.matches(".bars:focus-visible")) tell(target, Infinity);
  });
  document.addEventListener("focusout", hide);
  document.addEventListener("keydown", (event) => {
    const which = barsOf(event), step = STEPS[event.key];
    if (event.key === "Escape") hide();
    if (!which || !step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    const from = which === bars ? day : Infinity, isTurned = event.key.startsWith("Arrow") && isMirrored(which);
    tell(which, from + (isTurned ? -step : step));
  });
})();
