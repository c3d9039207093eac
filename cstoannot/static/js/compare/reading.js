/** What the server sent of a large matrix, cell by cell. */

const FOUND = 6; // in states below it, somebody marked something

/**
 * @typedef {{slug: string, name: string, claim: string, link: string, verdict: string,
 *   verdict_name: string, meaning: string, tentative: string, carrying: number}} MatrixClaim
 * @typedef {Record<"name"|"about"|"full"|"link"|"query", string>} MatrixHead
 * @typedef {{state: string, sign: string, link: string, split: boolean, level: string,
 *   count: number, label: string}} MatrixCell
 * @typedef {{claims: MatrixClaim[], heads: MatrixHead[],
 *   cell: (row: number, column: number) => MatrixCell}} Matrix
 */

/**
 * @param {{heads: string[][], claims: MatrixClaim[], states: string[], readers: number[][],
 *   words: string[], signs: string[], levels: string[], counts: number[][], passages: string,
 *   places: string[], coders: [string, string][]}} data
 *   as web/compare/presenters.py `build_matrix_grid` gives it
 * @returns {Matrix}
 */
export function readMatrix(data) {
  const heads = data.heads.map(([name, about, full, link, query]) => ({
    name,
    about,
    full,
    link,
    query,
  }));
  /** @type {{states: string, nth: Int32Array}[]} rows that were asked for */
  const lines = [];

  function line(row) {
    if (lines[row]) return lines[row];
    const states = data.states[row];
    const nth = new Int32Array(states.length);
    let found = 0;
    for (let column = 0; column < states.length; column += 1) {
      if (Number(states[column]) < FOUND) {
        nth[column] = found;
        found += 1;
      }
    }
    lines[row] = { states, nth };
    return lines[row];
  }

  function cell(row, column) {
    const { states, nth } = line(row);
    const state = Number(states[column]);
    const word = data.words[state];
    const link = `${data.passages}?code=${encodeURIComponent(data.claims[row].slug)}&${heads[column].query}`;
    const shown = {
      state: word,
      sign: data.signs[state],
      link,
      split: false,
      level: "",
      count: 0,
      label: word,
    };
    if (state >= FOUND) return shown;
    const place = nth[column];
    const counts = data.counts[row].slice(place * 4, place * 4 + 4);
    const [readBy, ...sides] = data.readers[row]?.slice(place * 6, place * 6 + 6) ?? [0];
    shown.split = sides[0] > 0 && sides[1] > 0;
    shown.count = counts.reduce((sum, number) => sum + number, 0);
    const said = counts.map((number, kind) =>
      number ? `${number.toLocaleString("en")} ${data.places[kind]}` : "",
    );
    const places = `${word}: ${count(shown.count, "place")} (${said.filter(Boolean).join(", ")})`;
    const readers = readBy ? sayReaders(readBy, sides) : "";
    shown.label = [shown.count ? places : word, readers].filter(Boolean).join(". ");
    shown.level = data.levels[row][place];
    return shown;
  }

  function sayReaders(readBy, sides) {
    const parts = sides
      .map((number, kind) => ({ number, word: data.coders[kind][Number(number > 1)] }))
      .filter(({ number }) => number);
    const first = `${parts[0].number} of ${count(readBy, "coder")} ${parts[0].word}`;
    return [first, ...parts.slice(1).map(({ number, word }) => `${number} ${word}`)].join(", ");
  }

  return { claims: data.claims, heads, cell };
}

/** @param {number} number @param {string} thing */
function count(number, thing) {
  return `${number.toLocaleString("en")} ${thing}${number === 1 ? "" : "s"}`;
}
