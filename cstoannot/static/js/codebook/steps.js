/** Where an arrow key takes a code. Codes that a search has hidden are stepped over. */

import { endOf, parentOf, siblingsOf } from "./order.js";

/**
 * @param {import("./order.js").OutlineEntry[]} entries
 * @param {number} index
 * @param {string} key
 * @param {(index: number) => boolean} isShown
 * @returns {import("./order.js").Place|string} the place, or why there is none
 */
export function stepFrom(entries, index, key, isShown) {
  const { depth } = entries[index];
  const siblings = siblingsOf(entries, index).filter((at) => at === index || isShown(at));
  const at = siblings.indexOf(index);
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  if (key === "ArrowUp") {
    return before === undefined ? "It is already the first one" : { gap: before, depth };
  }
  if (key === "ArrowDown") {
    return after === undefined
      ? "It is already the last one"
      : { gap: endOf(entries, after), depth };
  }
  if (key === "ArrowRight") {
    if (before === undefined) return "There is no code before it that could become its parent";
    return { gap: endOf(entries, before), depth: depth + 1 };
  }
  const above = parentOf(entries, index);
  return above < 0
    ? "It is already at the top level"
    : { gap: endOf(entries, above), depth: depth - 1 };
}
