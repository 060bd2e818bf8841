/* Light or dark as the reader chose, before anything is painted; and the control to choose it. */
(() => {
  const scheme = document.querySelector("[name=color-scheme]");
  const wear = (theme) => {
    document.documentElement.dataset.theme = theme;
    scheme.content = theme || "light dark";
  };
  let chosen = "";
  try { chosen = localStorage.theme; } catch { }
  if (chosen !== "light" && chosen !== "dark") chosen = "";
  wear(chosen);

  addEventListener("DOMContentLoaded", () => {
    const label = document.createElement("label"), select = document.createElement("select");
    for (const theme of ["", "light", "dark"]) select.add(new Option(theme || "auto", theme, false, theme === chosen));
    label.className = "theme";
    label.append("Theme", select);
    select.onchange = () => {
      wear(select.value);
      try { localStorage.theme = select.value; } catch { }
    };
    document.querySelector(".bottom .links")?.before(label);
  });
})();
