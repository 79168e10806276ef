// @ts-check
// The four steps of a report: which is shown, where the history leads, what has the focus.

export const STEPS = /** @type {const} */ (["place", "kind", "details", "check"]);
/** @typedef {(typeof STEPS)[number]} Step */

/** @returns {Step} the step that the address names; the first where it names none */
const stepOfAddress = () => STEPS.find((step) => `#${step}` === location.hash) ?? "place";

/** Shows one step at a time. */
export class Steps {
  /**
   * @param {HTMLElement} main
   * @param {(step: Step) => void} onEnter
   */
  constructor(main, onEnter) {
    this.main = main;
    this.onEnter = onEnter;
    /** Whether steps leave no trace in the history. */
    this.isTraceless = false;
    this.walked = 0;
    this.site = document.title;
    this.title = /** @type {HTMLElement} */ (main.querySelector("[data-title]"));
    this.counted = /** @type {HTMLElement} */ (main.querySelector("[data-count]"));
    window.addEventListener("popstate", () => {
      this.walked = history.state?.walked ?? 0;
      this.show(stepOfAddress());
    });
    main.querySelector("[data-back]")?.addEventListener("click", (event) => {
      if (this.current === "place") return; // the link leads to the map
      event.preventDefault();
      if (this.walked > 0) history.back();
      else this.replace(this.before());
    });
  }

  /** @returns {Step} */
  get current() {
    return /** @type {Step} */ (this.main.dataset.step ?? "place");
  }

  /** @returns {Step} */
  before() {
    return STEPS[STEPS.indexOf(this.current) - 1] ?? "place";
  }

  /** @param {Step} step where a report begins or goes on after a reload */
  begin(step) {
    this.walked = history.state?.walked ?? 0;
    // What the address began the report with is in the form now, and names a place.
    history.replaceState({ walked: this.walked }, "", `${location.pathname}#${step}`);
    this.main.classList.add("on");
    document.body.classList.add("map-page");
    this.show(step, false);
  }

  /** @param {Step} step */
  go(step) {
    if (step === this.current) return;
    if (this.isTraceless) return this.replace(step);
    history.pushState({ walked: ++this.walked }, "", `#${step}`);
    this.show(step);
  }

  /** @param {Step} step */
  replace(step) {
    history.replaceState(history.state, "", `#${step}`);
    this.show(step);
  }

  /**
   * @param {Step} step
   * @param {boolean} [takesFocus]
   */
  show(step, takesFocus = true) {
    this.main.dataset.step = step;
    const place = STEPS.indexOf(step);
    const words = document.getElementById(`step-${step}`)?.textContent ?? "";
    const values = { n: place + 1, total: STEPS.length };
    this.title.textContent = words;
    this.counted.textContent = interpolate(gettext("%(n)s of %(total)s"), values, true);
    document.title = `${words} · ${this.site}`;
    [...this.main.querySelectorAll(".steps > *")].forEach((bar, at) => {
      bar.classList.toggle("on", at <= place);
    });
    for (const body of this.main.querySelectorAll(".step-body")) body.scrollTop = 0;
    window.scrollTo(0, 0); // where the page scrolls as a whole
    if (takesFocus) this.title.focus({ preventScroll: true });
    this.onEnter(step);
  }
}
