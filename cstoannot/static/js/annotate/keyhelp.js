/** The list of keys, as they stand on the reader's own keyboard where the browser tells. */

import { element } from "../parts/element.js";
import { meansItself, placeOf, printedOn } from "../parts/keys.js";
import { isCommand } from "./keyboard.js";

const readLayout = async () => {
  const layout = await navigator.keyboard?.getLayoutMap?.().catch(() => null);
  return layout?.size ? layout : null;
};

export class KeyHelp {
  #dialog;
  #uiState;
  /** @type {Map<string, string>|null} */
  #layout = null; // what each key types without Shift, by its code

  /** @param {{dialog: HTMLDialogElement, uiState: UiState}} parts */
  constructor({ dialog, uiState }) {
    this.#dialog = dialog;
    this.#uiState = uiState;
    this.#read();
    addEventListener("focus", () => this.#read());
  }

  async open() {
    await this.#read();
    const codes = [...this.#uiState.codes.values()];
    const keyed = codes.filter(({ shortcut, retired }) => shortcut && !retired);
    const rows = keyed.map(({ name, slug, shortcut }) =>
      element(
        "div",
        {},
        element("dt", {}, this.show(shortcut)),
        element("dd", { class: "chip", text: name, dataset: { code: slug } }),
      ),
    );
    const list = this.#dialog.querySelector("#code-keys");
    list.replaceChildren(...rows);
    list.parentElement.hidden = !rows.length;
    if (!this.#dialog.open) this.#dialog.showModal();
  }

  /** @returns {HTMLElement} a `kbd` that stays right when the keyboard changes */
  show(key, attributes = {}) {
    return element("kbd", { text: this.#label(key), dataset: { key }, ...attributes });
  }

  /** Asks which keyboard it is, and corrects what is shown already. */
  async #read() {
    this.#layout = await readLayout();
    for (const kbd of document.querySelectorAll("kbd[data-key]")) {
      const label = this.#label(kbd.dataset.key);
      if (kbd.textContent !== label) kbd.textContent = label;
    }
  }

  /** What to press for a character: what the keyboard prints, or another key that does the same. */
  #label(character) {
    const usual = character.toUpperCase();
    const layout = this.#layout;
    const [code = "", shift = false] = placeOf(character) ?? [];
    const here = layout?.get(code);
    if (!layout || !here || here === printedOn(code) || [...layout.values()].includes(character))
      return usual;
    const isTaken = meansItself(here) || isCommand(here) || this.#isShortcut(here);
    if (/^\d$/.test(character)) return isTaken ? `Shift ${usual}` : usual;
    // Only brackets are missing on some keyboards; “?” and “+” stand somewhere on all of them.
    if (isTaken || (shift && !"{}".includes(character))) return usual;
    return `${shift ? "Shift " : ""}${here.toUpperCase()}`;
  }

  #isShortcut(character) {
    const codes = [...this.#uiState.codes.values()];
    return codes.some(({ shortcut, retired }) => shortcut === character && !retired);
  }
}
