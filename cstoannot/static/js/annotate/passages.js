/** All annotations as a list: the form of the coding that needs no eyes for colour. */

import { element } from "../parts/element.js";
import { oncePerFrame } from "../parts/timing.js";

const PAGE = 200;
const STATES = { waiting: "waiting", conflict: "changed elsewhere", refused: "not accepted" };

export class PassageList {
  #parts;
  #limit = PAGE;
  #stale = true;

  /**
   * @param {{root: HTMLElement, more: HTMLButtonElement,
   *   filters: Object<string, HTMLSelectElement>, uiState: UiState, go: (id: string) => void,
   *   codes: Code[]}} parts
   */
  constructor(parts) {
    this.#parts = parts;
    const { root, more, filters, uiState, go } = parts;
    const idAt = (event) => event.target.closest("[data-id]")?.dataset.id ?? null;
    root.addEventListener("click", (event) => idAt(event) && go(idAt(event)));
    root.addEventListener("pointerover", (event) => uiState.point(idAt(event)));
    root.addEventListener("pointerleave", () => uiState.point(null));
    more.addEventListener("click", () => {
      this.#limit += PAGE;
      this.#draw();
    });
    for (const [name, select] of Object.entries(filters)) {
      select.addEventListener("change", () => uiState.narrow({ [name]: select.value }));
    }
    uiState.addEventListener(
      "passages",
      oncePerFrame(() => this.#draw()),
    );
    uiState.addEventListener("active", () => this.#mark());
  }

  /** Its panel has just been shown. */
  opened() {
    if (this.#stale) this.#draw();
    this.#mark();
  }

  #find(id) {
    return id ? this.#parts.root.querySelector(`[data-id="${CSS.escape(id)}"]`) : null;
  }

  #draw() {
    const { root, more, filters, uiState, codes } = this.#parts;
    this.#stale = root.closest("[role=tabpanel]").hidden;
    if (this.#stale) return;
    const { visible, active } = uiState;
    const at = visible.findIndex(({ id }) => id === active);
    if (at >= this.#limit) this.#limit = Math.ceil((at + 1) / PAGE) * PAGE;
    const focused = document.activeElement;
    const isInside = focused instanceof HTMLElement && root.contains(focused);
    const had = isInside ? focused.dataset.id : null;
    root.replaceChildren(...visible.slice(0, this.#limit).map((passage) => item(passage, uiState)));
    this.#find(had)?.focus({ preventScroll: true });
    if (!visible.length) root.append(element("li", { class: "muted", text: emptyWords(uiState) }));
    const left = visible.length - this.#limit;
    more.hidden = left <= 0;
    more.textContent = `Show ${Math.min(PAGE, left)} more of ${left}`;
    drawFilters(filters, uiState, codes);
  }

  #mark() {
    const { root, uiState } = this.#parts;
    if (root.closest("[role=tabpanel]").hidden) return;
    root.querySelector("[aria-current]")?.removeAttribute("aria-current");
    if (!uiState.active) return;
    if (!this.#find(uiState.active)) this.#draw();
    const shown = this.#find(uiState.active);
    shown?.setAttribute("aria-current", "true");
    if (!root.contains(document.activeElement)) shown?.scrollIntoView({ block: "nearest" });
  }
}

const emptyWords = (uiState) =>
  uiState.filtered ? "No passage matches this filter." : "Nothing is coded in this source yet.";

function item(passage, uiState) {
  const { id, code, stance, voice, note, quote, mine, annotator, state } = passage;
  const name = uiState.codes.get(code)?.name ?? code;
  const short = quote.length > 180 ? `${quote.slice(0, 178)}…` : quote;
  const tags = [
    mine ? null : annotator,
    state && state !== "saved" ? STATES[state] : null,
    passage.stale ? "outdated" : null,
  ].filter(Boolean);
  const head = element(
    "span",
    { class: "item-head" },
    element("span", { class: "chip", text: name, dataset: { code } }),
    stance ? element("span", { class: "stance", text: stance, dataset: { stance } }) : null,
    ...tags.map((tag) => element("span", { class: "tag", text: tag })),
  );
  const said = voice ? element("span", { class: "said", text: voice, dir: "auto" }) : null;
  const noted = note ? element("span", { class: "noted", text: note, dir: "auto" }) : null;
  const words = element("q", { text: short, dir: "auto" });
  const current = id === uiState.active ? "true" : null;
  const button = element("button", { type: "button", dataset: { id }, "aria-current": current });
  button.append(...[head, words, said, noted].filter((part) => part !== null));
  return element("li", {}, button);
}

/** Only codes and annotators that occur can be chosen; what is chosen stays. */
function drawFilters(filters, uiState, codes) {
  const all = uiState.store.all();
  const used = new Set(all.map(({ code }) => code)).add(uiState.filter.code);
  const people = [...new Set(all.map(({ annotator }) => annotator))].filter(Boolean).sort();
  const option = (value, text) => element("option", { value, text });
  filters.code.replaceChildren(
    option("", "Any code"),
    ...codes.filter(({ slug }) => used.has(slug)).map(({ slug, name }) => option(slug, name)),
  );
  filters.annotator.replaceChildren(
    option("", "Everyone"),
    ...people.map((name) => option(name, name)),
  );
  filters.annotator.hidden = people.length < 2;
  for (const [name, select] of Object.entries(filters)) select.value = uiState.filter[name];
}
