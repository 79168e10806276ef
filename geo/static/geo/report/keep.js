// @ts-check
// Keeps the form as it is filled, where that is wanted, and fills it again.

import { forgetDraft, keepDraft } from "./draft.js";
import { fill } from "./questions.js";

const PAUSE_MS = 300;
const NEVER_KEPT = new Set(["csrfmiddlewaretoken", "asked", "kind_search"]);
/** What a link may begin a report with; it goes before what was kept. */
const BEGUN = ["lat", "lon", "family", "category"];

/** @param {unknown} error */
const notKept = (error) => console.warn("The report could not be kept on this device:", error);

/** Writes the form to the device, a moment after each change. */
export class Keeper {
  /**
   * @param {HTMLFormElement} form
   * @param {() => {step: string, keys: string[], photos: Blob[]}} state
   */
  constructor(form, state) {
    this.form = form;
    this.state = state;
    this.isWanted = true;
    this.isSent = false;
    this.isOver = false;
    this.waiting = 0;
    for (const event of ["input", "change"]) form.addEventListener(event, () => this.soon());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "hidden" && this.waiting) this.now();
    });
  }

  soon() {
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.now(), PAUSE_MS);
  }

  now() {
    clearTimeout(this.waiting);
    this.waiting = 0;
    if (this.isOver || !this.isWanted) return Promise.resolve();
    const data = [...new FormData(this.form)].filter(([name]) => !NEVER_KEPT.has(name));
    const values = data.flatMap(([name, value]) =>
      typeof value === "string" ? [/** @type {[string, string]} */ ([name, value])] : [],
    );
    const uuid = String(new FormData(this.form).get("client_uuid"));
    const draft = { uuid, values, isSent: this.isSent, ...this.state() };
    return keepDraft(draft).catch(notKept);
  }

  /** @param {boolean} isWanted whether the device may keep it */
  allow(isWanted) {
    this.isWanted = isWanted;
    if (isWanted) this.soon();
    else forgetDraft().catch(notKept);
  }

  /** The report is sent or given up: nothing of it stays. */
  end() {
    this.isOver = true;
    clearTimeout(this.waiting);
    return forgetDraft().catch(notKept);
  }
}

/**
 * Fill a form with what was kept; what its address began it with stays.
 *
 * @param {HTMLFormElement} form
 * @param {[string, string][]} values
 */
export function fillForm(form, values) {
  const data = new FormData(form);
  const begun = new Set(BEGUN.filter((name) => data.get(name)));
  if (begun.has("lat")) begun.add("asset").add("search");
  if (begun.has("category")) begun.add("family");
  /** @type {Map<string, string[]>} */
  const byName = new Map();
  for (const [name, value] of values) byName.set(name, [...(byName.get(name) ?? []), value]);
  for (const [name, all] of byName) if (!begun.has(name)) fill(form, name, all);
}
