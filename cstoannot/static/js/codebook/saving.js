/** Sends moves to the server one after the other. */

import { HttpError, requestJson } from "../lib/http.js";

// The page offers no place that the codebook it shows would refuse.
const OUTDATED = new Set([404, 409, 412, 422]);

/**
 * @typedef {object} Move
 * @property {string} slug
 * @property {{parent: string|null, position: number}} to
 * @property {any} before the order that failure goes back to
 * @property {boolean} isUndo
 */

/**
 * @param {string} address of the project's codes in the API
 * @param {(slug: string) => string} versionOf a code, as the page shows it
 * @param {(move: Move, answer: {version: number}) => void} saved
 * @param {(move: Move, why: {reason: string, isOutdated: boolean}) => void} failed the page puts
 *   the code back, or is read anew where it was outdated; moves made meanwhile are not sent,
 *   because they were made on what the server has refused
 * @returns {(move: Move) => void}
 */
export function createSaver(address, versionOf, saved, failed) {
  /** @type {Move[]} */
  let waiting = [];
  let isBusy = false;

  async function send() {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length) {
      const [move] = waiting;
      try {
        const answer = await requestJson(
          "POST",
          `${address}${encodeURIComponent(move.slug)}/move/`,
          {
            body: move.to,
            headers: { "If-Match": `"${versionOf(move.slug)}"` },
          },
        );
        waiting.shift();
        saved(move, answer);
      } catch (error) {
        waiting = [];
        failed(move, whyOf(error));
      }
    }
    isBusy = false;
  }

  return (move) => {
    waiting.push(move);
    send();
  };
}

function whyOf(error) {
  if (!(error instanceof HttpError)) {
    const reason = "No answer from the server: check the connection and try again.";
    return { reason, isOutdated: false };
  }
  const isOutdated = OUTDATED.has(error.status);
  const changed = isOutdated ? "The codebook has changed since this page was loaded. " : "";
  return { reason: changed + error.message, isOutdated };
}
