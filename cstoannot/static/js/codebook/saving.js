/** Sends moves to the server one after the other. */

import { HttpError, requestJson } from "../lib/http.js";

/**
 * @param {string} address of the project's codes in the API
 * @param {(move: Object) => void} saved
 * @param {(move: Object, reason: string) => void} failed the page puts the code back; moves made
 *   meanwhile are not sent, because they were made on what the server has refused
 * @returns {(move: {slug: string, to: {parent: string|null, position: number}}) => void}
 */
export function createSaver(address, saved, failed) {
  let waiting = [];
  let isBusy = false;

  async function send() {
    if (isBusy) return;
    isBusy = true;
    while (waiting.length) {
      const [move] = waiting;
      try {
        await requestJson("POST", `${address}${encodeURIComponent(move.slug)}/move/`, {
          body: move.to,
        });
        waiting.shift();
        saved(move);
      } catch (error) {
        waiting = [];
        failed(move, reasonOf(error));
      }
    }
    isBusy = false;
  }

  return (move) => {
    waiting.push(move);
    send();
  };
}

function reasonOf(error) {
  if (error instanceof HttpError) return error.message;
  return "No answer came from the server: check the connection and try again.";
}
