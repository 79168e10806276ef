// @ts-check
// The images of the map: pins and dots in the families' shapes, circles that stand for many.

import { token } from "./tokens.js";

export const FAMILIES = ["crime", "roads", "water", "waste", "other"];
/** Shares of a cluster's ring are rounded to this part of the whole. */
export const RING_PARTS = 12;
const PIXEL_RATIO = 2;

/** @type {Promise<Map<string, string>> | undefined} */
let outlines;
/** @type {Promise<Document> | undefined} */
let sprite;

/** @param {string} path relative to this module */
async function svgAt(path) {
  const response = await fetch(new URL(path, import.meta.url));
  if (!response.ok) throw new Error(`${response.url} answered ${response.status}`);
  return new DOMParser().parseFromString(await response.text(), "image/svg+xml");
}

/** The path of each family's outline, by name. */
function familyOutlines() {
  outlines ??= svgAt("../families.svg").then(
    (svg) =>
      new Map(
        [...svg.querySelectorAll("symbol")].map((symbol) => [
          symbol.id,
          symbol.querySelector("path")?.getAttribute("d") ?? "",
        ]),
      ),
  );
  return outlines;
}

/** @param {string} name */
async function iconStrokes(name) {
  sprite ??= svgAt("../../vendor/lucide/sprite.svg");
  return (await sprite).getElementById(name)?.innerHTML ?? "";
}

/**
 * @param {string} body
 * @param {number} size side of the drawing in device pixels
 * @param {number} margin room for halo and edge around the shape's 32 units
 * @returns {Promise<ImageData>}
 */
async function picture(body, size, margin) {
  const side = 32 + 2 * margin;
  const box = `${-margin} ${-margin} ${side} ${side}`;
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}" viewBox="${box}">${body}</svg>`;
  const image = new Image(size, size);
  image.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  await image.decode();
  const pencil = canvas(size);
  pencil.drawImage(image, 0, 0, size, size);
  return pencil.getImageData(0, 0, size, size);
}

/** @param {number} size */
function canvas(size) {
  const element = document.createElement("canvas");
  element.width = size;
  element.height = size;
  const pencil = element.getContext("2d");
  if (!pencil) throw new Error("This browser draws no canvas.");
  return pencil;
}

/** @typedef {"" | "done" | "late"} Mark hollow for done, ringed for late */

/**
 * The ring around what is late, under its shape.
 *
 * @param {number} radius in the shape's units
 * @param {number} width
 */
const lateRing = (radius, width) =>
  `<circle cx="16" cy="16" r="${radius}" fill="${token("map-label-halo")}"
           stroke="${token("danger")}" stroke-width="${width}"/>`;

/**
 * @param {string} outline
 * @param {string} icon strokes of the icon, in its 24 units
 * @param {string} color
 * @param {Mark} mark
 */
function pin(outline, icon, color, mark) {
  const fill = mark === "done" ? token("surface") : color;
  const ink = mark === "done" ? color : token("on-cat");
  const halo = token("map-label-halo");
  return picture(
    `${mark === "late" ? lateRing(20, 2.8) : ""}
     <path d="${outline}" fill="${fill}" stroke="${halo}" stroke-width="5" stroke-linejoin="round"/>
     <path d="${outline}" fill="${fill}" stroke="${color}" stroke-width="2" stroke-linejoin="round"/>
     <g transform="translate(8.3 8.6) scale(.64)" fill="none" stroke="${ink}" stroke-width="2.6"
        stroke-linecap="round" stroke-linejoin="round">${icon}</g>`,
    mark === "late" ? 92 : 80,
    mark === "late" ? 7 : 4,
  );
}

/**
 * @param {string} outline
 * @param {string} color
 * @param {Mark} mark
 */
function dot(outline, color, mark) {
  const halo = token("map-label-halo");
  if (mark === "done") {
    const body = `<path d="${outline}" fill="${token("surface")}" stroke="${color}" stroke-width="6"/>`;
    return picture(body, 32, 5);
  }
  const body = `<path d="${outline}" fill="${color}" stroke="${halo}" stroke-width="4"/>`;
  return mark === "late" ? picture(`${lateRing(24, 5)}${body}`, 48, 12) : picture(body, 32, 4);
}

/** A place that somebody chose: a pin with its point at the place. */
function spot() {
  return picture(
    `<path d="M16 32S28 20 28 12A12 12 0 0 0 4 12c0 8 12 20 12 20z" fill="${token("primary")}"
           stroke="${token("map-label-halo")}" stroke-width="2.5"/>
     <circle cx="16" cy="12" r="4.4" fill="${token("on-primary")}"/>`,
    88,
    2,
  );
}

/**
 * @param {number} radius of the circle, in CSS pixels
 * @param {number[]} parts ring parts of the families, in their order
 * @returns {ImageData}
 */
function cluster(radius, parts) {
  const size = (radius + 2) * 2 * PIXEL_RATIO;
  const centre = size / 2;
  const pencil = canvas(size);
  pencil.lineWidth = 4 * PIXEL_RATIO;
  pencil.fillStyle = token("surface");
  pencil.arc(centre, centre, radius * PIXEL_RATIO, 0, 2 * Math.PI);
  pencil.fill();
  const whole = parts.reduce((sum, part) => sum + part, 0) || 1;
  let start = -Math.PI / 2;
  parts.forEach((part, index) => {
    const end = start + (2 * Math.PI * part) / whole;
    pencil.beginPath();
    pencil.strokeStyle = token(`cat-${FAMILIES[index]}`);
    pencil.arc(centre, centre, (radius - 2) * PIXEL_RATIO, start, end);
    pencil.stroke();
    start = end;
  });
  return pencil.getImageData(0, 0, size, size);
}

/**
 * @param {string} id "pin|roads", "pin|roads|done", "dot|water|late", "cluster|18|0|6|0|0|6", "spot"
 * @param {Record<string, string>} icons icon of each family
 * @returns {Promise<ImageData>}
 */
async function draw(id, icons) {
  const [kind = "", name = "", ...rest] = id.split("|");
  if (kind === "cluster") return cluster(Number(name), rest.map(Number));
  if (kind === "spot") return spot();
  const outline = (await familyOutlines()).get(name) ?? "";
  const color = token(`cat-${name}`);
  const mark = /** @type {Mark} */ (rest[0] ?? "");
  if (kind === "dot") return dot(outline, color, mark);
  return pin(outline, await iconStrokes(icons[name] ?? "ellipsis"), color, mark);
}

/**
 * Let a map draw pins, dots and clusters when a layer first names them.
 *
 * @param {import("maplibre-gl").Map} map
 * @param {Record<string, string>} icons icon of each family
 */
export function drawImagesFor(map, icons) {
  map.setMissingStyleImageResolver(async (id) => {
    const image = await draw(id, icons);
    if (!map.hasImage(id)) map.addImage(id, image, { pixelRatio: PIXEL_RATIO });
  });
}
