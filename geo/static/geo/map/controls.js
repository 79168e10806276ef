// @ts-check
// The buttons on the map: they stand in the page, named in its language, and act from here.

/**
 * @param {HTMLElement} element
 * @param {string} name
 * @param {boolean} shown
 */
export function note(element, name, shown) {
  const sentence = element.querySelector(`[data-note="${name}"]`);
  if (sentence instanceof HTMLElement) sentence.hidden = !shown;
}

/**
 * Ask the device for its place and go there; `located` on the element tells where it is.
 *
 * @param {HTMLElement} element
 * @param {import("maplibre-gl").Map} map
 * @param {HTMLElement} button
 */
function locate(element, map, button) {
  note(element, "locate", false);
  navigator.geolocation.getCurrentPosition(
    ({ coords }) => {
      element.dispatchEvent(new CustomEvent("located", { detail: coords }));
      button.setAttribute("aria-pressed", "true");
      map.once("movestart", () => {
        map.once("movestart", () => button.setAttribute("aria-pressed", "false"));
      });
      map.easeTo({
        center: [coords.longitude, coords.latitude],
        zoom: Math.max(map.getZoom(), 16),
      });
    },
    () => note(element, "locate", true),
    { enableHighAccuracy: true, timeout: 10_000, maximumAge: 30_000 },
  );
}

/**
 * @param {HTMLElement} element the `.map`
 * @param {import("maplibre-gl").Map} map
 */
export function bindControls(element, map) {
  /** @type {Record<string, (button: HTMLElement) => void>} */
  const acts = {
    "zoom-in": () => map.zoomIn(),
    "zoom-out": () => map.zoomOut(),
    locate: (button) => locate(element, map, button),
  };
  for (const button of element.querySelectorAll("[data-act]")) {
    if (!(button instanceof HTMLElement)) continue;
    button.addEventListener("click", () => acts[button.dataset.act ?? ""]?.(button));
  }
  const controls = element.querySelector(".map-controls");
  if (controls instanceof HTMLElement) controls.hidden = false;
}
