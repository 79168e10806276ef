// @ts-check
// The result of a study on the map, with its legend in words.

import { tokenOf, writeLegend } from "./legend.js";
import { addOverlay } from "./map.js";
import { BELOW_NAMES, BELOW_STREETS, tileSource } from "./style.js";
import { token } from "./tokens.js";

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {import("maplibre-gl").ExpressionSpecification} Expression
 * @typedef {import("maplibre-gl").LayerSpecification} LayerSpecification
 * @typedef {import("./legend.js").ResultStyle} ResultStyle
 */

/** The colour of what was tested and does not stand out; the ground shows through it. */
const NO_DIFFERENCE = "hot-0";
const NO_DIFFERENCE_OPACITY = 0.55;
const OPACITY = 0.85;
/** Farther out the signs are larger than the cells. */
const SIGNS_FROM = 12;
const NETWORK_WIDTHS = [1, 1.6, 2.4, 3.6, 5.4];

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
        "fill-opacity": byClass(
          style,
          (index) => (tokenOf(style, index) === NO_DIFFERENCE ? NO_DIFFERENCE_OPACITY : OPACITY),
          OPACITY,
        ),
      },
    },
    {
      id: `${slug}-edges`,
      type: "line",
      ...from,
      paint: {
        "line-color": token("surface"),
        "line-width": ["interpolate", ["linear"], ["zoom"], 10, 0.1, 13, 0.9],
      },
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
  minzoom: SIGNS_FROM,
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
