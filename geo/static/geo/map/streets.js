// @ts-check
// Streets and railways as the base map draws them: by class, with casings, bridges on top.

import { token } from "./tokens.js";

/**
 * @typedef {import("maplibre-gl").LayerSpecification} LayerSpecification
 * @typedef {import("maplibre-gl").ExpressionSpecification} Expression
 */

const PRIMARY = ["motorway", "motorway_link", "trunk", "trunk_link", "primary", "primary_link"];
const SECONDARY = ["secondary", "secondary_link"];
const TERTIARY = ["tertiary", "tertiary_link"];
const LOCAL = ["residential", "unclassified", "living_street", "road"];
const MAIN = [...PRIMARY, ...SECONDARY, ...TERTIARY];

/** How much wider than a plain line each class is drawn. */
const FACTORS = { minor: 0.55, local: 0.8, tertiary: 1.1, secondary: 1.5, primary: 1.9 };
const MAIN_CASING = 1.35;

/** Line width at a zoom, before the factor of its class. @type {[number, number][]} */
const WIDTHS = [
  [11, 0.4],
  [13, 1.1],
  [15, 4],
  [17, 12],
];

/** A city that gives no class has streets that people live in. @type {Expression} */
const CLASS = ["coalesce", ["get", "class"], "residential"];
/** @type {Expression} */
const ON_BRIDGE = ["==", ["get", "bridge"], true];

/**
 * @param {string[]} classes
 * @returns {Expression}
 */
const isOneOf = (classes) => ["in", CLASS, ["literal", classes]];

/** Streets whose names stand on the map first. */
export const NAMED_FIRST = isOneOf([...PRIMARY, ...SECONDARY]);

/**
 * @param {(px: number) => any} ofStop
 * @returns {Expression}
 */
const byZoom = (ofStop) => [
  "interpolate",
  ["exponential", 1.6],
  ["zoom"],
  ...WIDTHS.flatMap(([zoom, px]) => [zoom, ofStop(px)]),
];

/** @param {number} factor */
const width = (factor) => byZoom((px) => px * factor);

/** Each class at its own width, in one layer. @param {number} thin */
const widthByClass = (thin) => {
  const { minor, local, tertiary, secondary, primary } = FACTORS;
  /** @type {Expression} */
  const factor = ["match", CLASS, LOCAL, local, TERTIARY, tertiary, SECONDARY, secondary];
  return byZoom((px) => ["*", px * thin, [...factor, PRIMARY, primary, minor]]);
};

/**
 * @param {string} id
 * @param {Expression} filter
 * @param {number} minzoom
 * @param {import("maplibre-gl").LineLayerSpecification["paint"]} paint
 * @param {"round" | "butt"} [cap]
 * @returns {LayerSpecification}
 */
const line = (id, filter, minzoom, paint, cap = "round") => ({
  id: `streets-${id}`,
  type: "line",
  source: "streets",
  "source-layer": "streets",
  filter,
  minzoom,
  layout: { "line-cap": cap, "line-join": "round" },
  paint,
});

/**
 * @param {string} id
 * @param {string[]} classes
 * @param {number} minzoom
 * @param {number} factor
 * @param {string} [color]
 * @returns {LayerSpecification}
 */
const road = (id, classes, minzoom, factor, color = "map-road") =>
  line(id, isOneOf(classes), minzoom, { "line-color": token(color), "line-width": width(factor) });

/**
 * @param {string} id
 * @param {string[]} classes
 * @param {number} minzoom
 * @param {number} factor
 * @param {boolean} quiet
 * @returns {LayerSpecification}
 */
const casing = (id, classes, minzoom, factor, quiet) =>
  line(id, isOneOf(classes), minzoom, {
    "line-color": token("map-road-casing"),
    "line-gap-width": width(factor),
    "line-width": 0.8,
    "line-opacity": quiet ? 0.4 : 1,
  });

/**
 * Bridges lie over everything that they cross: an edge without round ends, then the street again.
 *
 * @param {number} thin
 * @param {boolean} quiet
 * @returns {LayerSpecification[]}
 */
const bridges = (thin, quiet) => [
  line(
    "bridges-casing",
    ON_BRIDGE,
    12.5,
    {
      "line-color": token("map-boundary"),
      "line-gap-width": widthByClass(thin),
      "line-width": ["interpolate", ["linear"], ["zoom"], 13, 1, 17, 2.4],
      "line-opacity": quiet ? 0.5 : 1,
    },
    "butt",
  ),
  line("bridges", ON_BRIDGE, 12.5, {
    "line-color": token("map-road"),
    "line-width": widthByClass(thin),
  }),
];

/**
 * @param {boolean} quiet
 * @returns {LayerSpecification[]}
 */
export function streets(quiet) {
  const thin = quiet ? 0.62 : 1;
  const minor = {
    "line-color": token("map-road-minor"),
    "line-width": width(FACTORS.minor * thin),
  };
  return [
    line("minor", ["!", isOneOf([...MAIN, ...LOCAL])], quiet ? 12.5 : 12, minor),
    casing("local-casing", LOCAL, 13.5, FACTORS.local * thin, quiet),
    casing("main-casing", MAIN, 12.5, MAIN_CASING * thin, quiet),
    road("local", LOCAL, 12.5, FACTORS.local * thin, quiet ? "map-road-minor" : "map-road"),
    road("tertiary", TERTIARY, 11, FACTORS.tertiary * thin),
    road("secondary", SECONDARY, 10, FACTORS.secondary * thin),
    road("primary", PRIMARY, 9, FACTORS.primary * thin),
    ...bridges(thin, quiet),
  ];
}

/** A line with cross ties, under the streets. @returns {LayerSpecification[]} */
export function railways() {
  const from = { source: "railways", "source-layer": "railways", minzoom: 11.5 };
  const color = token("map-boundary");
  return [
    {
      id: "railways",
      type: "line",
      ...from,
      layout: { "line-join": "round" },
      paint: {
        "line-color": color,
        "line-width": ["interpolate", ["linear"], ["zoom"], 12, 0.8, 17, 2],
      },
    },
    {
      id: "railways-ties",
      type: "line",
      ...from,
      minzoom: 13,
      paint: {
        "line-color": color,
        "line-width": ["interpolate", ["linear"], ["zoom"], 13, 4, 17, 9],
        "line-dasharray": [0.22, 1.8],
      },
    },
  ];
}
