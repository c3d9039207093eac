/** Small parts of the page around the text: counts, hints, keys, names of speakers. */

import { keepSetting, readSetting } from "../lib/storage.js";

const SWITCH = "cstoannot.one-key-commands";
const SHOWN = 4000; // milliseconds
const OFFERED = 12_000; // milliseconds that a message with a button stays

/**
 * @param {HTMLElement} toast
 * @param {(words: string, soon?: boolean) => void} announce
 * @returns {((words: string, options?: {undoable?: boolean}) => void) & {expire: () => void}} shows
 *   a sentence for a moment, with a button to undo what it tells of; "" takes it away; `expire`
 *   takes away one that offers to undo
 */
export function createHint(toast, announce) {
  const [sentence, undo = null] = toast.querySelectorAll(":scope > *");
  let timer = 0;
  const hide = () => {
    clearTimeout(timer);
    if (toast.contains(document.activeElement)) {
      document.getElementById("text").focus({ preventScroll: true });
    }
    toast.hidden = true;
  };
  const isInUse = () => toast.matches(":hover, :focus-within");
  const wait = (time) => {
    clearTimeout(timer);
    timer = setTimeout(() => (isInUse() ? wait(SHOWN) : hide()), time);
  };
  function hint(words, { undoable = false } = {}) {
    if (!words) return hide();
    toast.hidden = false;
    sentence.textContent = words;
    if (undo) undo.hidden = !undoable;
    announce(undoable ? `${words} The Undo button follows the text.` : words, true);
    return wait(undoable ? OFFERED : SHOWN);
  }
  hint.expire = () => undo && !undo.hidden && hide();
  return hint;
}

const PLACE = /^#at=(\d{1,9})-(\d{1,9})$/;

/**
 * Go to the passage that the address names: `#at=812-1010`, in code points. Where one of these
 * bounds is coded it is selected as a passage, otherwise the text is.
 * @param {{store: Store, article: Article, go: (id: string) => void}} parts
 */
export function followAddress({ store, article, go }) {
  function follow() {
    const [, first, last] = PLACE.exec(location.hash) ?? [];
    const start = Math.min(Number(first), article.length);
    const end = Math.min(Number(last), article.length);
    if (!(start < end)) return;
    const passage = store.all().find((one) => one.start === start && one.end === end);
    if (passage) return void go(passage.id);
    article.reveal(start, { calm: true });
    article.root.focus({ preventScroll: true });
    article.select(start, end);
  }
  addEventListener("hashchange", follow);
  follow();
}

/**
 * How many passages there are, and which of them are shown.
 * @param {{uiState: UiState, count: HTMLElement, tally: HTMLElement, filtered: HTMLElement}} parts
 */
export function drawHeader({ uiState, count, tally, filtered }) {
  const [words] = filtered.children;
  filtered.querySelector("button").addEventListener("click", () => uiState.showAll());
  function draw() {
    const all = uiState.store.all().length;
    count.textContent = `${all} annotation${all === 1 ? "" : "s"}`;
    const shown = uiState.visible.length;
    tally.textContent = uiState.filtered ? `${shown} of ${all}` : String(all);
    filtered.hidden = !uiState.filtered;
    if (!uiState.filtered) return;
    const { code, stance, annotator } = uiState.filter;
    const what = [
      uiState.codes.get(code)?.name,
      stance === "none" ? "no stance" : stance,
      annotator,
    ];
    words.textContent = `Showing ${shown} of ${all}: ${what.filter(Boolean).join(", ")}`;
  }
  uiState.addEventListener("passages", draw);
  draw();
}

/** @returns {boolean} whether single characters are commands; some people dictate their text */
export const oneKeyCommands = () => readSetting(SWITCH) !== "off";

/**
 * @param {{dialog: HTMLDialogElement, box: HTMLInputElement, open: () => void}} parts `open` shows
 *   the list of keys
 */
export function offerKeys({ dialog, box, open }) {
  box.checked = oneKeyCommands();
  box.addEventListener("change", () => {
    keepSetting(SWITCH, box.checked ? "on" : "off");
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.getElementById("show-keys")?.addEventListener("click", open);
}

/**
 * Speakers of the project and those named on this page complete what is typed as a voice.
 * @param {{list: HTMLDataListElement, names: string[], store: Store,
 *   element: typeof import("../parts/element.js").element}} parts
 */
export function offerSpeakers({ list, names, store, element }) {
  const known = new Set();
  const add = (name) => {
    if (!name || known.has(name)) return;
    known.add(name);
    list.append(element("option", { value: name }));
  };
  names.forEach(add);
  store.addEventListener("change", (/** @type {CustomEvent<Changes>} */ { detail }) => {
    for (const id of [...detail.added, ...detail.changed]) add(store.get(id)?.voice);
  });
}
