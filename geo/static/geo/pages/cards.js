// @ts-check
// Cards of a list and pins of a map light each other. A card is `[data-id]`.

/**
 * @param {EventTarget | null} target
 * @returns {string | null}
 */
function idOf(target) {
  if (!(target instanceof Element)) return null;
  const card = target.closest("[data-id]");
  return card instanceof HTMLElement ? (card.dataset.id ?? null) : null;
}

/**
 * Tell which card the pointer or the focus is on.
 *
 * @param {HTMLElement} list
 * @param {(id: string | null) => void} onCard
 */
export function keepInStep(list, onCard) {
  for (const kind of ["pointerover", "focusin"]) {
    list.addEventListener(kind, ({ target }) => onCard(idOf(target)));
  }
  for (const kind of ["pointerleave", "focusout"]) {
    list.addEventListener(kind, () => onCard(null));
  }
}

/**
 * @typedef {object} CardLinks
 * @property {(id: string | null) => void} mark marks the card of a pin for a moment
 * @property {(id: string) => void} choose marks the card of what the page is about
 */

/**
 * @param {HTMLElement} list
 * @returns {CardLinks}
 */
export function cardLinks(list) {
  /** @param {(card: HTMLElement, id: string) => void} act */
  const each = (act) => {
    for (const card of list.querySelectorAll("[data-id]")) {
      if (card instanceof HTMLElement) act(card, card.dataset.id ?? "");
    }
  };
  return {
    mark: (id) =>
      each((card, its) => {
        card.classList.toggle("lit", its === id);
        if (its === id) card.scrollIntoView({ block: "nearest" });
      }),
    choose: (id) =>
      each((card, its) => {
        if (its === id) card.setAttribute("aria-current", "true");
        else card.removeAttribute("aria-current");
        if (its === id) card.scrollIntoView({ block: "nearest" });
      }),
  };
}
