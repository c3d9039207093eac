/** The buttons that undo and redo: each says what it would take back or do again. */

import { describeStep } from "./undo.js";

const REASONS = { undo: "nothing has been changed yet", redo: "nothing has been undone" };
const WORDS = { undo: "Undo", redo: "Redo" };

const stepOf = (/** @type {HTMLElement} */ button) =>
  button.dataset.step === "redo" ? "redo" : "undo";

/**
 * @param {{buttons: HTMLElement[], uiState: UiState, store: Store, commands: Commands, hint: Hint}}
 *   parts `hint.expire` takes away the offer to undo a step that is no longer the last
 */
export function offerSteps({ buttons, uiState, store, commands, hint }) {
  const nameOf = (slug) => uiState.codes.get(slug)?.name ?? slug;
  function draw() {
    for (const button of buttons) {
      const step = stepOf(button);
      const next = store.next(step);
      const label = `${WORDS[step]}: ${next ? describeStep(next, step, nameOf) : REASONS[step]}`;
      button.setAttribute("aria-disabled", String(!next));
      button.setAttribute("aria-label", label);
      button.title = label;
      const words = button.querySelector(".step-label");
      if (words) words.textContent = next ? label : WORDS[step];
    }
  }
  for (const button of buttons) {
    // The focus and the selected text stay where they are.
    button.addEventListener("mousedown", (event) => event.preventDefault());
    button.addEventListener("click", () => commands[stepOf(button)]());
  }
  store.addEventListener("steps", () => {
    hint.expire();
    draw();
  });
  draw();
}
