/** Changes to the selected annotation. */

const STANCES = { supports: "Supports", opposes: "Opposes", mixed: "Mixed", "": "No stance" };

/** The beginning and the end of a quote are what its reader has to know. */
function shorten(quote) {
  const words = quote.replace(/\s+/g, " ");
  return words.length > 90 ? `${words.slice(0, 40)} … ${words.slice(-40)}` : words;
}

export class Editing {
  #parts;

  /**
   * @param {{uiState: UiState, store: Store, article: Article, caret: Caret, config: PageConfig,
   *   announce: Announce, hint: Hint}} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /** @param {"supports"|"opposes"|"mixed"} value asked for twice, it is taken back */
  stance(value) {
    const current = this.#mine();
    if (!current) return;
    const stance = current.stance === value ? "" : value;
    this.#parts.store.change(current.id, { stance });
    this.#parts.announce(STANCES[stance], true);
  }

  remove() {
    const current = this.#mine();
    if (!current) return;
    const { uiState, store, hint } = this.#parts;
    uiState.moveCaret(current.start);
    store.remove(current.id);
    hint(`Deleted ${uiState.codes.get(current.code)?.name ?? current.code}.`, { undoable: true });
  }

  /**
   * Set both ends; the quote follows from the text.
   * @param {string} id
   * @param {Span} span code points
   */
  setEnds(id, span) {
    const { uiState, store, article, hint } = this.#parts;
    const { start, end } = article.trim(span);
    const current = store.get(id);
    if (start >= end || (current.start === start && current.end === end)) return;
    const quote = article.slice(start, end);
    store.change(id, { start, end, quote });
    const name = uiState.codes.get(current.code)?.name ?? current.code;
    hint(`${name} now covers: “${shorten(quote)}”`, { undoable: true });
  }

  /**
   * Move one end of the selected annotation by a word.
   * @param {"start"|"end"} which
   * @param {boolean} forward
   */
  moveEnd(which, forward) {
    const current = this.#mine();
    if (!current) return;
    const { movement } = this.#parts.caret;
    const at = movement.seek("word", current[which], forward, which);
    const span = { start: current.start, end: current.end, [which]: at };
    if (span.start < span.end) this.setEnds(current.id, span);
  }

  /** Widen the selected annotation, or else the selected text, to whole words or sentences. */
  snap(step) {
    const { uiState, caret } = this.#parts;
    const current = uiState.selection ? null : uiState.current;
    if (!current) caret.snap(step);
    else if (this.#mine()) this.setEnds(current.id, caret.movement.snap(step, current));
  }

  #mine() {
    const { uiState, config, hint } = this.#parts;
    const { current } = uiState;
    if (current?.mine && config.mayAnnotate) return current;
    hint(current ? "Only its coder can change this passage." : "Select a passage first.");
    return null;
  }
}
