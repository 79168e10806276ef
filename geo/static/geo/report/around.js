// @ts-check
// What is drawn around the pin: the things of the city that a report may be about, and how well
// the device knows its place.

import { addOverlay } from "../map/map.js";
import { BELOW_NAMES, tileSource } from "../map/style.js";
import { token } from "../map/tokens.js";

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {import("../map/places.js").LonLat} LonLat
 */

const ASSETS_FROM_ZOOM = 16;
const FINGER_PX = 16;
const METRES_A_DEGREE = 111_320;
const CORNERS = 48;

/**
 * @typedef {object} Taps
 * @property {(asset: {code: string, point: LonLat}) => void} onAsset a thing was tapped
 * @property {(point: LonLat) => void} onGround the map was tapped where no thing stands
 */

/**
 * @param {LibreMap} map
 * @param {string[]} layers slugs that the page may show
 * @param {Taps} taps
 */
export function showAssets(map, layers, { onAsset, onGround }) {
  const slugs = layers.filter((slug) => slug.startsWith("assets-"));
  addOverlay(map, () => {
    for (const slug of slugs) drawAssets(map, slug);
  });
  map.on("click", ({ point: { x, y }, lngLat }) => {
    const [nearest] = map.queryRenderedFeatures(
      [
        [x - FINGER_PX, y - FINGER_PX],
        [x + FINGER_PX, y + FINGER_PX],
      ],
      { layers: slugs.filter((slug) => map.getLayer(slug)) },
    );
    if (nearest?.geometry.type !== "Point") return onGround([lngLat.lng, lngLat.lat]);
    const [lon = 0, lat = 0] = nearest.geometry.coordinates;
    onAsset({ code: String(nearest.properties.code), point: [lon, lat] });
  });
}

/**
 * @param {LibreMap} map
 * @param {string} slug
 */
function drawAssets(map, slug) {
  if (!map.getSource(slug)) map.addSource(slug, tileSource(slug));
  /** @type {import("maplibre-gl").LayerSpecification} */
  const dots = {
    id: slug,
    type: "circle",
    source: slug,
    "source-layer": slug,
    minzoom: ASSETS_FROM_ZOOM,
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 16, 4, 18, 7],
      "circle-color": token("surface"),
      "circle-stroke-color": token("ink-2"),
      "circle-stroke-width": 2,
    },
  };
  map.addLayer(dots, BELOW_NAMES); // reports come above them
}

/**
 * @param {LonLat} centre
 * @param {number} radiusM
 * @returns {GeoJSON.Polygon}
 */
function disc([lon, lat], radiusM) {
  const north = radiusM / METRES_A_DEGREE;
  const east = north / Math.cos((lat * Math.PI) / 180);
  const ring = Array.from({ length: CORNERS + 1 }, (_, corner) => {
    const angle = (corner % CORNERS) * ((2 * Math.PI) / CORNERS);
    return [lon + east * Math.cos(angle), lat + north * Math.sin(angle)];
  });
  return { type: "Polygon", coordinates: [ring] };
}

const ACCURACY = "accuracy";

/**
 * Draw how well the device knows its place, in place of what was drawn before.
 *
 * @param {LibreMap} map
 * @param {LonLat} centre
 * @param {number} radiusM
 */
export function showAccuracy(map, centre, radiusM) {
  const source = map.getSource(ACCURACY);
  if (source) {
    const geojson = /** @type {import("maplibre-gl").GeoJSONSource} */ (source);
    geojson.setData(disc(centre, radiusM));
    return;
  }
  addOverlay(map, () => {
    map.addSource(ACCURACY, { type: "geojson", data: disc(centre, radiusM) });
    map.addLayer({
      id: ACCURACY,
      type: "fill",
      source: ACCURACY,
      paint: {
        "fill-color": token("primary"),
        "fill-opacity": 0.12,
        "fill-outline-color": token("primary"),
      },
    });
  });
}
