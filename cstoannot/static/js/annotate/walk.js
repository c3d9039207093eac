/** Going from passage to passage. */

const SPOKEN = 200; // characters of a passage that are read out

/**
 * @param {{uiState: UiState, article: Article, announce: Announce}} parts
 */
export function createWalk({ uiState, article, announce }) {
  /** Select an annotation, bring it into view and say what it is. */
  function go(id, options) {
    const passage = uiState.store.get(id);
    if (!passage) return;
    uiState.activate(id);
    uiState.moveCaret(passage.start);
    article.reveal(passage.start, options);
    const name = uiState.codes.get(passage.code)?.name ?? passage.code;
    const by = passage.mine ? "" : `by ${passage.annotator}`;
    const what = [name, passage.stance, by].filter(Boolean).join(", ");
    announce(`${what}: ${passage.quote.slice(0, SPOKEN)}`);
  }

  /** The passage after or before the selected one, or else the caret. */
  function step(direction) {
    const { visible, active } = uiState;
    if (!visible.length) return announce("No passages", true);
    const at = visible.findIndex(({ id }) => id === active);
    let next = at + direction;
    if (at < 0) {
      const after = visible.findIndex(({ start }) => start >= uiState.caret);
      const first = after < 0 ? visible.length : after;
      next = direction > 0 ? first : first - 1;
    }
    const target = visible[next];
    if (target) return go(target.id);
    return announce(direction > 0 ? "This is the last passage" : "This is the first passage", true);
  }

  /** The next passage in the stack; false at its end, so that Tab can go on. */
  function cycle(direction) {
    const stack = uiState.stack;
    const next = stack[stack.findIndex(({ id }) => id === uiState.active) + direction];
    if (!next) return false;
    go(next.id);
    return true;
  }
  return { go, next: () => step(1), previous: () => step(-1), cycle };
}
