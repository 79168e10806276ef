// @ts-check
// The result of a study on the map, with its legend in words.

import { addOverlay } from "./map.js";
import { BELOW_NAMES, BELOW_STREETS, tileSource } from "./style.js";
import { token } from "./tokens.js";

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {import("maplibre-gl").ExpressionSpecification} Expression
 * @typedef {import("maplibre-gl").LayerSpecification} LayerSpecification
 * @typedef {{value?: any, from?: number, to?: number, label: string, count?: number, token?: string}} ResultClass
 * @typedef {{kind: string, field: string, title?: string, classes: ResultClass[]}} ResultStyle
 */

const NO_DIFFERENCE_OPACITY = 0.55;
const NETWORK_WIDTHS = [1, 1.6, 2.4, 3.6, 5.4];
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
 * One value for each class, as an expression over the class's value or its lower bound.
 *
 * @param {ResultStyle} style
 * @param {(index: number) => string | number} pick
 * @param {string | number} otherwise
 * @returns {Expression}
 */
function byClass({ field, classes }, pick, otherwise) {
  if (!classes.length) return /** @type {Expression} */ (["literal", otherwise]);
  const isRanged = classes.every(({ from }) => typeof from === "number");
  const branches = classes.flatMap(({ value, from }, index) =>
    isRanged ? (index ? [from, pick(index)] : [pick(index)]) : [value, pick(index)],
  );
  const get = isRanged ? ["to-number", ["get", field]] : ["get", field];
  return /** @type {Expression} */ (
    isRanged ? ["step", get, ...branches] : ["match", get, ...branches, otherwise]
  );
}

/**
 * @param {string} slug
 * @param {ResultStyle} style
 * @param {string} geometryType
 * @returns {{layers: LayerSpecification[], before: string}}
 */
function layersOf(slug, style, geometryType) {
  const from = { source: slug, "source-layer": slug };
  const color = byClass(style, (index) => token(tokenOf(style, index)), token("surface-3"));
  const shape = geometryType.toLowerCase().replace("multi", "");
  if (shape.includes("line")) {
    const width = byClass(style, (index) => lineWidth(style, index), 1.6);
    return {
      before: BELOW_NAMES,
      layers: [
        {
          id: slug,
          type: "line",
          ...from,
          layout: { "line-cap": "round", "line-join": "round" },
          paint: { "line-color": color, "line-width": width },
        },
      ],
    };
  }
  if (shape.includes("point")) return { before: BELOW_NAMES, layers: [points(slug, color)] };
  return { before: BELOW_STREETS, layers: areas(slug, style, color) };
}

/**
 * @param {ResultStyle} style
 * @param {number} index
 */
function lineWidth({ kind, classes }, index) {
  if (kind !== "network") return 2.4;
  const last = NETWORK_WIDTHS.length - 1;
  const place = classes.length > 1 ? Math.round((index * last) / (classes.length - 1)) : last;
  return NETWORK_WIDTHS[place] ?? 1;
}

/**
 * @param {string} slug
 * @param {Expression} color
 * @returns {LayerSpecification}
 */
const points = (slug, color) => ({
  id: slug,
  type: "circle",
  source: slug,
  "source-layer": slug,
  paint: {
    "circle-radius": ["interpolate", ["linear"], ["zoom"], 11, 3, 15, 7],
    "circle-color": color,
    "circle-stroke-width": 1.5,
    "circle-stroke-color": token("map-label-halo"),
  },
});

/**
 * @param {string} slug
 * @param {ResultStyle} style
 * @param {Expression} color
 * @returns {LayerSpecification[]}
 */
function areas(slug, style, color) {
  const from = { source: slug, "source-layer": slug };
  /** @type {LayerSpecification[]} */
  const drawn = [
    {
      id: slug,
      type: "fill",
      ...from,
      paint: {
        "fill-color": color,
        "fill-opacity":
          style.kind === "hot-cold"
            ? ["match", ["get", style.field], 0, NO_DIFFERENCE_OPACITY, 0.9]
            : 0.85,
      },
    },
    {
      id: `${slug}-edges`,
      type: "line",
      ...from,
      paint: { "line-color": token("surface"), "line-width": 0.9 },
    },
  ];
  if (style.kind === "hot-cold") drawn.push(signs(slug, style));
  return drawn;
}

/**
 * The strongest classes carry their sign, so that they read without colour.
 *
 * @param {string} slug
 * @param {ResultStyle} style
 * @returns {LayerSpecification}
 */
const signs = (slug, { field }) => ({
  id: `${slug}-signs`,
  type: "symbol",
  source: slug,
  "source-layer": slug,
  filter: ["in", ["get", field], ["literal", [-3, 3]]],
  layout: {
    "text-field": ["match", ["get", field], 3, "+", "−"],
    "text-font": ["Inter Semibold"],
    "text-size": ["interpolate", ["linear"], ["zoom"], 10, 9, 13, 15],
    "text-padding": 0,
  },
  paint: { "text-color": token("surface") },
});

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

/**
 * Draw a result layer and write its legend.
 *
 * @param {LibreMap} map
 * @param {string} slug of the layer
 * @param {HTMLElement | null} [legend] a `ul`
 */
export async function addResult(map, slug, legend) {
  const { url = "" } = tileSource(slug);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
  const { civicgrid } = await response.json();
  /** @type {ResultStyle} */
  const style = { classes: [], ...civicgrid.style };
  addOverlay(map, () => {
    const { layers, before } = layersOf(slug, style, civicgrid.geometry_type ?? "polygon");
    map.addSource(slug, tileSource(slug));
    for (const layer of layers) {
      const place = layer.type === "symbol" ? undefined : before;
      map.addLayer(layer, place && map.getLayer(place) ? place : undefined);
    }
  });
  if (legend) writeLegend(legend, style);
}
