/** What an entry of the queue means. */
import { sameContent } from "./content.js";

/**
 * What an entry asks of the server.
 * @param {Pick<Entry, "wanted"|"version">} entry
 * @returns {Refusal["kind"]}
 */
export function kindOf({ wanted, version }) {
  if (wanted === null) return "remove";
  return version === null ? "add" : "change";
}

/**
 * Whether a change leaves what the server has shown as it is.
 * @param {Content|null} wanted
 * @param {number|null} version
 * @param {Annotation} [saved]
 */
export function isNothing(wanted, version, saved) {
  if (version === null) return wanted === null;
  return saved?.version === version && sameContent(wanted, saved);
}

/** What a conflict has shown of the server's side; undefined: nothing. @param {Entry} [entry] */
export function theirsOf(entry) {
  return entry?.state === "conflict" ? entry.theirs : undefined;
}
