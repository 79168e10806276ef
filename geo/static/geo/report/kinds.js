// @ts-check
// The second step: what is wrong. Groups, words, and the tiles of the kinds that fit.

import { findKinds } from "./kind-search.js";
import { find } from "./place.js";

const MOST_TILES = 8;

/** @typedef {{tile: HTMLElement, input: HTMLInputElement}} Kind */

/** The kind of a report. */
export class KindStep {
  /**
   * @param {HTMLFormElement} form
   * @param {(kind: HTMLInputElement) => void} onChoose
   */
  constructor(form, onChoose) {
    this.form = form;
    this.tiles = find(form, ".tiles", HTMLElement);
    this.said = find(form, "[data-kinds-said]", HTMLElement);
    this.more = find(form, "[data-more]", HTMLButtonElement);
    this.search = find(form, "input[name=kind_search]", HTMLInputElement);
    this.kinds = [...this.tiles.querySelectorAll("label.tile")].map((tile) => ({
      tile: /** @type {HTMLElement} */ (tile),
      input: find(tile, "input", HTMLInputElement),
    }));
    this.assetKind = "";
    this.isWhole = false;
    this.listen(onChoose);
    this.show();
  }

  /** @param {(kind: HTMLInputElement) => void} onChoose */
  listen(onChoose) {
    this.search.addEventListener("input", () => {
      this.isWhole = false;
      this.show();
    });
    this.more.addEventListener("click", () => this.showMore());
    this.form.addEventListener("change", ({ target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      if (target.name === "family") this.showFamily();
      if (target.name === "category") this.chosen(target, onChoose);
    });
  }

  /** @returns {HTMLInputElement | null} the chosen kind */
  get kind() {
    return this.kinds.find(({ input }) => input.checked)?.input ?? null;
  }

  get family() {
    return new FormData(this.form).get("family")?.toString() ?? "";
  }

  /** @param {string} name empty for none */
  setFamily(name) {
    for (const input of this.form.querySelectorAll("input[name=family]")) {
      if (input instanceof HTMLInputElement) input.checked = input.value === name;
    }
  }

  /**
   * @param {HTMLInputElement} input
   * @param {(kind: HTMLInputElement) => void} onChoose
   */
  chosen(input, onChoose) {
    // A group that is in sight is that of the kind; words lead to kinds of any group.
    const { family = "" } = input.closest("label")?.dataset ?? {};
    if (this.family && this.family !== family) this.setFamily(family);
    onChoose(input);
  }

  showFamily() {
    this.search.value = "";
    this.isWhole = false;
    this.show();
  }

  showMore() {
    const before = this.shown().length;
    this.isWhole = true;
    this.show();
    this.shown()[before]?.input.focus();
  }

  /** @returns {Kind[]} */
  shown() {
    return this.kinds.filter(({ tile }) => !tile.hidden);
  }

  /** @returns {Kind[]} what fits the words, the group or the thing, best first */
  fitting() {
    const { kinds, family } = this;
    const words = this.search.value.trim();
    if (words) {
      this.setFamily("");
      return findKinds(kinds, ({ tile }) => wordsOf(tile), words);
    }
    if (family) return kinds.filter(({ tile }) => tile.dataset.family === family);
    const about = kinds.filter(({ tile }) => this.isAbout(tile));
    const often = kinds.filter(({ tile }) => "frequent" in tile.dataset);
    return [...new Set([...about, ...often, ...kinds])];
  }

  /** @param {HTMLElement} tile */
  isAbout({ dataset }) {
    return Boolean(this.assetKind) && dataset.assetKind === this.assetKind;
  }

  show() {
    const fitting = this.fitting();
    const most = this.isWhole ? fitting.length : MOST_TILES;
    const chosen = fitting.find(({ input }) => input.checked);
    const first = fitting.slice(0, most);
    if (chosen && !first.includes(chosen)) first.splice(-1, 1, chosen);
    for (const { tile } of this.kinds) tile.hidden = true;
    for (const { tile } of first) {
      tile.hidden = false;
      this.tiles.append(tile); // in the order of fitting, for eyes and keys alike
    }
    this.more.hidden = fitting.length <= first.length;
    this.say(fitting.length);
  }

  /** @param {number} n */
  say(n) {
    const words = this.search.value.trim();
    if (words && n === 0) {
      this.said.textContent = gettext(
        "No kind is called that. Choose a group, or “Something else”.",
      );
    } else if (words) {
      const counted = ngettext("%(n)s kind comes near", "%(n)s kinds come near", n);
      this.said.textContent = interpolate(counted, { n }, true);
    } else {
      this.said.textContent = this.family ? "" : gettext("Reported most often of late");
    }
  }

  /** Show the group of a kind that was chosen before, with its tile in sight. */
  showChosen() {
    const family = this.kind?.closest("label")?.dataset.family;
    if (family && !this.family && !this.search.value) this.setFamily(family);
    this.show();
  }
}

/** @param {HTMLElement} tile @returns {import("./kind-search.js").Words} */
function wordsOf({ dataset }) {
  const [title = "", keywords = "", description = ""] = (dataset.words ?? "").split("|");
  return [title, keywords, description];
}
