/**
 * On narrow screens the tools are a bottom sheet, which rises from below; what is left of it
 * when it is down offers the next step: codes for selected text, stance for a selected passage.
 */

import { element } from "../parts/element.js";
import { keepTextSelected } from "./codelist.js";

const STANCES = [
  ["supports", "▲"],
  ["mixed", "◆"],
  ["opposes", "▼"],
];
const SHOWN = 8; // codes offered for selected text
const PULL = 24; // pixels the grip is dragged before the sheet follows

/**
 * @param {{tools: HTMLElement, grip: HTMLButtonElement}} parts
 * @returns {{open: () => void, close: () => void}}
 */
export function createBottomSheet({ tools, grip }) {
  function set(state) {
    tools.dataset.bottomSheet = state;
    grip.setAttribute("aria-expanded", String(state === "open"));
  }
  const toggle = () => set(tools.dataset.bottomSheet === "open" ? "closed" : "open");
  /** @type {number|null} */
  let from = null;
  grip.addEventListener("click", toggle);
  grip.addEventListener("pointerdown", (event) => (from = event.clientY));
  grip.addEventListener("pointermove", (event) => {
    if (from === null || Math.abs(event.clientY - from) < PULL) return;
    set(event.clientY < from ? "open" : "closed");
    from = null;
    grip.addEventListener("click", (click) => click.stopImmediatePropagation(), {
      capture: true,
      once: true,
    });
  });
  for (const type of ["pointerup", "pointercancel"]) {
    grip.addEventListener(type, () => setTimeout(() => (from = null)));
  }
  return { open: () => set("open"), close: () => set("closed") };
}

export class QuickBar {
  #parts;

  /**
   * @param {{root: HTMLElement, uiState: UiState, commands: Commands, codes: Code[],
   *   config: PageConfig, openCodes: () => void, openPassages: () => void, openInspector: () => void}} parts
   */
  constructor(parts) {
    this.#parts = parts;
    keepTextSelected(parts.root);
    for (const type of ["active", "selection", "passages", "codes"]) {
      parts.uiState.addEventListener(type, () => this.#draw());
    }
    this.#draw();
  }

  #draw() {
    const { root, uiState, config } = this.#parts;
    const { current, selection } = uiState;
    const selecting = selection && config.mayAnnotate;
    root.dataset.state = current ? "passage" : selecting ? "selection" : "idle";
    if (current) root.replaceChildren(...this.#forPassage(current));
    else root.replaceChildren(...(selecting ? this.#forSelection() : this.#forNothing()));
  }

  /** The codes used last, then the first of the codebook. */
  #forSelection() {
    const { uiState, codes, commands, openCodes } = this.#parts;
    const usable = codes.filter((code) => !code.retired && (code.shortcut || code.claim));
    const last = uiState.recent.map((slug) => uiState.codes.get(slug));
    const buttons = [...new Set([...last, ...usable])].slice(0, SHOWN).map(({ slug, name }) => {
      const attributes = { class: "chip", text: name, dataset: { code: slug } };
      return button(attributes, () => commands.code(slug));
    });
    const more = button({ class: "quick-more", text: "All codes" }, openCodes);
    return [element("div", { class: "quick-codes" }, ...buttons), more];
  }

  #forPassage({ code, stance, mine }) {
    const { uiState, commands, config, openInspector } = this.#parts;
    const name = uiState.codes.get(code)?.name ?? code;
    const attributes = { class: "chip quick-name", text: name, dataset: { code } };
    const chip = button(attributes, openInspector);
    if (!mine || !config.mayAnnotate) return [chip];
    const stances = STANCES.map(([value, glyph]) => {
      const pressed = { "aria-label": value, "aria-pressed": String(stance === value) };
      const look = { class: "stance-button", text: glyph, dataset: { stance: value } };
      return button({ ...look, ...pressed }, () => commands.stance(value));
    });
    const group = { class: "quick-stances", role: "group", "aria-label": "Stance" };
    const removal = button({ class: "quick-remove", text: "Delete" }, () => commands.remove());
    return [chip, element("div", group, ...stances), removal];
  }

  #forNothing() {
    const { uiState, openCodes, openPassages } = this.#parts;
    const passages = `Passages · ${uiState.visible.length}`;
    return [
      button({ class: "quick-tab", text: "Codes" }, openCodes),
      button({ class: "quick-tab", text: passages }, openPassages),
    ];
  }
}

const button = (attributes, click) =>
  element("button", { type: "button", ...attributes, on: { click } });
