// @ts-check
// A click, a tap or a long press on the map: which of them means the ground.

/**
 * @typedef {import("maplibre-gl").Map} LibreMap
 * @typedef {import("maplibre-gl").LngLat} LngLat
 * @typedef {import("maplibre-gl").Point} Point
 */

/** A second click within this time zooms; it says nothing about the place. */
const DOUBLE_MS = 260;
const LONG_MS = 550;
/** After a long press, the click that ends it is none. */
const QUIET_MS = 700;

/**
 * @param {LibreMap} map
 * @param {{isTaken: (point: Point) => boolean, onGround: (place: LngLat) => void}} ask `isTaken`
 *   acts on what is drawn at a point and tells whether there was something
 */
export function listenToGround(map, { isTaken, onGround }) {
  let waiting = 0;
  let pressing = 0;
  let pressedAt = -QUIET_MS;
  const isAfterPress = () => performance.now() - pressedAt < QUIET_MS;
  const rest = () => {
    clearTimeout(waiting);
    clearTimeout(pressing);
  };
  /** @param {LngLat} place */
  const press = (place) => {
    rest();
    if (isAfterPress()) return;
    pressedAt = performance.now();
    onGround(place);
  };

  map.on("click", ({ point, lngLat }) => {
    clearTimeout(waiting);
    if (isAfterPress() || isTaken(point)) return;
    waiting = window.setTimeout(() => onGround(lngLat), DOUBLE_MS);
  });
  map.on("dblclick", rest);
  map.on("contextmenu", ({ lngLat }) => press(lngLat));
  // Not every phone sends a context menu for a long press.
  map.on("touchstart", ({ points, lngLat }) => {
    clearTimeout(pressing);
    if (points.length === 1) pressing = window.setTimeout(() => press(lngLat), LONG_MS);
  });
  for (const kind of /** @type {const} */ (["touchmove", "touchend", "touchcancel", "movestart"])) {
    map.on(kind, () => clearTimeout(pressing));
  }
}
