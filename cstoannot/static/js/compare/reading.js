/** What the server sent of a large matrix, cell by cell. */

const FOUND = 4; // states below it have passages
const KINDS = ["supporting", "opposing", "mixed", "without stance"];

/**
 * @typedef {{slug: string, name: string, claim: string, link: string, verdict: string,
 *   meaning: string, tentative: boolean, alpha: string, carrying: number}} MatrixClaim
 * @typedef {Record<"name"|"about"|"full"|"link"|"query", string>} MatrixHead
 * @typedef {{state: string, sign: string, link: string, split: boolean, level: string,
 *   count: number, label: string}} MatrixCell
 * @typedef {{claims: MatrixClaim[], heads: MatrixHead[],
 *   cell: (row: number, column: number) => MatrixCell}} Matrix
 */

/**
 * @param {{heads: string[][], claims: MatrixClaim[], states: string[], splits: number[][],
 *   words: string[], signs: string[], levels: string[], counts: number[][], passages: string}} data
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
  /** @type {{states: string, nth: Int32Array, splits: Set<number>}[]} rows that were asked for */
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
    lines[row] = { states, nth, splits: new Set(data.splits[row]) };
    return lines[row];
  }

  function cell(row, column) {
    const { states, nth, splits } = line(row);
    const state = Number(states[column]);
    const word = data.words[state];
    const split = splits.has(column);
    const link = `${data.passages}?code=${encodeURIComponent(data.claims[row].slug)}&${heads[column].query}`;
    const shown = {
      state: word,
      sign: data.signs[state],
      link,
      split,
      level: "",
      count: 0,
      label: word,
    };
    if (state >= FOUND) return shown;
    const place = nth[column];
    const counts = data.counts[row].slice(place * 4, place * 4 + 4);
    const said = counts.map((count, kind) =>
      count ? `${count.toLocaleString("en")} ${KINDS[kind]}` : "",
    );
    shown.label = `${word}: ${said.filter(Boolean).join(", ")}${split ? "; coders split" : ""}`;
    shown.count = counts.reduce((sum, count) => sum + count, 0);
    shown.level = data.levels[row][place];
    return shown;
  }

  return { claims: data.claims, heads, cell };
}
