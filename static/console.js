// Comfort only: without this script every page of the console does all that it does with it.
"use strict";

for (const element of document.querySelectorAll("[data-until]")) {
  const end = Date.parse(element.dataset.until);
  const tick = () => {
    const left = Math.ceil((end - Date.now()) / 1000);
    if (left > 0) {
      element.textContent = left < 90 ? `in ${left} s` : `in ${Math.round(left / 60)} min`;
    } else {
      element.closest(".held")?.remove();
      clearInterval(timer);
    }
  };
  const timer = setInterval(tick, 1000);
  tick();
}

// A page that answers a sent form may not be stored, so going back to it would ask to send the form again. Whoever
// leaves it gets its address instead: the browser then goes back to what the address shows.
if ("sent" in document.body.dataset) {
  const answerOnce = (event) => event.target.closest("form, a[href]") && history.replaceState(null, "", location.href);
  document.addEventListener("submit", answerOnce);
  document.addEventListener("click", answerOnce);
}

// Keys: a letter leads somewhere, unless one types or has switched letters off (WCAG 2.1.4); Ctrl+Enter reviews.
const keys = document.querySelector("#keys");
const letters = document.querySelector("#letters");
const isTyping = (target) => target.matches("input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]");
let went = "";

if (letters) {
  letters.checked = localStorage.letters !== "off";
  letters.addEventListener("change", () => (localStorage.letters = letters.checked ? "on" : "off"));
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-submit]")) {
    event.preventDefault();
    event.target.form.requestSubmit(event.target.form.querySelector("[data-review]"));
  }
  if (!keys || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || localStorage.letters === "off") return;
  if (keys.open && event.key !== "?") return;
  if (event.key === "?") {
    keys.open ? keys.close() : keys.showModal();
  } else if (event.key === "g") {
    went = "g ";
    setTimeout(() => (went = ""), 1500);
    return;
  } else {
    const found = document.querySelector(`[data-key="${CSS.escape(went + event.key)}"]`);
    if (found) {
      event.preventDefault();
      found.matches("a, button") ? found.click() : found.focus();
    }
  }
  went = "";
});
document.querySelector("#show-keys")?.addEventListener("click", () => keys.showModal());

// Whoever typed within the last half minute is writing: the line above the colleague's form says so.
let typed = 0;
document.addEventListener("input", () => (typed = Date.now()));
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.id === "others" && Date.now() - typed < 30000) event.detail.parameters.set("writing", "1");
});

const refreshed = document.querySelector("[data-refresh]");
if (refreshed) {
  setInterval(() => {
    const isBusy = document.querySelector("details.menu[open], .again[open], dialog[open]") || document.activeElement.matches("input, select, textarea, [contenteditable]");
    if (!document.hidden && !isBusy) location.reload();
  }, refreshed.dataset.refresh * 1000);
}
