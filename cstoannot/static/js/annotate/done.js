/**
 * Marking the source as done, and reopening it. A source that is done is changed only after its
 * annotator has reopened it, so every change asks first. Finished practice is not reopened.
 */

import { NetworkError, requestJson } from "../lib/http.js";
import { openStorage } from "../lib/storage.js";
import { SourceDone } from "./content.js";

const FINISHED =
  "This practice is finished. To practise again, begin anew: that clears what you coded.";
const REFUSED = "source_done"; // what the API calls the refusal of a change on such a source

/**
 * @param {{button: HTMLButtonElement|null, dialog: HTMLDialogElement|null, config: PageConfig,
 *   uiState: UiState, store: Store, announce: Announce, hint: Hint}} parts
 * @returns {{toggle: () => Promise<void>, reopen: (() => Promise<boolean|void>)|null,
 *   guard: Guard}} `guard` makes of a function one that asks first where it
 *   would change a source that is done; no `reopen` for practice
 */
export function createDone({ button, dialog, config, uiState, store, announce, hint }) {
  const { assignment } = config;
  if (!button || !assignment) {
    const refuse = async () => hint("This source is not assigned to you.");
    return { toggle: refuse, reopen: refuse, guard: (work) => work };
  }
  const tabs = openStorage(`cstoannot:v1:${assignment.url}:`);

  /** Take over a state that the server knows, whoever set it. */
  const show = (/** @type {string} */ state) => {
    assignment.state = state;
    store.sourceDone = state === "done";
    draw(button, assignment);
  };

  /** @returns {Promise<boolean>} whether the server has it so */
  const change = async (/** @type {string} */ state) => {
    button.disabled = true;
    try {
      if (state === "done" && !(await allSaved(store))) {
        hint("Some changes are not saved yet. Mark the source as done when they are.");
        return false;
      }
      const answer = await requestJson("PATCH", assignment.url, { body: { state } });
      show(answer?.state ?? state);
      tabs.set("state", assignment.state);
      announce(state === "done" ? "Marked as done" : "Reopened", true);
      return true;
    } catch (error) {
      const away = error instanceof NetworkError;
      hint(away ? "The server cannot be reached at the moment." : error.message);
      return false;
    } finally {
      button.disabled = false;
    }
  };

  /** Reopens the source, and sends what was refused because it was done. */
  async function reopenSource() {
    if (!(await change("started"))) return false;
    for (const { id, problem } of store.refused()) if (problem === REFUSED) store.retry(id);
    return true;
  }

  const refuse = async () => {
    hint(FINISHED);
    uiState.tell("declined"); // for fields to show again what is saved
  };
  const reopen = assignment.practice ? null : reopenSource;
  const toggle = async () =>
    void (await (store.sourceDone ? (reopen ?? refuse)() : change("done")));
  const guard = createGuard(reopen ? createQuestion({ dialog, uiState, reopen }) : refuse);
  store.addEventListener("status", () => {
    // Somebody marked it as done elsewhere: the server says so by refusing.
    const refused = store.refused().some(({ problem }) => problem === REFUSED);
    if (refused && !store.sourceDone) show("done");
  });
  tabs.listen((key, state) => key === "state" && state && show(state));
  button.addEventListener("click", toggle);
  show(assignment.state);
  return { toggle, reopen, guard };
}

/** "Done" says that all was read and coded: what is coded must be there first. */
async function allSaved(store) {
  await store.flush();
  const { pending, conflicts, refused } = store.status();
  return pending + conflicts + refused === 0;
}

function createQuestion({ dialog, uiState, reopen }) {
  /** @type {Promise<unknown>} */
  let asked = Promise.resolve(); // until the question before is answered
  /** Ask; on yes reopen, and do the work on what was selected when it was asked for. */
  return async function askFirst(work) {
    if (dialog.open) return undefined;
    const { selection, active } = uiState;
    // A dialog says a moment after it has closed that it did: not to the next question.
    asked = asked.then(() => ask(dialog));
    const agreed = (await asked) && (await reopen());
    if (!agreed) return uiState.tell("declined");
    if (selection) uiState.select(selection);
    else uiState.activate(active);
    return work();
  };
}

/** @param {(work: () => unknown) => unknown} answer to work that would change a source that is done */
function createGuard(answer) {
  return (work) =>
    (...values) => {
      try {
        return work(...values);
      } catch (error) {
        if (!(error instanceof SourceDone)) throw error;
        return void answer(() => work(...values));
      }
    };
}

/** @returns {Promise<boolean>} Enter says yes, Escape no; other keys that were meant for the text nothing */
function ask(dialog) {
  const ended = new AbortController();
  const { signal } = ended;
  return new Promise((resolve) => {
    const onKey = (event) => {
      const chosen = event.target instanceof HTMLButtonElement;
      if (event.key === "Enter" && !event.repeat && !chosen) dialog.close("reopen");
    };
    const onClose = () => {
      ended.abort();
      resolve(dialog.returnValue === "reopen");
    };
    dialog.addEventListener("keydown", onKey, { signal });
    dialog.addEventListener("close", onClose, { signal });
    dialog.returnValue = "";
    dialog.showModal();
  });
}

function draw(button, { state, practice }) {
  const done = state === "done";
  button.dataset.state = state;
  button.hidden = done && practice !== null;
  button.firstElementChild.textContent = done ? "Reopen" : "Mark as done";
  document.getElementById("finished").hidden = !done;
  const dot = document.querySelector(".sources a[aria-current] .dot");
  if (!dot || (dot.dataset.state === "done") === done) return;
  dot.dataset.state = state;
  if (practice) return; // it counts in no progress
  /** @type {HTMLProgressElement} */
  const progress = document.getElementById("done-progress");
  progress.value += done ? 1 : -1;
  document.getElementById("done-count").textContent = String(progress.value);
}
