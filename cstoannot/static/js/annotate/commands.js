/** What can be done on the annotate page, whatever asked for it: a key, a button, or a touch. */

import { Coding } from "./coding.js";
import { Editing } from "./editing.js";
import { describeStep } from "./undo.js";
import { createWalk } from "./walk.js";

/**
 * @param {{uiState: UiState, store: Store, article: Article, caret: Caret, config: PageConfig,
 *   announce: Announce, hint: Hint, guard: Guard}} parts
 * @returns {Commands} by name; `main.js` adds those that open parts of the page
 */
export function createCommands(parts) {
  const coding = new Coding(parts);
  const editing = new Editing(parts);
  const walk = createWalk(parts);
  /** @type {Commands} */
  const commands = {
    ...walk,
    code: (slug) => coding.code(slug),
    codeAt: (target, slug) => coding.codeAt(target, slug),
    replace: (slug) => coding.replace(slug),
    again: () => coding.again(),
    stance: (value) => editing.stance(value),
    remove: () => editing.remove(),
    describe: (id, patch) => void parts.store.change(id, patch),
    setEnds: (id, span) => editing.setEnds(id, span),
    moveEnd: (which, forward) => editing.moveEnd(which, forward),
    snap: (step) => editing.snap(step),
    undo: () => travel(parts, walk.go, "undo", "Undone"),
    redo: () => travel(parts, walk.go, "redo", "Redone"),
    escape: () => letGo(parts),
  };
  return Object.fromEntries(
    Object.entries(commands).map(([name, work]) => [name, parts.guard(work)]),
  );
}

/** Undo or redo, and go to what it brought back. */
function travel({ uiState, store, hint }, go, step, done) {
  const next = store.next(step);
  if (!next) return hint(`Nothing to ${step}.`);
  let touched = [];
  const watch = ({ detail }) => (touched = [...detail.added, ...detail.changed]);
  store.addEventListener("change", watch, { once: true });
  const label = store[step]();
  store.removeEventListener("change", watch);
  if (touched.length) go(touched[0]);
  const what = describeStep(next, step, (slug) => uiState.codes.get(slug)?.name ?? slug);
  const skipped = label.slice(next.label.length); // why it was not done
  return hint(`${done}: ${what}${skipped}`);
}

/** First of the selected text, then of the selected annotation. */
function letGo({ uiState, hint }) {
  if (uiState.selection) {
    document.getSelection().removeAllRanges();
    uiState.select(null);
  } else uiState.activate(null);
  hint("");
}
