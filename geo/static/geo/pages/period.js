// @ts-check
// The period under the histogram: two handles and the span between them, in step with two dates.

const DAY_MS = 86_400_000;
const SETTLE_MS = 350;
const PAGE_BINS = 4;

/** @typedef {{from: number, to: number}} Span days since the first edge; `to` is not included */

/** @param {string} iso @returns {number} days since 1970 */
const dayOf = (iso) => Date.parse(iso) / DAY_MS;
/** @param {number} day @returns {string} */
const isoOf = (day) => new Date(day * DAY_MS).toISOString().slice(0, 10);

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

/** The two handles of a period. Days are counted from the first edge of the bars. */
export class Period {
  /**
   * @param {HTMLFormElement} form
   * @param {() => void} onChange
   */
  constructor(form, onChange) {
    this.onChange = onChange;
    this.bars = form.querySelector("[data-bars]");
    this.window = /** @type {HTMLElement | null} */ (form.querySelector(".window"));
    this.since = /** @type {HTMLInputElement} */ (form.querySelector("[name=since]"));
    this.until = /** @type {HTMLInputElement} */ (form.querySelector("[name=until]"));
    /** @type {number[]} */
    this.edges = [];
    this.waiting = 0;
    if (!this.window || !this.bars) return;
    this.span = /** @type {HTMLElement} */ (this.window.querySelector(".window-span"));
    this.handles = /** @type {HTMLElement[]} */ ([
      ...this.window.querySelectorAll("[role=slider]"),
    ]);
    this.window.hidden = false;
    this.readEdges();
    this.listen();
    this.draw();
  }

  get days() {
    return (this.edges.at(-1) ?? 0) - (this.edges[0] ?? 0);
  }

  /** @returns {Span} what the two dates say, within the bars */
  get chosen() {
    const first = this.edges[0] ?? 0;
    const from = this.since.value ? dayOf(this.since.value) - first : 0;
    const to = this.until.value ? dayOf(this.until.value) + 1 - first : this.days;
    return { from: clamp(from, 0, this.days), to: clamp(to, 0, this.days) };
  }

  readEdges() {
    const drawn = this.bars?.querySelector("[data-edges]");
    const edges = drawn instanceof SVGElement ? drawn.dataset.edges : "";
    this.edges = (edges ?? "").split(" ").map(dayOf);
  }

  /** Take over new bars. @param {Element | DocumentFragment} bars */
  redraw(bars) {
    if (!this.window) return;
    this.bars?.replaceChildren(bars);
    this.readEdges();
    this.draw();
  }

  /** Put handles and marks where the dates are. */
  draw() {
    if (!this.span || !this.handles) return;
    const { from, to } = this.chosen;
    const share = (/** @type {number} */ day) => `${(100 * day) / this.days}%`;
    const [first, last] = this.handles;
    if (first) this.place(first, from, share(from), from);
    if (last) this.place(last, to, share(to), to - 1);
    first?.classList.toggle("upper", from > this.days / 2);
    this.span.style.insetInlineStart = share(from);
    this.span.style.inlineSize = share(Math.max(to - from, 0));
    this.markBars({ from, to });
  }

  /**
   * @param {HTMLElement} handle
   * @param {number} value
   * @param {string} share
   * @param {number} day that is said
   */
  place(handle, value, share, day) {
    handle.style.insetInlineStart = share;
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", String(this.days));
    handle.setAttribute("aria-valuenow", String(value));
    handle.setAttribute("aria-valuetext", this.said((this.edges[0] ?? 0) + day));
  }

  /** @param {number} day since 1970 */
  said(day) {
    const options = /** @type {const} */ ({ dateStyle: "long", timeZone: "UTC" });
    return new Date(day * DAY_MS).toLocaleDateString(document.documentElement.lang, options);
  }

  /** @param {Span} span */
  markBars({ from, to }) {
    const first = this.edges[0] ?? 0;
    this.bars?.querySelectorAll("rect").forEach((bar, at) => {
      const [start = 0, end = 0] = [this.edges[at], this.edges[at + 1]];
      bar.classList.toggle("in", start - first < to && end - first > from);
    });
  }

  /**
   * Write a span into the dates; what reaches an end of the bars is open there.
   *
   * @param {Span} span
   */
  write({ from, to }) {
    const first = this.edges[0] ?? 0;
    this.since.value = from <= 0 ? "" : isoOf(first + from);
    this.until.value = to >= this.days ? "" : isoOf(first + to - 1);
    this.draw();
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(this.onChange, SETTLE_MS);
  }

  /** @param {number} day @returns {number} place of the nearest edge in the row of edges */
  nearestEdge(day) {
    const first = this.edges[0] ?? 0;
    const distances = this.edges.map((edge) => Math.abs(edge - first - day));
    return distances.indexOf(Math.min(...distances));
  }

  /**
   * The edge that lies some bins from a day; from between two edges, the first step goes to one.
   *
   * @param {number} day
   * @param {number} bins
   */
  stepped(day, bins) {
    const first = this.edges[0] ?? 0;
    const days = this.edges.map((edge) => edge - first);
    const at =
      bins > 0 ? days.findLastIndex((edge) => edge <= day) : days.findIndex((edge) => edge >= day);
    return days[clamp(at + bins, 0, days.length - 1)] ?? day;
  }

  /**
   * @param {number} which 0 for the first day, 1 for the last
   * @param {number} day
   */
  moveHandle(which, day) {
    const { from, to } = this.chosen;
    if (which === 0) this.write({ from: Math.min(day, this.stepped(to, -1)), to });
    else this.write({ from, to: Math.max(day, this.stepped(from, 1)) });
  }

  listen() {
    this.handles?.forEach((handle, which) => {
      handle.addEventListener("keydown", (event) => this.pressed(event, which));
      this.drag(handle, (day) => {
        this.moveHandle(which, this.edgeDay(this.nearestEdge(day)));
      });
    });
    if (!this.span) return;
    /** @type {{day: number, span: Span} | null} */
    let held = null;
    this.span.addEventListener("pointerdown", () => (held = null));
    this.drag(this.span, (day) => {
      held ??= { day, span: this.chosen };
      this.shift(held.span, day - held.day);
    });
    for (const field of [this.since, this.until]) {
      field.addEventListener("change", () => this.draw());
    }
  }

  /** @param {number} at @returns {number} */
  edgeDay(at) {
    return (this.edges[at] ?? 0) - (this.edges[0] ?? 0);
  }

  /**
   * Move the whole span, as long as before, to the nearest edge.
   *
   * @param {Span} span
   * @param {number} by days
   */
  shift({ from, to }, by) {
    const length = to - from;
    const start = this.edgeDay(this.nearestEdge(clamp(from + by, 0, this.days - length)));
    this.write({ from: start, to: Math.min(start + length, this.days) });
  }

  /**
   * @param {KeyboardEvent} event
   * @param {number} which
   */
  pressed(event, which) {
    const later = document.dir === "rtl" ? "ArrowLeft" : "ArrowRight";
    const earlier = document.dir === "rtl" ? "ArrowRight" : "ArrowLeft";
    /** @type {Record<string, number>} */
    const steps = {
      [later]: 1,
      [earlier]: -1,
      ArrowUp: 1,
      ArrowDown: -1,
      PageUp: PAGE_BINS,
      PageDown: -PAGE_BINS,
      Home: -this.edges.length,
      End: this.edges.length,
    };
    const bins = steps[event.key];
    if (bins === undefined) return;
    event.preventDefault();
    const { from, to } = this.chosen;
    this.moveHandle(which, this.stepped(which === 0 ? from : to, bins));
  }

  /**
   * @param {HTMLElement} element
   * @param {(day: number) => void} onDay where the pointer is
   */
  drag(element, onDay) {
    element.addEventListener("pointerdown", (event) => {
      if (event.button) return;
      event.preventDefault();
      if (element.tabIndex >= 0) element.focus();
      element.setPointerCapture(event.pointerId);
    });
    element.addEventListener("pointermove", (event) => {
      if (!element.hasPointerCapture(event.pointerId) || !this.window) return;
      const { left, width } = this.window.getBoundingClientRect();
      const share = clamp((event.clientX - left) / width, 0, 1);
      onDay(this.days * (document.dir === "rtl" ? 1 - share : share));
    });
  }
}
