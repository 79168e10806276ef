// @ts-check
// Asks the city's own gazetteer: which place a text means, and what a point is called.

/**
 * @typedef {[number, number]} LonLat longitude and latitude in EPSG:4326
 * @typedef {object} Place something that a text may mean
 * @property {string} kind such as "street", "crossing", "address", "area" or "report"
 * @property {string} label
 * @property {string} [detail] what tells it from others of its name, such as its part of the city
 * @property {number | null} [lon]
 * @property {number | null} [lat]
 * @property {[number, number, number, number] | null} [bounds] west, south, east, north
 * @property {string | null} [url] its own page, where it has one
 * @typedef {object} Asset a thing that the city looks after
 * @property {number} id
 * @property {string} kind slug of its kind
 * @property {string} kind_title
 * @property {string} code
 * @property {number} distance_m
 * @typedef {object} Spot what a point is called
 * @property {string} label empty where nothing near has a name
 * @property {string} [ward]
 * @property {string} [message] why nothing can be reported there, such as that it is outside
 * @property {boolean} is_inside whether the city looks after it
 * @property {number | null} border_m metres to the city's border, where it is near
 * @property {Asset[]} assets what lies around, the nearest first
 */

const DECIMALS = 5;

/** @param {number} degrees */
export const degrees = (degrees) => degrees.toFixed(DECIMALS);

/**
 * @param {string} path
 * @param {Record<string, string>} query
 * @param {AbortSignal} signal
 * @returns {Promise<any>}
 */
async function answer(path, query, signal) {
  const address = `${path}?${new URLSearchParams(query)}`;
  const response = await fetch(address, { headers: { Accept: "application/json" }, signal });
  if (!response.ok) throw new TypeError(`${address} answered ${response.status}`);
  return response.json();
}

/**
 * @param {string} text as typed; slips of the finger are forgiven
 * @param {LonLat | null} near what lies nearer comes first
 * @param {AbortSignal} signal
 * @returns {Promise<Place[]>} best first
 * @throws {TypeError} when the search cannot be reached
 */
export async function findPlaces(text, near, signal) {
  /** @type {Record<string, string>} */
  const query = near ? { q: text, near: near.map(degrees).join(",") } : { q: text };
  return (await answer("/places/", query, signal)).places;
}

/**
 * @param {LonLat} point
 * @param {AbortSignal} signal
 * @returns {Promise<Spot>}
 * @throws {TypeError} when the look-up cannot be reached
 */
export function placeAt([lon, lat], signal) {
  return answer("/places/at/", { lon: degrees(lon), lat: degrees(lat) }, signal);
}
