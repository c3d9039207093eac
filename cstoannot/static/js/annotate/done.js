/** Marking the source as done, and reopening it. */

import { NetworkError, requestJson } from "../lib/http.js";

/**
 * @param {{button: HTMLButtonElement|null, config: Object, store: Object, announce: Function,
 *   hint: Function}} parts
 * @returns {() => Promise<void>} changes the state
 */
export function createDone({ button, config, store, announce, hint }) {
  const { assignment } = config;
  if (!button || !assignment) return async () => hint("This source is not assigned to you.");

  async function change() {
    const state = assignment.state === "done" ? "started" : "done";
    button.disabled = true;
    try {
      if (state === "done" && !(await allSaved(store))) {
        return hint("Not all changes are saved yet; mark it as done when they are.");
      }
      const answer = await requestJson("PATCH", assignment.url, { body: { state } });
      assignment.state = answer?.state ?? state;
      draw(button, assignment.state);
      return announce(state === "done" ? "Marked as done" : "Reopened", true);
    } catch (error) {
      const away = error instanceof NetworkError;
      return hint(away ? "The server cannot be reached just now." : error.message);
    } finally {
      button.disabled = false;
    }
  }
  button.addEventListener("click", change);
  return change;
}

/** "Done" says that all was read and coded: what is coded must be there first. */
async function allSaved(store) {
  await store.flush();
  const { pending, conflicts, refused } = store.status();
  return pending + conflicts + refused === 0;
}

function draw(button, state) {
  const done = state === "done";
  button.dataset.state = state;
  button.firstElementChild.textContent = done ? "Reopen" : "Mark as done";
  document.getElementById("finished").hidden = !done;
  const dot = document.querySelector(".sources a[aria-current] .dot");
  if (!dot || (dot.dataset.state === "done") === done) return;
  dot.dataset.state = state;
  const progress = document.getElementById("done-progress");
  progress.value += done ? 1 : -1;
  document.getElementById("done-count").textContent = progress.value;
}
