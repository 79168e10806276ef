// @ts-check
// A search field that offers places while one types: a combobox with a list (WAI-ARIA 1.2).

import { findPlaces } from "./places.js";

/** @typedef {import("./places.js").Place} Place */
/** @typedef {import("./places.js").LonLat} LonLat */

/**
 * @typedef {object} Options
 * @property {(place: Place) => void} onChoose a place was chosen
 * @property {() => LonLat | null} [near] where the nearest places are wanted
 * @property {boolean} [takesFirst] Enter takes the first offer where none is marked; else it
 *   sends the form
 */

const FEWEST_LETTERS = 2;
const PAUSE_MS = 180;
const SPRITE = new URL("../../vendor/lucide/sprite.svg", import.meta.url).pathname;

/** Icon of each kind of place. @type {Record<string, string>} */
const ICONS = {
  street: "signpost",
  crossing: "waypoints",
  area: "map",
  ward: "map",
  neighbourhood: "map",
  park: "trees",
  water: "droplets",
  report: "hash",
};

let lists = 0;

/**
 * @param {string} name
 * @param {string} className
 * @param {string} [text]
 */
function element(name, className, text = "") {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

/** @param {string} name */
function icon(name) {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="i" aria-hidden="true"><use href="${SPRITE}#${name}"></use></svg>`;
  return holder.content;
}

/**
 * @param {Place} place
 * @param {string} id
 */
function optionOf({ kind, label, detail }, id) {
  const option = element("li", "place-option");
  option.id = id;
  option.setAttribute("role", "option");
  option.setAttribute("aria-selected", "false");
  const words = element("span", "grow");
  words.append(element("span", "place-label", label));
  if (detail) words.append(element("span", "place-detail", detail));
  option.append(icon(ICONS[kind] ?? "map-pin"), words);
  return option;
}

/** The field, its list of offers, and which of them is marked. */
class Search {
  /**
   * @param {HTMLInputElement} input
   * @param {Options} options
   */
  constructor(input, { onChoose, near = () => null, takesFirst = false }) {
    this.input = input;
    this.onChoose = onChoose;
    this.near = near;
    this.takesFirst = takesFirst;
    /** @type {Place[]} */
    this.places = [];
    this.marked = -1;
    this.waiting = 0;
    this.asked = new AbortController();
    this.popup = element("div", "search-popup");
    this.list = element("ul", "place-options");
    this.said = element("p", "search-said");
    this.build();
    this.listen();
  }

  build() {
    const { input, popup, list, said } = this;
    list.id = `places-${++lists}`;
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", gettext("Places"));
    said.setAttribute("role", "status");
    popup.append(list, said);
    (input.closest(".search-box") ?? input.parentElement)?.append(popup);
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", list.id);
    input.autocomplete = "off";
    this.close();
  }

  listen() {
    const { input, popup } = this;
    input.addEventListener("input", () => this.typed());
    input.addEventListener("keydown", (event) => this.pressed(event));
    input.addEventListener("blur", () => this.close());
    input.form?.addEventListener("submit", () => this.close());
    popup.addEventListener("pointerdown", (event) => event.preventDefault()); // keeps the focus
    popup.addEventListener("mousedown", (event) => event.preventDefault());
    popup.addEventListener("click", ({ target }) => {
      const option = target instanceof Element && target.closest("[role=option]");
      if (option) this.choose([...this.list.children].indexOf(option));
    });
  }

  get isOpen() {
    return !this.list.hidden;
  }

  close() {
    clearTimeout(this.waiting);
    this.asked.abort();
    this.show([]);
    this.say("");
  }

  /** @param {string} words */
  say(words) {
    this.said.textContent = words;
    this.popup.classList.toggle("open", this.isOpen || Boolean(words));
  }

  typed() {
    clearTimeout(this.waiting);
    this.asked.abort();
    const text = this.input.value.trim();
    if (text.length < FEWEST_LETTERS) this.close();
    else this.waiting = window.setTimeout(() => this.ask(text), PAUSE_MS);
  }

  /** @param {string} text */
  async ask(text) {
    this.asked = new AbortController();
    const { signal } = this.asked;
    try {
      this.show(await findPlaces(text, this.near(), signal));
      this.say(this.found(text));
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof TypeError)) throw error;
      this.show([]);
      this.say(gettext("The search cannot be reached. Try again in a moment."));
    }
  }

  /** @param {string} text */
  found(text) {
    const n = this.places.length;
    if (n) return interpolate(ngettext("%(n)s place", "%(n)s places", n), { n }, true);
    return interpolate(gettext("We know no place like “%(text)s”."), { text }, true);
  }

  /** @param {Place[]} places */
  show(places) {
    this.places = places;
    this.list.replaceChildren(
      ...places.map((place, index) => optionOf(place, `${this.list.id}-${index}`)),
    );
    this.list.hidden = places.length === 0;
    this.input.setAttribute("aria-expanded", String(this.isOpen));
    this.mark(-1);
  }

  /** @param {number} index -1 for none */
  mark(index) {
    this.marked = index;
    [...this.list.children].forEach((option, at) => {
      option.setAttribute("aria-selected", String(at === index));
      if (at === index) option.scrollIntoView({ block: "nearest" });
    });
    const option = this.list.children[index];
    if (option) this.input.setAttribute("aria-activedescendant", option.id);
    else this.input.removeAttribute("aria-activedescendant");
  }

  /** @param {number} by through the offers and, between last and first, what was typed */
  step(by) {
    const rounds = this.places.length + 1;
    this.mark(((this.marked + 1 + by + rounds) % rounds) - 1);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const { key } = event;
    if (event.isComposing) return;
    if (key === "Enter") this.entered(event);
    else if (key === "Escape" && this.popup.classList.contains("open")) this.close();
    else if (key === "ArrowDown" && this.isOpen) this.step(1);
    else if (key === "ArrowUp" && this.isOpen) this.step(-1);
    else if (key === "ArrowDown") this.typed();
    else return;
    if (key !== "Enter") {
      event.preventDefault();
      event.stopPropagation(); // Escape closes this list alone
    }
  }

  /** @param {KeyboardEvent} event */
  async entered(event) {
    const text = this.input.value.trim();
    if (this.marked < 0 && !(this.takesFirst && text)) return;
    event.preventDefault();
    clearTimeout(this.waiting);
    if (!this.isOpen) await this.ask(text);
    this.choose(Math.max(this.marked, 0));
  }

  /** @param {number} index */
  choose(index) {
    const place = this.places[index];
    if (!place) return;
    this.input.value = place.label;
    this.close();
    this.onChoose(place);
  }
}

/**
 * Let a field offer places. It stands in a `.search-box`, below which the offers open; without
 * this module it is a plain field of its form.
 *
 * @param {HTMLInputElement} input
 * @param {Options} options
 */
export function makeSearch(input, options) {
  new Search(input, options);
}
