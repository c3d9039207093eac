/** From a target and a code to an annotation. */

export class Coding {
  #parts;

  /**
   * @param {{uiState: UiState, store: Store, article: Article, config: PageConfig, announce: Announce,
   *   hint: Hint}} parts
   */
  constructor(parts) {
    this.#parts = parts;
  }

  /**
   * Code the selected text, or give the selected annotation's passage one code more.
   * @param {string} slug
   */
  code(slug) {
    const { uiState, article, config, hint } = this.#parts;
    const code = uiState.codes.get(slug);
    if (!config.mayAnnotate || !code || code.retired) return;
    const target = uiState.selection ? article.trim(uiState.selection) : uiState.current;
    if (target && target.start < target.end) this.#create(target, code);
    else hint(`Select text first, then ${code.name} codes it.`);
  }

  /**
   * Code a passage, whatever is selected.
   * @param {Span} target code points
   * @param {string} slug
   */
  codeAt(target, slug) {
    const { uiState, config } = this.#parts;
    const code = uiState.codes.get(slug);
    if (config.mayAnnotate && code && !code.retired) this.#create(target, code);
  }

  /**
   * Give the selected annotation another code in place of its own.
   * @param {string} slug
   */
  replace(slug) {
    const { uiState, store, config, announce } = this.#parts;
    const { current } = uiState;
    const code = uiState.codes.get(slug);
    if (!config.mayAnnotate || !current?.mine) return this.code(slug);
    if (!code || code.retired || current.code === slug) return undefined;
    store.change(current.id, { code: slug });
    uiState.used(slug);
    return announce(`Changed to ${code.name}`, true);
  }

  /** The last code again; with no target, take the passage at the caret. */
  again() {
    const { uiState, hint } = this.#parts;
    const [last] = uiState.recent;
    if (last && (uiState.selection || uiState.current)) return this.code(last);
    const here = uiState.intervals.at(uiState.caret)[0];
    if (here) return uiState.activate(here.id);
    return hint("Select text first; ↵ then codes it with the last code.");
  }

  #create({ start, end }, { slug, name }) {
    const { uiState, store, article, announce, hint } = this.#parts;
    const same = (a) => a.mine && a.start === start && a.end === end && a.code === slug;
    const before = store.all().find(same);
    const quote = article.slice(start, end);
    const passage = before ?? store.add({ start, end, quote, code: slug });
    document.getSelection().removeAllRanges();
    uiState.select(null);
    uiState.moveCaret(end);
    uiState.activate(passage.id);
    uiState.used(slug);
    hint(before ? `This passage already has the code ${name}.` : "");
    const length = end - start;
    if (!before) announce(`Coded ${name}, ${length} character${length === 1 ? "" : "s"}`, true);
  }
}
