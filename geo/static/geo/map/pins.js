// @ts-check
// Reports on the map: filtered, counted, lit, chosen, opened; and the ground between them.

import { clustersOf } from "./clusters.js";
import { addOverlay } from "./map.js";
import { chosenFrom, clustersFrom, POINTS_FROM_ZOOM, reportLayers } from "./report-layers.js";
import { listenToGround } from "./touch.js";

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {import("maplibre-gl").LngLat} LngLat
 * @typedef {import("maplibre-gl").MapGeoJSONFeature} Feature
 * @typedef {Record<string, any>} Properties of a report in a tile: id, family, state, phase, title,
 *   masked (shown by block), late
 * @typedef {{id: string, point: [number, number], family: string, phase: string, late?: boolean}} Chosen
 * @typedef {object} Options
 * @property {string} [slug] layer of the reports; "reports" (public) or "incidents" (crews)
 * @property {string} [query] filters as a query string, without the question mark
 * @property {boolean} [counts] whether circles count them from afar
 * @property {(properties: Properties, all: Properties[]) => void} [onSelect] a pin was clicked or
 *   entered; `all` are those of the very same place
 * @property {(id: string | null) => void} [onHover] the pointer is over a pin, or over none
 * @property {(place: LngLat) => void} [onGround] a place without a pin was clicked or entered, or
 *   any was pressed long
 */

/** Parts of the public map that go below something else: pins below names, because people look for
 * their street, and the discs of blocks below streets. @type {[RegExp, string][]} */
const BELOW = [
  [/^reports-(dots|pins)$/, "streets-names"],
  [/^reports-blocks$/, "streets-minor"],
];
const CLOSE_PX = 6;
const CENTRE_PX = 22;
const PIN_PX = 14;
const SAME_PLACE_DEGREES = 2e-6;

/**
 * @param {Chosen | null} chosen
 * @returns {import("geojson").FeatureCollection}
 */
const collectionOf = (chosen) => ({
  type: "FeatureCollection",
  features: chosen
    ? [
        {
          type: "Feature",
          properties: chosen,
          geometry: { type: "Point", coordinates: chosen.point },
        },
      ]
    : [],
});

/** The reports of a map, which pages filter and light up. */
export class Reports {
  /**
   * @param {LibreMap} map
   * @param {Options} [options]
   */
  constructor(map, { slug = "reports", query = "", counts = true, ...heard } = {}) {
    this.map = map;
    this.slug = slug;
    this.query = query;
    this.lit = "";
    /** @type {Chosen | null} */
    this.chosen = null;
    this.counted = "";
    addOverlay(map, () => this.draw());
    if (counts) map.on("idle", () => this.count());
    this.listen(heard);
  }

  /** Where the tiles of the present filters are described. */
  get address() {
    const url = new URL(`/tiles/${this.slug}.json`, location.origin);
    url.search = this.query;
    return url.href;
  }

  /** Add sources and layers to a fresh style. */
  draw() {
    const { map, slug } = this;
    map.addSource(slug, { type: "vector", url: this.address });
    map.addSource(clustersFrom(slug), { type: "geojson", data: clustersOf([], 0) });
    map.addSource(chosenFrom(slug), { type: "geojson", data: collectionOf(this.chosen) });
    this.counted = "";
    for (const layer of reportLayers(slug)) {
      const above = BELOW.find(([part]) => part.test(layer.id))?.[1];
      map.addLayer(layer, above && map.getLayer(above) ? above : undefined);
    }
    this.light(this.lit);
  }

  /**
   * @param {string} source
   * @param {import("geojson").FeatureCollection} data
   */
  write(source, data) {
    const found = this.map.getSource(source);
    /** @type {import("maplibre-gl").GeoJSONSource | undefined} */ (found)?.setData(data);
  }

  /** Gather the cells of the tiles at hand into circles, if they have changed. */
  count() {
    const { map, slug } = this;
    const zoom = Math.floor(map.getZoom());
    if (zoom >= POINTS_FROM_ZOOM || !map.getSource(slug)) return;
    const cells = map.querySourceFeatures(slug, { sourceLayer: slug, filter: ["has", "n"] });
    const clusters = clustersOf(cells, zoom);
    const counted = JSON.stringify(clusters);
    if (counted === this.counted) return;
    this.counted = counted;
    this.write(clustersFrom(slug), clusters);
  }

  /** @param {string} query filters as a query string, without the question mark */
  filter(query) {
    if (query === this.query) return;
    this.query = query;
    const source = this.map.getSource(this.slug);
    /** @type {import("maplibre-gl").VectorTileSource | undefined} */ (source)?.setUrl(
      this.address,
    );
  }

  /** @param {string | null} id of the report to ring for a moment; null or "" for none */
  light(id) {
    this.lit = id ?? "";
    for (const part of ["lit-ring", "lit"]) {
      this.map.setFilter(`${this.slug}-${part}`, ["==", ["get", "id"], this.lit || "-"]);
    }
  }

  /** @param {Chosen | null} chosen the report to mark until another is; drawn at every zoom */
  choose(chosen) {
    this.chosen = chosen;
    this.write(chosenFrom(this.slug), collectionOf(chosen));
  }

  /**
   * @param {{x: number, y: number}} point
   * @param {number} px how far around it
   * @param {string[]} [parts]
   * @returns {Feature[]} the nearest first; a pin is as near as its edge
   */
  at({ x, y }, px, parts = ["chosen", "lit", "pins", "dots", "clusters"]) {
    const layers = parts.map((part) => `${this.slug}-${part}`);
    /** @param {Feature} feature */
    const distance = (feature) => {
      const place = this.map.project(placeOf(feature));
      const isPin = !feature.layer.id.endsWith("-dots");
      return Math.hypot(place.x - x, place.y - y) - (isPin ? PIN_PX : 0);
    };
    return this.map
      .queryRenderedFeatures(around(x, y, px), { layers })
      .sort((one, other) => distance(one) - distance(other));
  }

  /**
   * Reports that share a feature's place, each once, what is open first.
   *
   * @param {Feature} feature
   * @returns {Properties[]}
   */
  beside(feature) {
    const [lng, lat] = placeOf(feature);
    const here = this.at(this.map.project([lng, lat]), 1, ["dots"])
      .filter((other) => {
        const [otherLng, otherLat] = placeOf(other);
        return Math.hypot(otherLng - lng, otherLat - lat) < SAME_PLACE_DEGREES;
      })
      .map(({ properties }) => properties)
      .sort((one, other) => Number(isEnded(one)) - Number(isEnded(other)));
    return here.filter(({ id }, at) => !id || here.findIndex((one) => one.id === id) === at);
  }

  /**
   * @param {Feature} feature
   * @param {Options["onSelect"]} onSelect
   */
  open(feature, onSelect) {
    const { map } = this;
    if ("n" in feature.properties) {
      map.easeTo({ center: placeOf(feature), zoom: Math.min(map.getZoom() + 2, 15) });
      return;
    }
    const point = placeOf(feature);
    const all = this.beside(feature).map((properties) => ({ ...properties, point }));
    onSelect?.({ ...feature.properties, point }, all);
  }

  /** @param {Pick<Options, "onSelect" | "onHover" | "onGround">} options */
  listen({ onSelect, onHover, onGround }) {
    const { map } = this;
    /**
     * @param {{x: number, y: number}} point
     * @param {number} px
     */
    const openAt = (point, px) => {
      const [feature] = this.at(point, px);
      if (feature) this.open(feature, onSelect);
      return Boolean(feature);
    };
    listenToGround(map, {
      isTaken: (point) => openAt(point, CLOSE_PX),
      onGround: (place) => onGround?.(place),
    });
    map.getCanvas().addEventListener("keydown", ({ key }) => {
      if (key !== "Enter") return;
      const centre = map.getCenter();
      if (!openAt(map.project(centre), CENTRE_PX)) onGround?.(centre);
    });
    if (matchMedia("(hover: hover)").matches) this.follow(onHover);
  }

  /** Tell what the pointer is over. @param {Options["onHover"]} onHover */
  follow(onHover) {
    const { map } = this;
    let over = "";
    map.on("mousemove", ({ point }) => {
      const [feature] = this.at(point, 1);
      map.getCanvas().style.cursor = feature ? "pointer" : "";
      const id = String(feature?.properties.id ?? "");
      if (id === over) return;
      over = id;
      onHover?.(id || null);
    });
  }
}

/** @param {Properties} properties @returns {boolean} whether nothing is left to be done */
const isEnded = ({ phase }) => phase === "done" || phase === "closed";

/**
 * @param {Feature} feature
 * @returns {[number, number]} longitude and latitude
 */
function placeOf({ geometry }) {
  if (geometry.type !== "Point") return [0, 0];
  const [lng = 0, lat = 0] = geometry.coordinates;
  return [lng, lat];
}

/**
 * @param {number} x
 * @param {number} y
 * @param {number} px
 * @returns {[[number, number], [number, number]]}
 */
const around = (x, y, px) => [
  [x - px, y - px],
  [x + px, y + px],
];
