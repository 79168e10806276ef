// @ts-check
// Choosing a place: the map moves, the pin stays in the middle, and the form's fields follow.

const DECIMALS = 6;
const STEP_M = 5;
const METRES_A_DEGREE = 111_320;

/**
 * @typedef {object} Fields
 * @property {HTMLInputElement} lat
 * @property {HTMLInputElement} lon
 * @property {HTMLElement | null} words where the place is said in words, politely
 */

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
 * @returns {[number, number]}
 */
function stepped({ lng, lat }, [east, north]) {
  const metresEast = METRES_A_DEGREE * Math.cos((lat * Math.PI) / 180);
  return [lng + (east * STEP_M) / metresEast, lat + (north * STEP_M) / METRES_A_DEGREE];
}

/**
 * Name the place under the pin by the street that runs nearest to the middle of the map.
 *
 * @param {import("maplibre-gl").Map} map
 * @returns {string}
 */
function streetUnderPin(map) {
  if (!map.getLayer("streets-local")) return "";
  const { x, y } = map.project(map.getCenter());
  for (const px of [4, 12, 30]) {
    const found = map
      .queryRenderedFeatures([
        [x - px, y - px],
        [x + px, y + px],
      ])
      .find(({ source, properties }) => source === "streets" && properties.name);
    if (found) return String(found.properties.name);
  }
  return "";
}

/**
 * @param {import("maplibre-gl").Map} map
 * @param {Fields} fields
 */
function writePlace(map, { lat, lon }) {
  const centre = map.getCenter();
  lat.value = centre.lat.toFixed(DECIMALS);
  lon.value = centre.lng.toFixed(DECIMALS);
  lat.dispatchEvent(new Event("change", { bubbles: true }));
}

/**
 * @param {import("maplibre-gl").Map} map
 * @param {Fields} fields
 */
function sayPlace(map, { lat, lon, words }) {
  if (!words || !lat.value) return;
  const place = streetUnderPin(map) || `${lat.value}, ${lon.value}`;
  if (words.textContent !== place) words.textContent = place;
}

/** The pin and its shadow, in the middle of the map. */
function crosshair() {
  const holder = document.createElement("template");
  holder.innerHTML = `<svg class="crosshair" viewBox="0 0 48 60" aria-hidden="true">
    <path class="crosshair-pin" d="M24 59S45 37 45 23A21 21 0 0 0 3 23c0 14 21 36 21 36z"/>
    <circle class="crosshair-eye" cx="24" cy="23" r="7"/></svg><span class="crosshair-foot"></span>`;
  return holder.content;
}

/**
 * @param {HTMLElement} element the `.map`
 * @param {import("maplibre-gl").Map} map
 * @param {Fields} fields
 */
export function pickPlace(element, map, fields) {
  const start = [Number(fields.lon.value), Number(fields.lat.value)];
  const isChosen =
    fields.lat.value !== "" && fields.lon.value !== "" && start.every(Number.isFinite);
  if (isChosen) map.jumpTo({ center: /** @type {[number, number]} */ (start), zoom: 17 });

  element.append(crosshair());
  map.keyboard.disable();
  map.on("movestart", () => element.classList.add("moving"));
  let written = map.getCenter().toString();
  map.on("moveend", () => {
    element.classList.remove("moving");
    const centre = map.getCenter().toString();
    if (centre === written) return; // a change of size or zoom says nothing about the place
    written = centre;
    writePlace(map, fields);
  });
  map.on("idle", () => sayPlace(map, fields));
  map.getCanvas().addEventListener("keydown", (event) => {
    const steps = ARROWS[event.key];
    if (steps) map.jumpTo({ center: stepped(map.getCenter(), steps) });
    else if (event.key === "+" || event.key === "=") map.zoomIn();
    else if (event.key === "-") map.zoomOut();
    else return;
    event.preventDefault();
  });
  for (const field of [fields.lat, fields.lon]) {
    field.addEventListener("input", () => followTyping(map, fields));
  }
}

/**
 * @param {import("maplibre-gl").Map} map
 * @param {Fields} fields
 */
function followTyping(map, { lat, lon }) {
  const [latitude, longitude] = [Number(lat.value), Number(lon.value)];
  if (!lat.value || !lon.value || Math.abs(latitude) > 85 || Math.abs(longitude) > 180) return;
  const place = { lat: lat.value, lon: lon.value };
  map.jumpTo({ center: [longitude, latitude], zoom: Math.max(map.getZoom(), 16) });
  lat.value = place.lat;
  lon.value = place.lon;
}
