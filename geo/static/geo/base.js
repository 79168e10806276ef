// @ts-check
// What every page does: menus close, a form's summary takes the focus, chosen files are named.

/** @param {Event} event */
function closeMenus(event) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    const inside = event.target instanceof Node && menu.contains(event.target);
    const escaped = event instanceof KeyboardEvent && event.key === "Escape";
    if (inside && !escaped) continue;
    if (event instanceof KeyboardEvent && !escaped) continue;
    menu.removeAttribute("open");
    if (escaped && inside) menu.querySelector("summary")?.focus();
  }
}

document.addEventListener("click", closeMenus);
document.addEventListener("keydown", closeMenus);

/** @type {HTMLElement | null} */
const summary = document.querySelector("[data-focus]");
summary?.focus();

for (const form of document.querySelectorAll("form[data-auto]")) {
  form.addEventListener("change", () => /** @type {HTMLFormElement} */ (form).requestSubmit());
}
