// @ts-check
// A button that prints the page: `data-print`.

for (const button of document.querySelectorAll("[data-print]"))
  button.addEventListener("click", () => print());
