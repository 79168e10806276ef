// @ts-check
// A report in four steps: where, what, more, a last look. The server checks, previews and takes
// it; this walks through the same form that people without a script send.

import { showReport } from "../map/one-report.js";
import { keptDraft } from "./draft.js";
import { Errors, part } from "./errors.js";
import { fillForm, Keeper } from "./keep.js";
import { KindStep } from "./kinds.js";
import { Photos } from "./photos.js";
import { find, PlaceStep } from "./place.js";
import { Questions } from "./questions.js";
import { Patience, sendForm } from "./send.js";
import { STEPS, Steps } from "./steps.js";
import { showToast } from "./toast.js";
import { Lost } from "./upload.js";

/** @typedef {import("./steps.js").Step} Step */
/** @typedef {import("./errors.js").Wrong} Wrong */

/** From this class on nothing is kept on the device unless somebody asks for it. */
const CRIME = 2;
const VICTIM = 3;

/** One report, from its place to its receipt. */
export class Wizard {
  /** @param {HTMLElement} main */
  constructor(main) {
    this.main = main;
    this.form = find(main, ".report-form", HTMLFormElement);
    this.place = new PlaceStep(this.form, () => this.errors.clear());
    this.questions = new Questions(this.form);
    this.kinds = new KindStep(this.form, (kind) => this.kindChosen(kind));
    this.steps = new Steps(main, (step) => this.entered(step));
    this.errors = new Errors(this.form, (control) => this.goTo(control));
    this.photos = new Photos(main, this.form, {
      onChange: () => this.keeper.soon(),
      onPlace: (place) => this.usePlace(place),
    });
    this.keeper = new Keeper(this.form, () => ({
      step: this.steps.current,
      ...this.photos.kept,
    }));
    this.patience = new Patience(() => this.send());
    this.checkSlot = find(main, "[data-check]", HTMLElement);
    this.banner = find(main, "[data-banner]", HTMLElement);
    /** Kinds that somebody said go on to: nobody is in danger. @type {Set<string>} */
    this.safe = new Set();
    this.isBusy = false;
    this.listen();
  }

  listen() {
    const { main, form } = this;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.next();
    });
    main.addEventListener("click", (event) => this.clicked(event));
    main.addEventListener("submit", (event) => this.saidMeToo(event));
    window.addEventListener("online", () => {
      if (this.steps.current === "check" && !this.keeper.isSent) this.check();
    });
    find(main, "[data-keep] input", HTMLInputElement).addEventListener("change", () =>
      this.setKeeping(),
    );
    const words = find(form, "textarea[name=description]", HTMLTextAreaElement);
    words.addEventListener("input", () => this.countLetters(words));
    this.countLetters(words);
  }

  /** @param {Event} event */
  clicked(event) {
    const button = event.target instanceof Element && event.target.closest("button, a");
    if (!(button instanceof HTMLElement)) return;
    const { dataset } = button;
    if ("next" in dataset) this.next();
    else if ("send" in dataset || "again" in dataset) this.send();
    else if ("change" in dataset) this.steps.go("details");
    else if ("goOn" in dataset) this.goOn();
    else if ("close" in dataset) button.closest("dialog")?.close();
    else if ("look" in dataset) find(this.main, "[data-similar]", HTMLDialogElement).showModal();
    else if ("usePlace" in dataset) this.photos.usePlace();
    else if ("anew" in dataset) this.beginAnew();
    else if ("exit" in dataset) this.exit(event);
  }

  // ---- beginning ----

  async start() {
    const draft = "posted" in this.main.dataset ? undefined : await kept();
    if (draft) {
      fillForm(this.form, draft.values);
      this.questions.restore(draft.values);
      this.photos.restore(draft.keys, draft.photos);
    }
    const kind = this.kinds.kind;
    // Of such a kind only what somebody asked for was kept.
    const wasAsked = draft !== undefined && Number(kind?.dataset.sensitivity) >= CRIME;
    find(this.main, "[data-keep] input", HTMLInputElement).checked = wasAsked;
    if (kind) this.kindChosen(kind);
    this.steps.begin(draft ? this.reachable(draft.step) : this.firstWrong());
    this.place.start();
    if (draft) showToast(part("kept"));
    if (draft?.isSent) this.send();
  }

  /** @param {string} step that was left @returns {Step} */
  reachable(step) {
    const wanted = STEPS.find((name) => name === step) ?? "place";
    if (!this.place.point) return "place";
    if (wanted !== "place" && !this.kinds.kind) return "kind";
    return wanted;
  }

  /** @returns {Step} the step of the first error that the server found; the first without any */
  firstWrong() {
    const wrong = this.form.querySelector(".error-line")?.closest("[data-step]");
    const step = wrong instanceof HTMLElement ? wrong.dataset.step : "";
    return STEPS.find((name) => name === step) ?? "place";
  }

  async beginAnew() {
    await this.keeper.end();
    location.assign(location.pathname);
  }

  /** @param {Event} event */
  exit(event) {
    event.preventDefault();
    this.keeper.end();
    this.form.reset();
    location.replace("/");
  }

  // ---- steps ----

  /** @param {Step} step */
  entered(step) {
    this.keeper.soon();
    this.place.element.inert = step !== "place"; // beside the other steps it only shows the place
    if (step === "kind") {
      this.kinds.assetKind = this.place.assetKind;
      this.kinds.showChosen();
    }
    if (step === "details") this.lookForSimilar();
    if (step === "check") this.check();
  }

  next() {
    const { current } = this.steps;
    const wrong = this.wrongIn(current);
    if (wrong) return this.refuse([wrong]);
    this.errors.clear();
    if (current === "kind" && this.mustStop()) {
      return find(this.main, "[data-stop]", HTMLDialogElement).showModal();
    }
    if (current === "check") return this.send();
    const after = STEPS[STEPS.indexOf(current) + 1];
    if (after) this.steps.go(after);
  }

  /** @param {Step} step @returns {Wrong | null} */
  wrongIn(step) {
    if (step === "place") return this.place.wrong();
    if (step !== "kind" || this.kinds.kind) return null;
    return { field: "category", detail: gettext("Choose what is wrong.") };
  }

  mustStop() {
    const { kind } = this.kinds;
    return kind !== null && "warns" in kind.dataset && !this.safe.has(kind.value);
  }

  /** Nobody is in danger. */
  goOn() {
    const { kind } = this.kinds;
    if (kind) this.safe.add(kind.value);
    find(this.main, "[data-stop]", HTMLDialogElement).close();
    this.steps.go("details");
  }

  /** @param {HTMLElement} control */
  goTo(control) {
    const step = control.closest("[data-step]");
    const name =
      step instanceof HTMLElement ? STEPS.find((s) => s === step.dataset.step) : undefined;
    if (name) this.steps.go(name);
    control.closest("details")?.setAttribute("open", "");
    const target = control.matches("input, textarea, select, button")
      ? control
      : control.querySelector("input:not([type=hidden]), textarea, select, button");
    if (target instanceof HTMLElement) target.focus();
  }

  /** @param {HTMLInputElement} kind */
  kindChosen(kind) {
    this.questions.show(kind.value);
    const sensitivity = Number(kind.dataset.sensitivity);
    this.steps.isTraceless = sensitivity >= VICTIM;
    this.form.autocomplete = sensitivity >= CRIME ? "off" : "on";
    find(this.main, "[data-exit]", HTMLElement).hidden = sensitivity < VICTIM;
    find(this.main, "[data-keep]", HTMLElement).hidden = sensitivity < CRIME;
    const readers = find(this.main, "[data-readers]", HTMLElement);
    readers.hidden = !kind.dataset.readBy;
    find(readers, "span", HTMLElement).textContent = kind.dataset.readBy ?? "";
    this.setKeeping();
  }

  /** Keep a report of an open kind; others only where somebody asks for it. */
  setKeeping() {
    const sensitivity = Number(this.kinds.kind?.dataset.sensitivity ?? 0);
    const isAsked = find(this.main, "[data-keep] input", HTMLInputElement).checked;
    const isWanted = sensitivity < CRIME || isAsked;
    if (isWanted !== this.keeper.isWanted) this.keeper.allow(isWanted);
  }

  /** @param {HTMLTextAreaElement} words */
  countLetters(words) {
    const values = { n: words.value.length, most: words.maxLength };
    const counted = find(this.main, "[data-length]", HTMLElement);
    counted.textContent = interpolate(gettext("%(n)s of %(most)s"), values, true);
  }

  /** @param {import("../map/places.js").LonLat} place where a photo was taken */
  usePlace(place) {
    this.place.origin = gettext("Where the photo was taken");
    this.place.goTo(place);
    if (this.steps.current !== "place") this.steps.go("place");
  }

  // ---- what is reported already ----

  async lookForSimilar() {
    const button = find(this.main, "[data-look]", HTMLButtonElement);
    const [lon, lat] = this.place.point ?? [];
    const kind = this.kinds.kind?.value;
    button.hidden = true;
    if (!kind || lon === undefined || lat === undefined) return;
    const query = new URLSearchParams({ category: kind, lon: String(lon), lat: String(lat) });
    const response = await fetch(`/report/similar/?${query}`).catch(() => null);
    if (!response?.ok) return; // the last look shows them as well
    const list = find(this.main, "[data-similar-list]", HTMLElement);
    list.innerHTML = await response.text();
    const n = list.querySelectorAll("li.report").length;
    const words = ngettext(
      "Look at %(n)s open report near here",
      "Look at %(n)s open reports near here",
      n,
    );
    find(button, "span", HTMLElement).textContent = interpolate(words, { n }, true);
    button.hidden = n === 0;
  }

  /**
   * Somebody is counted with another report: this one is not needed any more.
   *
   * @param {Event} event
   */
  async saidMeToo(event) {
    const { target } = event;
    if (!(target instanceof HTMLFormElement) || target === this.form) return;
    event.preventDefault();
    await this.keeper.end();
    target.submit();
  }

  // ---- the last look ----

  async check() {
    this.checkSlot.replaceChildren();
    this.checkSlot.setAttribute("aria-busy", "true");
    try {
      await this.photos.settle();
      const response = await sendForm(this.form, "check");
      if (this.steps.current !== "check") return;
      if (response.ok) this.showCheck(await response.text());
      else await this.refused(response);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      this.checkSlot.replaceChildren(part("no-preview"));
    } finally {
      this.checkSlot.removeAttribute("aria-busy");
    }
  }

  /** @param {string} html */
  showCheck(html) {
    this.checkSlot.innerHTML = html;
    const element = this.checkSlot.querySelector(".map");
    if (element instanceof HTMLElement) showReport(element);
  }

  // ---- sending ----

  async send() {
    if (this.isBusy) return;
    this.setBusy(true);
    this.patience.end();
    try {
      await this.photos.settle();
      const response = await sendForm(this.form, "sent");
      if (!response.ok) return await this.refused(response);
      const { url } = await response.json();
      await this.keeper.end();
      location.replace(url);
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
      this.waitForNetwork();
    } finally {
      this.setBusy(false);
    }
  }

  /** @param {boolean} isBusy */
  setBusy(isBusy) {
    this.isBusy = isBusy;
    const button = find(this.main, "[data-send]", HTMLButtonElement);
    button.setAttribute("aria-disabled", String(isBusy));
    const words = isBusy ? gettext("Sending…") : gettext("Send report");
    find(button, "span", HTMLElement).textContent = words;
  }

  waitForNetwork() {
    const banner = part("waiting");
    const isKept = this.keeper.isWanted;
    find(banner, "span", HTMLElement).textContent = isKept
      ? gettext(
          "Not sent yet: it is kept on this device and goes by itself when there is a network.",
        )
      : gettext("Not sent yet: it goes by itself when there is a network. Leave this page open.");
    if (!this.banner.hasChildNodes()) this.banner.replaceChildren(banner);
    this.keeper.isSent = true;
    this.keeper.now();
    this.patience.wait();
  }

  /**
   * The server took nothing: show what it says, with everything that was typed.
   *
   * @param {Response} response
   */
  async refused(response) {
    this.stopWaiting();
    const answer = await response.json().catch(() => ({}));
    if (answer.client_uuid) {
      find(this.form, "input[name=client_uuid]", HTMLInputElement).value = answer.client_uuid;
    }
    const { kind } = this.kinds;
    if (kind) await this.questions.show(kind.value);
    const detail = answer.detail ?? gettext("We could not take it. Try again in a few minutes.");
    this.refuse(answer.errors ?? [{ field: "", detail }]);
  }

  stopWaiting() {
    this.patience.end();
    this.banner.replaceChildren();
    this.keeper.isSent = false;
    this.keeper.soon();
  }

  /** @param {Wrong[]} wrongs */
  refuse(wrongs) {
    const first = this.errors.show(wrongs)?.closest("[data-step]");
    const step = first instanceof HTMLElement ? first.dataset.step : this.steps.current;
    const name = STEPS.find((one) => one === step);
    if (name && name !== this.steps.current) this.steps.go(name);
    this.errors.focusSummary();
  }
}

/** What the device kept, if it lets us look. */
function kept() {
  return keptDraft().catch((error) => {
    console.warn("No kept report could be read:", error);
    return undefined;
  });
}
