// @ts-check
// A button that copies the text of a field: `data-copy` is its id, `data-copied` says that it worked.

const SAID_MS = 3000;

/**
 * @param {HTMLElement} button
 * @param {HTMLInputElement} field
 */
async function copy(button, field) {
  field.select();
  await navigator.clipboard.writeText(field.value);
  const words = button.querySelector("span");
  const before = words?.textContent ?? "";
  if (words) words.textContent = button.dataset.copied ?? "";
  setTimeout(() => {
    if (words) words.textContent = before;
  }, SAID_MS);
}

for (const button of document.querySelectorAll("[data-copy]")) {
  if (!(button instanceof HTMLElement)) continue;
  const field = document.getElementById(button.dataset.copy ?? "");
  if (field instanceof HTMLInputElement)
    button.addEventListener("click", () => copy(button, field));
}
