/** What an annotator says in an annotation; everything else about it is the server's. */

/** @type {ContentField[]} */
export const FIELDS = ["code", "start", "end", "quote", "stance", "voice", "note"];

/** Only the fields an annotator sets. @param {Content} annotation @returns {Content} */
export function contentOf(annotation) {
  const { code, start, end, quote, stance, voice, note } = annotation;
  return { code, start, end, quote, stance, voice, note };
}

/**
 * Whether two annotations say the same; null (there is none) equals only null.
 * @param {Content|null|undefined} a
 * @param {Content|null|undefined} b
 */
export function sameContent(a, b) {
  if (!a || !b) return !a && !b;
  return FIELDS.every((field) => a[field] === b[field]);
}

/**
 * The fields of `content` that are named and set.
 * @param {Partial<Content>} content
 * @param {ContentField[]} fields
 * @returns {Partial<Content>}
 */
export function pick(content, fields) {
  const set = fields.filter((field) => content[field] !== undefined);
  return Object.fromEntries(set.map((field) => [field, content[field]]));
}

/**
 * What an edit did, as a step of undo keeps it.
 * @param {string} id
 * @param {Annotation|null} before
 * @param {Content|null} after
 * @returns {import("./undo.js").Edit}
 */
export function editOf(id, before, after) {
  if (!before || !after) return { id, before: before && contentOf(before), after };
  const changed = FIELDS.filter((field) => before[field] !== after[field]);
  return { id, before: pick(before, changed), after: pick(after, changed) };
}

/** @type {ContentField[]} */
const PLACE = ["start", "end", "quote"];

/**
 * The content that takes an edit back. Only what is still as the edit left it goes back: newer work,
 * of others or from elsewhere, stays. A passage moves as a whole or not at all.
 * @param {Annotation|null} current the annotation now
 * @param {Partial<Content>|null} from what the edit led to
 * @param {Partial<Content>|null} to what was there before it
 * @returns {Content|null|undefined} null: remove; undefined: there is nothing to take back
 */
export function takenBack(current, from, to) {
  if (!to) return current ? null : undefined;
  if (!from) return current ? undefined : /** @type {Content} */ (to);
  if (!current) return undefined;
  let fields = FIELDS.filter((field) => field in to && current[field] === from[field]);
  const moved = PLACE.some((field) => field in to && !fields.includes(field));
  if (moved) fields = fields.filter((field) => !PLACE.includes(field));
  return fields.length ? { ...contentOf(current), ...pick(to, fields) } : undefined;
}

/** A change was asked for on a source that is marked as done. */
export class SourceDone extends Error {}
