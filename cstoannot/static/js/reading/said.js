/** What a passage says, in the words and signs of this page. */

const SIGNS = { supports: "▲", opposes: "▼", mixed: "◆", "": "·" };

/**
 * Add to a passage what the painter, the stripes and the map show of it.
 * @param {{id: string, code: string, start: number, end: number, paragraph: number,
 *   said: [who: string, stance: string, voice: string][]}} passage one for each annotator
 *   or layer that has exactly this
 */
export function describe(passage) {
  const stances = new Set(passage.said.map(([, stance]) => stance));
  const signs = Object.keys(SIGNS).filter((stance) => stances.has(stance));
  return {
    ...passage,
    stance: stances.size === 1 ? [...stances][0] : "split",
    sign: signs.map((stance) => SIGNS[stance]).join(""),
    annotator: passage.said.map(([who, stance]) => `${who}: ${stance || "no stance"}`).join("; "),
  };
}

/**
 * Where an article stands on a claim, for screen readers.
 * @param {string} title the article's
 * @param {{state: string, coders: string, passages: number}} cell
 */
export function sayStanding(title, { state, coders, passages }) {
  const words = [`${title}: ${state}`, passages && countOf(passages), coders];
  return words.filter(Boolean).join(", ");
}

/** @param {number} count of passages */
export const countOf = (count) => `${count} passage${count === 1 ? "" : "s"}`;
