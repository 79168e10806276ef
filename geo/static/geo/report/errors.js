// @ts-check
// What is wrong with a form: a summary that takes the focus, and a line at each field.

/**
 * @typedef {object} Wrong
 * @property {string} field name of the field; empty where it is about none
 * @property {string} detail what is wrong and what helps
 */

/** @param {string} name */
export function part(name) {
  const holder = document.querySelector(`template[data-part="${name}"]`);
  const root = holder instanceof HTMLTemplateElement && holder.content.firstElementChild;
  if (!(root instanceof HTMLElement)) throw new Error(`The page has no part “${name}”.`);
  return /** @type {HTMLElement} */ (root.cloneNode(true));
}

/** @param {Element} control @returns {HTMLElement} what a message about it stands below */
function holderOf(control) {
  const holder = control.closest("fieldset[id], .field") ?? control;
  return /** @type {HTMLElement} */ (holder);
}

/** @param {Element} control */
function nameOf(control) {
  const label = document.querySelector(`label[for="${control.id}"]`);
  const legend = control.querySelector(":scope > legend");
  const words = /** @type {Element | undefined} */ (label ?? legend ?? undefined)?.cloneNode(true);
  if (!(words instanceof Element)) return "";
  for (const extra of words.querySelectorAll(".optional")) extra.remove();
  return words.textContent?.trim() ?? "";
}

/** Puts errors into one form and takes them out again. */
export class Errors {
  /**
   * @param {HTMLFormElement} form
   * @param {(control: HTMLElement) => void} goTo shows the step of a field and focuses it
   */
  constructor(form, goTo) {
    this.form = form;
    this.goTo = goTo;
    this.notes = /** @type {HTMLElement} */ (form.querySelector("[data-notes]"));
  }

  clear() {
    this.notes.replaceChildren();
    for (const line of this.form.querySelectorAll("[data-error-of]")) line.remove();
    for (const control of this.form.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      control.removeAttribute("aria-describedby");
    }
  }

  /**
   * @param {Wrong[]} wrongs
   * @returns {HTMLElement | undefined} the first field that is wrong, in the order of the form
   */
  show(wrongs) {
    this.clear();
    const summary = part("summary");
    const heading = summary.querySelector("[data-heading]");
    const n = wrongs.length;
    const words = ngettext("One thing needs another look", "%(n)s things need another look", n);
    if (heading) heading.textContent = interpolate(words, { n }, true);
    const places = wrongs.map((wrong) => this.placeOf(wrong));
    const list = summary.querySelector("ul");
    wrongs.forEach((wrong, at) => {
      list?.append(this.entry(wrong, places[at] ?? null));
    });
    this.notes.replaceChildren(summary);
    const first = places.filter((place) => place !== null).sort(inOrder)[0];
    return first ?? undefined;
  }

  focusSummary() {
    const summary = this.notes.firstElementChild;
    if (summary instanceof HTMLElement) summary.focus();
  }

  /** @param {Wrong} wrong @returns {HTMLElement | null} */
  placeOf({ field }) {
    return field ? document.getElementById(`id_${field}`) : null;
  }

  /**
   * @param {Wrong} wrong
   * @param {HTMLElement | null} control
   */
  entry({ detail }, control) {
    const entry = document.createElement("li");
    if (!control) {
      entry.textContent = detail;
      return entry;
    }
    const link = document.createElement("a");
    link.href = `#${control.id}`;
    link.textContent = nameOf(control) || detail;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      this.goTo(control);
    });
    entry.append(link, ...(nameOf(control) ? [`: ${detail}`] : []));
    this.mark(control, detail);
    return entry;
  }

  /**
   * @param {HTMLElement} control
   * @param {string} detail
   */
  mark(control, detail) {
    const line = part("error-line");
    line.id = `${control.id}_error`;
    line.dataset.errorOf = control.id;
    const words = line.querySelector("span");
    if (words) words.textContent = detail;
    holderOf(control).append(line);
    control.setAttribute("aria-invalid", "true");
    control.setAttribute("aria-describedby", line.id);
  }
}

/**
 * @param {Node} a
 * @param {Node} b
 */
function inOrder(a, b) {
  return a.compareDocumentPosition(b) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1;
}
