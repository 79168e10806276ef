// @ts-check
// The classes of a result: their colours, and the legend that says them in words.

/**
 * @typedef {{value?: any, from?: number, to?: number, label: string, count?: number, token?: string}} ResultClass
 * @typedef {{kind: string, field: string, title?: string, classes: ResultClass[]}} ResultStyle
 */

const HOT_COLD = ["hot-m3", "hot-m2", "hot-m1", "hot-0", "hot-p1", "hot-p2", "hot-p3"];
const CATEGORICAL = ["cat-roads", "cat-water", "cat-waste", "cat-crime", "cat-other"];
const RAMPS = { sequential: 6, network: 5 };

/**
 * The token that colours a class; a class may name its own.
 *
 * @param {ResultStyle} style
 * @param {number} index of the class in its order, least first
 * @returns {string}
 */
export function tokenOf({ kind, classes }, index) {
  const own = classes[index];
  if (own?.token) return own.token;
  if (kind === "hot-cold") return HOT_COLD[Number(own?.value ?? 0) + 3] ?? "hot-0";
  if (kind === "sequential" || kind === "network") {
    const steps = RAMPS[kind];
    const place = classes.length > 1 ? Math.round((index * (steps - 1)) / (classes.length - 1)) : 0;
    return `${kind === "network" ? "net" : "seq"}-${place + 1}`;
  }
  return CATEGORICAL[index % CATEGORICAL.length] ?? "cat-other";
}

/**
 * @param {HTMLElement} list the `ul` of the legend
 * @param {ResultStyle} style
 */
export function writeLegend(list, style) {
  const rows = style.classes.map((shown, index) => {
    const row = document.createElement("li");
    const swatch = document.createElement("span");
    swatch.className = "swatch";
    swatch.style.background = `var(--${tokenOf(style, index)})`;
    if (style.kind === "hot-cold" && Math.abs(Number(shown.value)) === 3) {
      swatch.textContent = Number(shown.value) > 0 ? "+" : "−";
    }
    const words = document.createElement("span");
    words.className = "grow";
    words.textContent = shown.label;
    row.append(swatch, words);
    if (shown.count !== undefined) {
      const count = document.createElement("span");
      count.className = "num muted";
      count.textContent = shown.count.toLocaleString(document.documentElement.lang);
      row.append(count);
    }
    return row;
  });
  list.replaceChildren(...rows.reverse());
}
