// @ts-check
// The questions of the chosen kind; answers given before stay where the question stays.

import { find } from "./place.js";

const ANSWER = "answers-";

/** Shows the questions of one kind at a time. */
export class Questions {
  /** @param {HTMLFormElement} form */
  constructor(form) {
    this.form = form;
    this.slot = find(form, "[data-questions]", HTMLElement);
    /** Answers by field, also of kinds that were left. @type {Map<string, string[]>} */
    this.given = new Map();
    /** @type {Promise<void>} */
    this.loading = Promise.resolve();
  }

  /** Names the kind whose questions are shown. */
  get asked() {
    return find(this.slot, "input[name=asked]", HTMLInputElement);
  }

  keep() {
    const data = new FormData(this.form);
    for (const name of new Set(data.keys())) {
      if (name.startsWith(ANSWER)) this.given.set(name, data.getAll(name).map(String));
    }
  }

  /** @param {[string, string][]} values of a kept report */
  restore(values) {
    for (const [name, value] of values) {
      if (!name.startsWith(ANSWER)) continue;
      this.given.set(name, [...(this.given.get(name) ?? []), value]);
    }
  }

  /**
   * Show the questions of a kind, unless they are there.
   *
   * @param {string} kind
   */
  show(kind) {
    this.loading = this.load(kind);
    return this.loading;
  }

  /** @param {string} kind */
  async load(kind) {
    if (this.asked.value === kind) return;
    this.keep();
    const query = new URLSearchParams({ category: kind });
    try {
      const response = await fetch(`/report/?${query}`, { headers: { "X-Fragment": "questions" } });
      if (!response.ok) return;
      this.slot.innerHTML = await response.text();
    } catch (error) {
      if (error instanceof TypeError) return; // without a network they are asked by the people
      throw error;
    }
    for (const [name, values] of this.given) fill(this.slot, name, values);
    const label = find(this.form, "label[for=id_description]", HTMLLabelElement);
    if (label.firstChild) label.firstChild.textContent = `${this.asked.dataset.words} `;
  }
}

/**
 * @param {ParentNode} root
 * @param {string} name
 * @param {string[]} values
 */
export function fill(root, name, values) {
  for (const control of root.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
    if (control instanceof HTMLInputElement && /^(radio|checkbox)$/.test(control.type)) {
      control.checked = values.includes(control.value);
    } else if (control instanceof HTMLInputElement || control instanceof HTMLTextAreaElement) {
      control.value = values[0] ?? "";
    }
  }
}
