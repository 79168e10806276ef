// @ts-check
// The list of what is in view: fetched again as the map moves, kept when that fails.

const SKELETON_MS = 300;
const SKELETON_CARDS = 6;
const FIRST_RETRY_S = 5;
const LAST_RETRY_S = 60;

/** @returns {HTMLElement} cards without words, in the shape of those to come */
function skeleton() {
  const holder = document.createElement("div");
  holder.className = "skeleton";
  holder.setAttribute("aria-hidden", "true");
  const card = `<div class="report"><span></span><div class="grow"><i></i><i></i><i></i></div></div>`;
  holder.innerHTML = card.repeat(SKELETON_CARDS);
  return holder;
}

/** @returns {string} the time of day */
const now = () =>
  new Date().toLocaleTimeString(document.documentElement.lang, {
    hour: "2-digit",
    minute: "2-digit",
  });

/** Fetches the list; a newer question ends an older one. */
export class List {
  /**
   * @param {HTMLElement} element
   * @param {(part: HTMLElement) => void} onShown the new list, before it is painted
   */
  constructor(element, onShown) {
    this.element = element;
    this.onShown = onShown;
    this.trouble = document.querySelector("[data-trouble]");
    this.asked = new AbortController();
    this.address = "";
    this.renewedAt = now();
    this.retryS = FIRST_RETRY_S;
    this.retrying = 0;
    addEventListener("online", () => this.address && this.show(this.address));
  }

  /**
   * Show the list of an address.
   *
   * @param {string} address
   * @returns {Promise<boolean>} whether it came, and no newer one was asked for
   */
  async show(address) {
    clearTimeout(this.retrying);
    this.asked.abort();
    this.asked = new AbortController();
    this.address = address;
    const { signal } = this.asked;
    const slow = window.setTimeout(() => this.wait(true), SKELETON_MS);
    this.element.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(address, { headers: { "X-Fragment": "list" }, signal });
      if (!response.ok) throw new TypeError(`${address} answered ${response.status}`);
      this.paint(await response.text());
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (!(error instanceof TypeError)) throw error;
      this.fail();
      return false;
    } finally {
      clearTimeout(slow);
      if (!signal.aborted) {
        this.wait(false);
        this.element.removeAttribute("aria-busy");
      }
    }
  }

  /** @param {string} html */
  paint(html) {
    this.element.innerHTML = html;
    this.renewedAt = now();
    this.retryS = FIRST_RETRY_S;
    this.say("");
    const part = this.element.firstElementChild;
    if (part instanceof HTMLElement) this.onShown(part);
  }

  /** The old list stays, hidden for as long as its successor is on its way. @param {boolean} on */
  wait(on) {
    this.element.querySelector(".skeleton")?.remove();
    this.element.classList.toggle("waiting", on);
    if (on) this.element.prepend(skeleton());
  }

  fail() {
    const values = { time: this.renewedAt, s: this.retryS };
    if (!navigator.onLine) {
      this.say(
        gettext("You are offline. This list is from %(time)s; it is renewed when you are back."),
        values,
      );
      return;
    }
    this.say(
      gettext("The list could not be renewed. It is from %(time)s; we try again in %(s)s s."),
      values,
    );
    this.retrying = window.setTimeout(() => this.show(this.address), this.retryS * 1000);
    this.retryS = Math.min(2 * this.retryS, LAST_RETRY_S);
  }

  /**
   * @param {string} words "" for none
   * @param {object} [values]
   */
  say(words, values = {}) {
    const { trouble } = this;
    if (!(trouble instanceof HTMLElement)) return;
    const place = trouble.querySelector("[data-words]");
    trouble.hidden = !words;
    if (place) place.textContent = interpolate(words, values, true);
  }
}
