// @ts-check
// Choosing a place: the map moves, the pin stays in the middle.

const STEP_M = 5;
const METRES_A_DEGREE = 111_320;
/** As near as a place is looked at once it is chosen. */
const NEAR_ZOOM = 17;

/** @typedef {[number, number]} LonLat longitude and latitude in EPSG:4326 */

/** @type {Record<string, [number, number]>} steps to the east and to the north */
const ARROWS = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
};

/**
 * The centre moved by steps of five metres.
 *
 * @param {{lng: number, lat: number}} centre
 * @param {[number, number]} steps
 * @returns {LonLat}
 */
function stepped({ lng, lat }, [east, north]) {
  const metresEast = METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180);
  return [lng + (east * STEP_M) / metresEast, lat + (north * STEP_M) / METRES_A_DEGREE];
}

/** The pin and its shadow, in the middle of the map. */
function crosshair() {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="crosshair" viewBox="0 0 48 60" aria-hidden="true">
    <path class="crosshair-pin" d="M24 59S45 37 45 23A21 21 0 0 0 3 23c0 14 21 36 21 36z"/>
    <circle class="crosshair-eye" cx="24" cy="23" r="7"/></svg><span class="crosshair-foot"></span>`;
  return holder.content;
}

/** The middle of a map as the place that somebody points at. */
export class Picker {
  /**
   * @param {HTMLElement} element the `.map`
   * @param {import("maplibre-gl").Map} map
   * @param {(point: LonLat) => void} onMove the pin stands on another place
   */
  constructor(element, map, onMove) {
    this.map = map;
    this.element = element;
    this.onMove = onMove;
    this.told = map.getCenter().toString();
    element.append(crosshair());
    this.listen();
  }

  /** @returns {LonLat} */
  get point() {
    const { lng, lat } = this.map.getCenter();
    return [lng, lat];
  }

  listen() {
    const { map, element } = this;
    map.keyboard.disable();
    // The pin stays where it stands while one zooms with two fingers or the wheel.
    map.scrollZoom.enable({ around: "center" });
    map.touchZoomRotate.enable({ around: "center" });
    map.touchZoomRotate.disableRotation();
    map.on("movestart", () => element.classList.add("moving"));
    map.on("moveend", () => this.moved());
    map.getCanvas().addEventListener("keydown", (event) => this.pressed(event));
  }

  moved() {
    this.element.classList.remove("moving");
    const centre = this.map.getCenter().toString();
    if (centre === this.told) return; // a change of size or zoom says nothing about the place
    this.told = centre;
    this.onMove(this.point);
  }

  /** @param {KeyboardEvent} event */
  pressed(event) {
    const { map } = this;
    const steps = ARROWS[event.key];
    if (steps) map.jumpTo({ center: stepped(map.getCenter(), steps) });
    else if (event.key === "+" || event.key === "=") map.zoomIn();
    else if (event.key === "-") map.zoomOut();
    else return;
    event.preventDefault();
  }

  /**
   * Put the pin on a place; it is told even where it stood there before.
   *
   * @param {LonLat} center
   */
  jumpTo(center) {
    this.told = "";
    this.map.jumpTo({ center, zoom: Math.max(this.map.getZoom(), NEAR_ZOOM) });
  }

  /**
   * Move the pin to a place near by, in sight.
   *
   * @param {LonLat} center
   */
  easeTo(center) {
    this.map.easeTo({ center, duration: 200 });
  }
}
