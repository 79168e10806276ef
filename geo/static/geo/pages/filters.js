// @ts-check
// The filters of the map beside its chips: kinds that follow the families, periods, all off.

import { isPhone } from "../map/tokens.js";
import { writeForm } from "./address.js";
import { Period } from "./period.js";

/** The form's filters, which tell when they change. */
export class Filters {
  /**
   * @param {HTMLFormElement} form
   * @param {() => void} onChange
   */
  constructor(form, onChange) {
    this.form = form;
    this.onChange = onChange;
    this.period = new Period(form, () => {
      this.settle();
      onChange();
    });
    this.more = /** @type {HTMLDetailsElement} */ (form.querySelector("details.filters"));
    this.category = /** @type {HTMLSelectElement} */ (form.querySelector("[name=category]"));
    this.words = "";
    this.listen();
    this.settle();
  }

  listen() {
    const { form, more } = this;
    form.addEventListener("change", () => this.settle());
    form.addEventListener("click", (event) => {
      if (!(event.target instanceof Element)) return;
      const preset = event.target.closest("[data-since]");
      const isClear = event.target.closest("[data-clear]");
      if (preset instanceof HTMLElement) this.choosePeriod(preset.dataset.since ?? "");
      else if (isClear) this.clear();
      else if (event.target.closest("[data-done]")) more.open = false;
      if (preset || isClear) event.preventDefault();
    });
    document.addEventListener("click", ({ target }) => {
      const isOutside = target instanceof Node && target.isConnected && !more.contains(target);
      if (isPhone() && isOutside) more.open = false;
    });
    more.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !more.open) return;
      event.preventDefault();
      more.open = false;
      more.querySelector("summary")?.focus();
    });
  }

  /** @param {string} since ISO date, or "" */
  choosePeriod(since) {
    this.period.since.value = since;
    this.period.until.value = "";
    this.settle();
    this.onChange();
  }

  clear() {
    writeForm(this.form, new URLSearchParams());
    this.settle();
    this.onChange();
  }

  /** What follows from the form's values: which kinds there are, what is pressed, the words. */
  settle() {
    this.offerKinds();
    this.period.draw();
    const { since, until } = this.period;
    for (const preset of this.form.querySelectorAll("[data-since]")) {
      const isChosen = /** @type {HTMLElement} */ (preset).dataset.since === since.value;
      if (isChosen && !until.value) preset.setAttribute("aria-current", "true");
      else preset.removeAttribute("aria-current");
    }
    this.say();
  }

  /** Offer the kinds of the chosen families, or of all. */
  offerKinds() {
    const chosen = new FormData(this.form).getAll("cat");
    for (const group of this.category.querySelectorAll("optgroup")) {
      group.hidden = chosen.length > 0 && !chosen.includes(group.dataset.family ?? "");
      group.disabled = group.hidden;
    }
    if (this.category.selectedOptions[0]?.closest("optgroup")?.disabled) this.category.value = "";
  }

  /** @param {string} [period] in words, as the server says it */
  say(period = this.words) {
    this.words = period;
    const place = this.form.querySelector("[data-filters]");
    if (!place || !period) return;
    const kind = this.category.value ? this.category.selectedOptions[0]?.textContent : "";
    place.textContent = [period, kind].filter(Boolean).join(" · ");
  }
}
