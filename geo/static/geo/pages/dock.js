// @ts-check
// What is chosen on the map, docked in its corner: a report, or a place.

/**
 * @typedef {import("../map/pins.js").Properties} Properties
 */

/** Shows what the page's address chooses. */
export class Dock {
  /**
   * @param {HTMLElement} element
   * @param {{onClose: () => void, onChange: () => void}} heard `onClose` when its viewer closes it
   */
  constructor(element, { onClose, onChange }) {
    this.element = element;
    this.onChange = onChange;
    this.asked = new AbortController();
    /** What had the focus before it came here. @type {HTMLElement | null} */
    this.before = null;
    const close = () => {
      const hadFocus = element.contains(document.activeElement);
      onClose();
      if (hadFocus) this.before?.focus();
    };
    element.addEventListener("click", (event) => {
      if (!(event.target instanceof Element && event.target.closest("[data-close]"))) return;
      event.preventDefault();
      close();
    });
    document.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented || element.hidden) return;
      if (!document.querySelector("details.menu[open]")) close();
    });
  }

  get isOpen() {
    return !this.element.hidden;
  }

  /** @returns {HTMLElement | null} what is shown, with its data */
  get shown() {
    return this.element.querySelector(".choice");
  }

  close() {
    this.asked.abort();
    this.element.hidden = true;
    this.element.replaceChildren();
    this.onChange();
  }

  /**
   * Show what an address chooses.
   *
   * @param {string} address
   * @returns {Promise<HTMLElement | null>} null when it did not come, or came too late
   */
  async load(address) {
    this.asked.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    try {
      const response = await fetch(address, { headers: { "X-Fragment": "chosen" }, signal });
      if (!response.ok) throw new TypeError(`${address} answered ${response.status}`);
      const html = await response.text();
      if (signal.aborted) return null;
      this.element.innerHTML = html;
    } catch (error) {
      if (signal.aborted) return null;
      if (!(error instanceof TypeError)) throw error;
      this.say(gettext("This cannot be looked up now. Try again in a moment."));
    }
    this.open();
    return this.shown;
  }

  /** A report that has no page: what its pin says. @param {Properties} properties */
  unnumbered({ title }) {
    this.asked.abort();
    this.say(String(title));
    this.open();
  }

  /** @param {string} words */
  say(words) {
    const template = /** @type {HTMLTemplateElement} */ (document.getElementById("unnumbered"));
    this.element.replaceChildren(template.content.cloneNode(true));
    const heading = this.element.querySelector("h2");
    if (heading) heading.textContent = words;
  }

  open() {
    this.element.hidden = !this.shown;
    this.onChange();
  }

  /** Take the focus, to give it back when it closes. */
  focus() {
    const before = document.activeElement;
    this.before = before instanceof HTMLElement ? before : null;
    this.shown?.focus();
  }

  /**
   * Say that several reports share the place, and let them be leafed through.
   *
   * @param {number} at
   * @param {number} all
   * @param {(at: number) => void} onStep
   */
  leaf(at, all, onStep) {
    if (all < 2 || !this.shown) return;
    const row = document.createElement("div");
    row.className = "row between sm";
    const words = document.createElement("span");
    words.textContent = interpolate(
      gettext("%(n)s of %(all)s at this place"),
      { n: at + 1, all },
      true,
    );
    const next = document.createElement("button");
    next.type = "button";
    next.className = "btn";
    next.textContent = gettext("Next");
    next.addEventListener("click", () => onStep((at + 1) % all));
    row.append(words, next);
    this.shown.append(row);
  }
}
