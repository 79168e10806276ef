// @ts-check
// A place that was looked up moves the map; moving the map on lets go of it.

const SAME_DEGREES = 1e-5;

const form = document.querySelector(".report-form");
const lat = form?.querySelector("input[name=lat]");
const lon = form?.querySelector("input[name=lon]");

/** @returns {HTMLInputElement[]} */
const places = () =>
  [...(form?.querySelectorAll("input[name=place]") ?? [])].filter(
    (input) => input instanceof HTMLInputElement,
  );

/** @param {HTMLInputElement} place its value is "lon,lat" */
const degreesOf = ({ value }) => value.split(",").map(Number);

/**
 * @param {HTMLInputElement} latitude
 * @param {HTMLInputElement} longitude
 */
function follow(latitude, longitude) {
  /** @param {HTMLInputElement} place */
  const show = (place) => {
    const [x = 0, y = 0] = degreesOf(place);
    longitude.value = String(x);
    latitude.value = String(y);
    latitude.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const letGo = () => {
    for (const place of places()) {
      const [x = 0, y = 0] = degreesOf(place);
      const isThere =
        Math.abs(x - Number(longitude.value)) < SAME_DEGREES &&
        Math.abs(y - Number(latitude.value)) < SAME_DEGREES;
      if (!isThere) place.checked = false;
    }
  };
  for (const place of places()) {
    place.addEventListener("change", () => show(place));
    if (place.checked) show(place);
  }
  latitude.addEventListener("change", letGo);
}

if (lat instanceof HTMLInputElement && lon instanceof HTMLInputElement) follow(lat, lon);
