// @ts-check
// Which kinds of problem some plain words mean; the server does the same without a script
// (reports/kinds.py).

const MOST_KINDS = 8;
/** Shorter words are mostly grammar: they count where they are whole, and only outside descriptions. */
const SHORTEST_BEGINNING = 4;
const TITLE = 4;
const KEYWORDS = 3;
const DESCRIPTION = 1;

/** @typedef {[title: string, keywords: string, description: string]} Words of a kind */

/**
 * The words of a text in small letters without marks: "arbol" is "árbol".
 *
 * @param {string} text
 */
const wordsOf = (text) =>
  text
    .toLocaleLowerCase()
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .match(/[\p{L}\p{N}]{2,}/gu) ?? [];

/**
 * How many letters must be changed, added, dropped or swapped with their neighbour.
 *
 * @param {string} a
 * @param {string} b
 */
function slips(a, b) {
  /** @type {number[]} */
  let older = [];
  let before = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      const swaps = a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        (before[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (before[j - 1] ?? 0) + change,
        swaps ? (older[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    older = before;
    before = row;
  }
  return before[b.length] ?? 0;
}

/**
 * @param {string} typed
 * @param {string} word
 * @param {boolean} isLast whether somebody may still be typing it
 * @returns {number} from 0 (another word) to 1
 */
function likeness(typed, word, isLast) {
  if (word === typed) return 1;
  if (typed.length < SHORTEST_BEGINNING && !isLast) return 0;
  if (word.startsWith(typed)) return 1;
  const shorter = Math.min(typed.length, word.length);
  if (shorter < SHORTEST_BEGINNING) return 0;
  if (typed.startsWith(word)) return 0.9;
  const beginning = isLast ? word.slice(0, typed.length + 1) : word;
  const allowed = shorter < 7 ? 1 : 2;
  return Math.min(slips(typed, word), slips(typed, beginning)) <= allowed ? 0.45 : 0;
}

/**
 * @param {Words} kind
 * @param {string[]} typed
 */
function score([title, keywords, description], typed) {
  let total = 0;
  typed.forEach((one, at) => {
    const best = (/** @type {string} */ text, /** @type {number} */ weight) =>
      Math.max(
        0,
        ...wordsOf(text).map((word) => weight * likeness(one, word, at === typed.length - 1)),
      );
    const inDescription = one.length < SHORTEST_BEGINNING ? 0 : best(description, DESCRIPTION);
    total += Math.max(best(title, TITLE), best(keywords, KEYWORDS), inDescription);
  });
  return total;
}

/**
 * @template T
 * @param {T[]} kinds
 * @param {(kind: T) => Words} words
 * @param {string} text
 * @returns {T[]} best first; a kind far behind the best one is left out
 */
export function findKinds(kinds, words, text) {
  const typed = wordsOf(text);
  const scored = kinds.map((kind) => ({ kind, points: score(words(kind), typed) }));
  const best = Math.max(...scored.map(({ points }) => points));
  return scored
    .filter(({ points }) => points > 0 && points * 2 >= best)
    .sort((a, b) => b.points - a.points)
    .slice(0, MOST_KINDS)
    .map(({ kind }) => kind);
}
