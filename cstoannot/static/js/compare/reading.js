/** What the server sent of a large matrix, cell by cell. */

const FOUND = 4; // states below it have passages
const KINDS = ["supporting", "opposing", "mixed", "without stance"];

/**
 * @param {Object} data as web/comparing/cells.py `sheet_of` gives it
 * @returns {{claims: Object[], heads: Object[], cell: (row: number, column: number) => Object}}
 */
export function readMatrix(data) {
  const heads = data.heads.map(([name, about, full, link, query]) => ({
    name,
    about,
    full,
    link,
    query,
  }));
  const lines = data.states.map(() => null);

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
    shown.label = `${word}: ${said.filter(Boolean).join(", ")}${split ? "; annotators split" : ""}`;
    shown.count = counts.reduce((sum, count) => sum + count, 0);
    shown.level = data.levels[row][place];
    return shown;
  }

  return { claims: data.claims, heads, cell };
}
