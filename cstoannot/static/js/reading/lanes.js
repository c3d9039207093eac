/** Where passages stand on a map, without the page. */

const HEIGHT = 1000; // of a map, in its own units
const LEAST = 5; // of a mark in it

/**
 * A lane for each claim while they are few; otherwise the first lane that is free there.
 * @param {Passage[]} passages by start
 * @param {{lanes: number, length: number, slugs: string[]}} map `length` of the text in code points
 * @returns {{passage: Passage, lane: number, y: number, height: number}[]} thousandths of the height
 */
export function placeMarks(passages, { lanes, length, slugs }) {
  const isOwn = slugs.length <= lanes;
  const ends = new Array(lanes).fill(0);
  return passages.map((passage) => {
    const height = Math.max(LEAST, Math.floor(((passage.end - passage.start) * HEIGHT) / length));
    const y = Math.min(Math.floor((passage.start * HEIGHT) / length), HEIGHT - height);
    const free = ends.findIndex((end) => end <= y);
    const lane = isOwn ? slugs.indexOf(passage.code) : free < 0 ? lanes - 1 : free;
    ends[lane] = Math.max(ends[lane], y + height);
    return { passage, lane, y, height };
  });
}
