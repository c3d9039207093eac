/** What an annotator says in an annotation; everything else about it is the server's. */

export const FIELDS = ["code", "start", "end", "quote", "stance", "voice", "note"];

/** @returns {object} only the fields an annotator sets */
export function contentOf(annotation) {
  return Object.fromEntries(FIELDS.map((field) => [field, annotation[field]]));
}

/** Whether two annotations say the same; null (there is none) equals only null. */
export function sameContent(a, b) {
  if (!a || !b) return !a && !b;
  return FIELDS.every((field) => a[field] === b[field]);
}

/** @returns {object} the fields of `object` that are named and set */
export function pick(object, fields) {
  const set = fields.filter((field) => object[field] !== undefined);
  return Object.fromEntries(set.map((field) => [field, object[field]]));
}

/**
 * What an edit did, as a step of undo keeps it.
 * @returns {import("./undo.js").Edit}
 */
export function editOf(id, before, after) {
  if (!before || !after) return { id, before: before && contentOf(before), after };
  const changed = FIELDS.filter((field) => before[field] !== after[field]);
  return { id, before: pick(before, changed), after: pick(after, changed) };
}

const PLACE = ["start", "end", "quote"];

/**
 * The content that takes an edit back. Only what is still as the edit left it goes back: newer work,
 * of others or from elsewhere, stays. A passage moves as a whole or not at all.
 * @param {object|null} current the annotation now
 * @param {object|null} from what the edit led to
 * @param {object|null} to what was there before it
 * @returns {object|null|undefined} null: remove; undefined: there is nothing to take back
 */
export function takenBack(current, from, to) {
  if (!to) return current ? null : undefined;
  if (!from) return current ? undefined : to;
  if (!current) return undefined;
  let fields = FIELDS.filter((field) => field in to && current[field] === from[field]);
  const moved = PLACE.some((field) => field in to && !fields.includes(field));
  if (moved) fields = fields.filter((field) => !PLACE.includes(field));
  return fields.length ? { ...contentOf(current), ...pick(to, fields) } : undefined;
}

/** A change was asked for on a source that is marked as done. */
export class SourceDone extends Error {}
