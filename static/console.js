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

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-submit]")) {
    event.target.form.requestSubmit();
  }
});

const refreshed = document.querySelector("[data-refresh]");
if (refreshed) {
  setInterval(() => {
    const isBusy = document.querySelector("details.menu[open], .again[open]") || document.activeElement.matches("input, select");
    if (!document.hidden && !isBusy) location.reload();
  }, refreshed.dataset.refresh * 1000);
}
