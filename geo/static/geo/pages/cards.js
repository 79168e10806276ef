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
 * @param {HTMLElement} list
 * @returns {{mark: (id: string | null) => void}} marks the card of a pin
 */
export function cardLinks(list) {
  return {
    mark(id) {
      for (const card of list.querySelectorAll("[data-id]")) {
        const isMeant = id !== null && /** @type {HTMLElement} */ (card).dataset.id === id;
        card.classList.toggle("lit", isMeant);
        if (isMeant) card.scrollIntoView({ block: "nearest" });
      }
    },
  };
}
