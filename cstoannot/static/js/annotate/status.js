/** Whether everything is saved, in words; and what is not, to be decided on. */

import { element } from "../parts/element.js";

const CLOSED =
  "Not accepted: the source is marked as done. The change is kept in this browser until you decide.";
const REFUSED = "The server did not accept this.";
const plural = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`;

/** @typedef {{words: string, tone: "good"|"busy"|"bad", asks: boolean}} Status `asks`: of a person */

/**
 * @param {{pending: number, online: boolean, signedOut: boolean, conflicts: number,
 *   refused: number, storageFull: boolean, sourceDone: boolean}} state `sourceDone`: changes were
 *   refused because the source is marked as done
 * @returns {Status}
 */
export function describeStatus(state) {
  const { pending, online, signedOut, conflicts, refused, storageFull } = state;
  const verb = pending === 1 ? "is" : "are";
  const kept = pending ? `; your ${plural(pending, "change")} ${verb} kept` : "";
  if (conflicts)
    return bad(`${plural(conflicts, "passage")} changed elsewhere: choose a version`, true);
  if (refused) {
    const why = state.sourceDone ? "the source is marked as done" : "open for details";
    return bad(`${plural(refused, "change")} not accepted: ${why}`, true);
  }
  if (signedOut) return bad(`Logged out: log in again${kept}`, true);
  if (storageFull) return bad("This browser’s storage is full: keep this page open", false);
  if (!online) {
    const what = pending ? `${plural(pending, "change")} waiting` : "changes will be kept";
    return { words: `Offline: ${what}`, tone: "busy", asks: false };
  }
  if (pending) return { words: "Saving…", tone: "busy", asks: false };
  return { words: "All changes saved", tone: "good", asks: false };
}

/** @returns {Status} */
const bad = (words, asks) => ({ words, tone: "bad", asks });

/**
 * @param {{button: HTMLButtonElement, dialog: HTMLDialogElement, store: Store, uiState: UiState,
 *   reopen: (() => Promise<boolean|void>)|null, signInUrl: string}} parts `reopen`: null for
 *   practice, which is not reopened
 */
export function createStatus({ button, dialog, store, uiState, reopen, signInUrl }) {
  function draw() {
    const { words, tone, asks } = describeStatus({
      ...store.status(),
      sourceDone: store.refused().some(isOfDoneSource),
    });
    if (button.textContent !== words) button.textContent = words;
    button.dataset.tone = tone;
    button.disabled = !asks;
    if (dialog.open) fill({ dialog, store, uiState, reopen });
  }
  button.addEventListener("click", () => {
    const { conflicts, refused, signedOut } = store.status();
    if (conflicts || refused) openTrouble();
    else if (signedOut) location.assign(signInUrl);
  });
  function openTrouble() {
    fill({ dialog, store, uiState, reopen });
    if (!dialog.open) dialog.showModal();
  }
  let known = 0;
  store.addEventListener("status", () => {
    draw();
    const { conflicts, refused } = store.status();
    // Once per new case: closing the dialog means "later".
    if (conflicts + refused > known && !document.querySelector("dialog[open]")) openTrouble();
    known = conflicts + refused;
  });
  draw();
}

const isOfDoneSource = (/** @type {Refusal} */ { problem }) => problem === "source_done";

function fill({ dialog, store, uiState, reopen }) {
  const cases = [
    ...store.conflicts().map((conflict) => conflictView(conflict, store, uiState)),
    ...store.refused().map((refusal) => refusalView(refusal, { store, uiState, reopen })),
  ];
  if (!cases.length) return dialog.close();
  const many = `${cases.length} changes need your decision`;
  dialog.querySelector("h2").textContent =
    cases.length === 1 ? "A change needs your decision" : many;
  const button = element("button", { class: "button", text: "Later" });
  const later = element("form", { method: "dialog" }, button);
  return dialog.querySelector("div").replaceChildren(...cases, later);
}

function conflictView({ id, mine, theirs }, store, uiState) {
  const differs = (name) => Boolean(mine && theirs) && mine[name] !== theirs[name];
  const side = (title, version, choice, label) => {
    const on = { click: () => store.resolve(id, choice) };
    const button = element("button", { type: "button", class: "button", text: label, on });
    const heading = element("h3", { text: title });
    return element("section", {}, heading, ...versionView(version, uiState, differs), button);
  };
  return element(
    "div",
    { class: "versions" },
    side("Your version", mine, "mine", "Keep your version"),
    side("The saved version", theirs, "theirs", "Use the saved version"),
  );
}

/**
 * Everything an annotation says; what differs between two of them stands out.
 * @param {Content|null} version
 * @param {UiState} uiState
 * @param {(field: string) => boolean} [differs]
 */
function versionView(version, uiState, differs = () => false) {
  if (!version) return [element("p", { class: "muted", text: "Deleted" })];
  const { code, stance, voice, note, quote } = version;
  const name = uiState.codes.get(code)?.name ?? code;
  const look = { class: "stance", dataset: { stance } };
  /** @type {[string, string, HTMLElement][]} */
  const said = [
    ["code", "Code", element("span", { class: "chip", text: name, dataset: { code } })],
    ["stance", "Stance", element("span", { ...look, text: stance || "none" })],
    ["voice", "Voice", element("span", { text: voice || "the author", dir: "auto" })],
    ["note", "Note", element("span", { text: note || "none", dir: "auto" })],
  ];
  const rows = said.map(([field, label, value]) =>
    element(
      "div",
      { class: differs(field) ? "differs" : null },
      element("dt", { text: label }),
      element("dd", {}, value),
    ),
  );
  const moved = differs("start") || differs("end") ? "differs" : null;
  const passage = { text: quote, dir: "auto", dataset: { code }, class: moved };
  return [element("blockquote", passage), element("dl", {}, ...rows)];
}

function refusalView(refusal, { store, uiState, reopen }) {
  const { id, kind, wanted, detail } = refusal;
  const done = isOfDoneSource(refusal);
  const act = (text, work) =>
    element("button", { type: "button", class: "button", text, on: { click: work } });
  return element(
    "div",
    { class: "refusal" },
    element("p", {}, element("strong", { text: done ? CLOSED : detail || REFUSED })),
    ...versionView(kind === "remove" ? store.get(id) : wanted, uiState),
    element(
      "p",
      { class: "row" },
      done ? reopen && act("Reopen and send", reopen) : act("Try again", () => store.retry(id)),
      act("Discard this change", () => store.discard(id)),
    ),
  );
}
