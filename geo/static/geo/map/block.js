// @ts-check
// What the point of a report that is shown by block stands for: the outline of its block.

import { addOverlay } from "./map.js";
import { BELOW_NAMES, tileSource } from "./style.js";
import { token } from "./tokens.js";

/** @typedef {import("./places.js").LonLat} LonLat */

const CATCHMENTS = "catchments-";
/** How far a tile may move a point; blocks' points lie farther apart. */
const SAME_DEGREES = 2e-5;

/**
 * @param {"lon" | "lat"} name
 * @param {number} value
 * @returns {import("maplibre-gl").ExpressionSpecification}
 */
const isNear = (name, value) => [
  "<",
  ["abs", ["-", ["to-number", ["get", name]], value]],
  SAME_DEGREES,
];

/** The outline of one block, or none. */
export class Block {
  /**
   * @param {import("maplibre-gl").Map} map
   * @param {string[]} layers slugs that the viewer may see; those of the catchments are used
   */
  constructor(map, layers) {
    this.map = map;
    this.slugs = layers.filter((slug) => slug.startsWith(CATCHMENTS));
    /** @type {LonLat | null} */
    this.point = null;
    addOverlay(map, () => this.point && this.draw());
  }

  /** @returns {import("maplibre-gl").FilterSpecification} */
  get filter() {
    const [lon, lat] = this.point ?? [999, 999];
    return ["all", isNear("lon", lon), isNear("lat", lat)];
  }

  draw() {
    for (const slug of this.slugs) {
      const from = { source: slug, "source-layer": slug, filter: this.filter };
      this.map.addSource(slug, tileSource(slug));
      this.map.addLayer(
        {
          id: slug,
          type: "fill",
          ...from,
          paint: { "fill-color": token("primary"), "fill-opacity": 0.14 },
        },
        BELOW_NAMES,
      );
      this.map.addLayer(
        {
          id: `${slug}-edge`,
          type: "line",
          ...from,
          paint: {
            "line-color": token("primary"),
            "line-width": 2,
            "line-dasharray": [2, 1.5],
          },
        },
        BELOW_NAMES,
      );
    }
  }

  /** @param {LonLat | null} point that stands for the block */
  show(point) {
    this.point = point;
    const [first] = this.slugs;
    if (!first) return;
    if (!this.map.getLayer(first)) {
      if (point) this.draw();
      return;
    }
    for (const slug of this.slugs) {
      for (const layer of [slug, `${slug}-edge`]) this.map.setFilter(layer, this.filter);
    }
  }
}
