// @ts-check
// Photos of a report: each is sent as soon as it is chosen, and waits where there is no network.

import { part } from "./errors.js";
import { find } from "./place.js";
import { freshToken } from "./send.js";
import { say } from "./toast.js";
import { Lost, upload } from "./upload.js";

const ADDRESS = "/report/photos/";
const MOST = 5;

/**
 * @typedef {import("../map/places.js").LonLat} LonLat
 * @typedef {"sending" | "there" | "waiting" | "refused"} Standing
 */

/** One photo: with the city, on its way, or waiting. */
class Slot {
  /** @param {(slot: Slot, act: "remove" | "again" | "place") => void} onAct */
  constructor(onAct) {
    this.element = part("photo");
    this.picture = find(this.element, "img", HTMLImageElement);
    this.bar = find(this.element, "progress", HTMLProgressElement);
    this.words = find(this.element, "[data-photo-words]", HTMLElement);
    this.key = "";
    /** @type {Blob | null} */
    this.file = null;
    /** @type {LonLat | null} */
    this.place = null;
    /** @type {Standing} */
    this.standing = "sending";
    this.request = new AbortController();
    for (const act of /** @type {const} */ (["remove", "again", "place"])) {
      const button = find(this.element, `[data-photo-${act}]`, HTMLButtonElement);
      button.addEventListener("click", () => onAct(this, act));
    }
  }

  /**
   * @param {Standing} standing
   * @param {string} [words]
   */
  stand(standing, words = "") {
    this.standing = standing;
    this.bar.hidden = standing !== "sending";
    this.picture.hidden = standing === "refused";
    this.words.textContent = words;
    this.element.classList.toggle("refused", standing === "refused");
    const is = { again: standing === "waiting", place: this.place !== null };
    find(this.element, "[data-photo-again]", HTMLElement).hidden = !is.again;
    find(this.element, "[data-photo-place]", HTMLElement).hidden = !is.place;
  }

  /** @param {number} number */
  rename(number) {
    const words = interpolate(gettext("Photo %(number)s"), { number }, true);
    this.picture.alt = words;
    this.bar.setAttribute("aria-label", words);
    const remove = find(this.element, "[data-photo-remove]", HTMLElement);
    remove.setAttribute("aria-label", interpolate(gettext("Remove %(words)s"), { words }, true));
  }
}

/** The photos of one report. */
export class Photos {
  /**
   * @param {HTMLElement} main
   * @param {HTMLFormElement} form
   * @param {{onChange: () => void, onPlace: (place: LonLat) => void}} listeners
   */
  constructor(main, form, { onChange, onPlace }) {
    this.main = main;
    this.form = form;
    this.onChange = onChange;
    this.onPlace = onPlace;
    /** @type {Slot[]} */
    this.slots = [];
    this.list = find(main, "[data-photo-list]", HTMLElement);
    this.offer = find(main, "[data-photo-offer]", HTMLElement);
    this.takeOver();
    for (const input of this.inputs()) {
      input.addEventListener("change", () => {
        for (const file of input.files ?? []) this.add(file);
        input.value = "";
      });
    }
    window.addEventListener("online", () => this.sendWaiting());
    this.count();
  }

  inputs() {
    return /** @type {NodeListOf<HTMLInputElement>} */ (
      this.main.querySelectorAll("input[type=file]")
    );
  }

  /** Photos that the page came with become slots. */
  takeOver() {
    for (const button of this.main.querySelectorAll("[name=remove_photo]")) {
      const item = button.closest("li");
      if (button instanceof HTMLButtonElement) this.restore([button.value], []);
      item?.remove();
    }
  }

  get uuid() {
    return find(this.form, "input[name=client_uuid]", HTMLInputElement).value;
  }

  /** @returns {{keys: string[], photos: Blob[]}} what is with the city, and what is not yet */
  get kept() {
    const there = this.slots.filter(({ key }) => key).map(({ key }) => key);
    const here = this.slots.filter(
      ({ key, file, standing }) => !key && file && standing !== "refused",
    );
    return { keys: there, photos: here.map(({ file }) => /** @type {Blob} */ (file)) };
  }

  /**
   * @param {string[]} keys
   * @param {Blob[]} files
   */
  restore(keys, files) {
    for (const key of keys) {
      const slot = this.slot();
      slot.key = key;
      slot.picture.src = `${ADDRESS}${key}/`;
      slot.stand("there");
    }
    for (const file of files) this.add(file);
  }

  slot() {
    const slot = new Slot((one, act) => this.act(one, act));
    this.slots.push(slot);
    this.list.append(slot.element);
    this.count();
    return slot;
  }

  /** @param {Blob} file */
  add(file) {
    if (this.slots.length >= MOST) {
      say(gettext("A report takes five photos. Remove one to add another."));
      return;
    }
    const slot = this.slot();
    slot.file = file;
    slot.picture.src = URL.createObjectURL(file);
    this.send(slot);
  }

  /** @param {Slot} slot */
  async send(slot) {
    if (!slot.file) return;
    slot.stand("sending");
    try {
      const answer = await this.upload(slot, slot.file);
      slot.key = answer.key;
      slot.place = answer.place && [answer.place.lon, answer.place.lat];
      URL.revokeObjectURL(slot.picture.src);
      slot.picture.src = answer.url;
      slot.stand("there");
      say(gettext("The photo is with us."));
      this.offerPlace();
    } catch (error) {
      if (slot.request.signal.aborted) return;
      if (error instanceof Lost) {
        slot.stand("waiting", gettext("Waits for a network"));
        say(slot.words.textContent ?? "");
      } else {
        slot.stand("refused", error instanceof Error ? error.message : String(error));
        say(slot.words.textContent ?? "");
      }
    }
    this.onChange();
  }

  /**
   * @param {Slot} slot
   * @param {Blob} file
   */
  async upload(slot, file) {
    const name = file instanceof File ? file.name : "photo.jpg";
    const data = new FormData();
    data.set("photo", file, name);
    data.set("draft", this.uuid);
    const way = {
      signal: slot.request.signal,
      onProgress: (/** @type {number} */ part) => {
        slot.bar.value = part;
      },
    };
    return upload(ADDRESS, data, (isFresh) => this.token(isFresh), way);
  }

  /** @param {boolean} isFresh */
  async token(isFresh) {
    const field = find(this.form, "input[name=csrfmiddlewaretoken]", HTMLInputElement);
    if (isFresh) field.value = await freshToken();
    return field.value;
  }

  /**
   * @param {Slot} slot
   * @param {"remove" | "again" | "place"} act
   */
  act(slot, act) {
    if (act === "again") this.send(slot);
    else if (act === "place") this.usePlace(slot);
    else if (act === "remove") this.remove(slot);
  }

  /**
   * The report is where a photo was taken; the offer is not made again.
   *
   * @param {Slot | undefined} [slot] the first that knows its place, if no other is meant
   */
  usePlace(slot = this.slots.find(({ place }) => place !== null)) {
    if (!slot?.place) return;
    const { place } = slot;
    for (const one of this.slots) {
      one.place = null;
      one.stand(one.standing, one.words.textContent ?? "");
    }
    this.offerPlace();
    this.onPlace(place);
  }

  /** @param {Slot} slot */
  async remove(slot) {
    slot.request.abort();
    const at = this.slots.indexOf(slot);
    this.slots.splice(at, 1);
    slot.element.remove();
    this.count();
    this.offerPlace();
    say(gettext("The photo is removed."));
    const next = this.slots[at] ?? this.slots[at - 1];
    const button = next?.element.querySelector("[data-photo-remove]");
    const target =
      button instanceof HTMLElement ? button : this.list.parentElement?.querySelector("input");
    target?.focus();
    this.onChange();
    if (slot.key) await this.drop(slot.key);
  }

  /** A photo that cannot be removed now goes with the others that are never sent. @param {string} key */
  async drop(key) {
    const data = new FormData();
    data.set("draft", this.uuid);
    const send = () => upload(`${ADDRESS}${key}/remove/`, data, (fresh) => this.token(fresh));
    await send().catch((error) => console.warn("The photo stays until the draft ends:", error));
  }

  sendWaiting() {
    for (const slot of this.slots) if (slot.standing === "waiting") this.send(slot);
  }

  /**
   * Wait until every photo is with the city.
   *
   * @throws {Lost} when one still waits for a network
   */
  async settle() {
    this.sendWaiting();
    while (this.slots.some(({ standing }) => standing === "sending")) {
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    if (this.slots.some(({ standing }) => standing === "waiting")) throw new Lost();
  }

  offerPlace() {
    const slot = this.slots.find(({ place }) => place !== null);
    this.offer.hidden = !slot;
  }

  count() {
    this.slots.forEach((slot, at) => {
      slot.rename(at + 1);
    });
    const counted = find(this.main, "[data-photo-count]", HTMLElement);
    counted.textContent = String(this.slots.length || "");
    const n = MOST - this.slots.length;
    const words = ngettext("Add a photo (%(n)s more)", "Add a photo (%(n)s more)", n);
    for (const input of this.inputs()) {
      input.disabled = n === 0;
      const label = this.main.querySelector(`label[for="${input.id}"] [data-add-words]`);
      if (label) label.textContent = interpolate(words, { n }, true);
    }
  }
}
