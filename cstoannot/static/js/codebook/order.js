/**
 * The codebook as the list that the page shows: parents before children. A place in it is a gap
 * (the index of the entry that follows) and a depth. Pure: lists in, lists out.
 *
 * @typedef {{slug: string, name: string, depth: number, isOrphan: boolean}} OutlineEntry
 *   `isOrphan`: it stands at the top here because the code above it is retired
 * @typedef {{gap: number, depth: number}} Place
 */

/** @returns {number} the index after the last entry below this one */
export function endOf(entries, index) {
  let end = index + 1;
  while (end < entries.length && entries[end].depth > entries[index].depth) end += 1;
  return end;
}

/** @returns {number} the index of the entry above this one, -1 at the top */
export function parentOf(entries, index) {
  let at = index - 1;
  while (at >= 0 && entries[at].depth >= entries[index].depth) at -= 1;
  return at;
}

/** @returns {number[]} the indexes of the entries that stand beside this one, itself included */
export function siblingsOf(entries, index) {
  const { depth } = entries[index];
  const found = [];
  for (let at = parentOf(entries, index) + 1; entries[at]?.depth >= depth; at += 1) {
    if (entries[at].depth === depth) found.push(at);
  }
  return found;
}

/** @returns {number} how many levels stand at and below this entry */
export function heightOf(entries, index) {
  const below = entries.slice(index, endOf(entries, index));
  return Math.max(...below.map(({ depth }) => depth)) - entries[index].depth + 1;
}

/**
 * Where the entry may stand next to `gap`: between the depth of what follows and one below what
 * comes before.
 * @returns {{least: number, most: number}}
 */
export function depthsAt(entries, index, gap) {
  const rest = [...entries.slice(0, index), ...entries.slice(endOf(entries, index))];
  const at = gap <= index ? gap : gap - (endOf(entries, index) - index);
  return { least: rest[at]?.depth ?? 0, most: at ? rest[at - 1].depth + 1 : 0 };
}

/**
 * The list with an entry, and what stands below it, at another place.
 * @template {OutlineEntry} E
 * @param {E[]} entries
 * @param {number} index
 * @param {Place} place a gap outside of what moves
 * @returns {E[]}
 */
export function moved(entries, index, { gap, depth }) {
  const end = endOf(entries, index);
  const by = depth - entries[index].depth;
  const block = entries.slice(index, end).map((one) => ({ ...one, depth: one.depth + by }));
  block[0].isOrphan = false;
  const rest = [...entries.slice(0, index), ...entries.slice(end)];
  rest.splice(gap <= index ? gap : gap - block.length, 0, ...block);
  return rest;
}

/**
 * What the server calls the place: the slug above, and how many siblings come before.
 * @returns {{parent: string|null, position: number}}
 */
export function addressOf(entries, index) {
  const above = parentOf(entries, index);
  const before = siblingsOf(entries, index).filter((at) => at < index && !entries[at].isOrphan);
  return { parent: above < 0 ? null : entries[above].slug, position: before.length };
}

/** @returns {string} such as “2 of 5 below Alliance” */
export function describe(entries, index) {
  const siblings = siblingsOf(entries, index);
  const above = parentOf(entries, index);
  const where = above < 0 ? "at the top level" : `below ${entries[above].name}`;
  return `${siblings.indexOf(index) + 1} of ${siblings.length} ${where}`;
}
