/** One code in the code panel: its fold, name, entry, count and key. */

import { element } from "../parts/element.js";
import { describeCode } from "./code-popover.js";

/** Whether a code only holds others: its name then folds them, and gives no code. */
export const isHeading = ({ shortcut, claim }, hasChildren) => hasChildren && !shortcut && !claim;

export class CodeRow {
  #shown = {};

  /**
   * @param {Code} code
   * @param {{depth: number, hasChildren: boolean, indented: boolean, keyHelp: KeyHelp,
   *   mayAnnotate: boolean}} about
   */
  constructor(code, { depth, hasChildren, indented, keyHelp, mayAnnotate }) {
    const { slug, name, shortcut, retired } = code;
    this.code = code;
    this.heading = isHeading(code, hasChildren);
    this.root = element("li", { dataset: { slug }, class: this.heading ? "heading" : null });
    this.root.style.paddingInlineStart = `${depth * 0.9 + (indented && !hasChildren ? 1.1 : 0)}rem`;
    this.name = element("button", {
      type: "button",
      class: "code",
      disabled: !this.heading && (!mayAnnotate || retired),
    });
    this.name.append(element("span", { class: "chip", text: name, dataset: { code: slug } }));
    this.count = element("button", { type: "button", class: "count" });
    this.fold = hasChildren ? this.#makeFold(name) : null;
    this.root.append(...(this.fold ? [this.fold] : []), this.name, ...makeInfo(code), this.count);
    if (retired) this.name.append(element("span", { class: "tag", text: "retired" }));
    else if (shortcut) {
      this.root.append(keyHelp.show(shortcut, { "aria-hidden": "true" }));
      this.name.setAttribute("aria-keyshortcuts", shortcut);
    }
  }

  #makeFold(name) {
    const label = `Codes below ${name}`;
    // A heading's name folds, too: one of the two is enough to reach and to read out.
    const more = this.heading ? { tabindex: "-1", "aria-hidden": "true" } : { "aria-label": label };
    return element("button", { type: "button", class: "fold", ...more });
  }

  /** @param {{n: number, only: boolean, current: boolean, open: boolean}} state */
  draw(state) {
    const { n, only, current, open } = this.#shown;
    if (current !== state.current) this.name.toggleAttribute("data-on", state.current);
    if (n !== state.n || only !== state.only) this.#drawCount(state);
    if (this.fold && open !== state.open) {
      for (const button of this.heading ? [this.fold, this.name] : [this.fold]) {
        button.setAttribute("aria-expanded", String(state.open));
      }
    }
    this.#shown = state;
  }

  /** How many passages carry the code: a button that shows only them. */
  #drawCount({ n, only }) {
    const passages = `${n} passage${n === 1 ? "" : "s"} with ${this.code.name}`;
    const words = `${passages}: ${only ? "show all again" : "show only these"}`;
    this.count.textContent = String(n);
    this.count.disabled = !n && !only;
    this.count.hidden = this.heading && this.count.disabled;
    this.count.setAttribute("aria-pressed", String(only));
    this.count.setAttribute("aria-label", words);
    this.count.title = words;
  }
}

/** On a touch screen there is no pointing: the entry opens below its code. */
function makeInfo(code) {
  if (!describeCode(code).length) return [];
  return [
    element("button", {
      type: "button",
      class: "info",
      text: "i",
      "aria-expanded": "false",
      "aria-label": `What ${code.name} means`,
    }),
  ];
}

/** @param {HTMLElement} info the button of a row @param {Code} code */
export function toggleEntry(info, code) {
  const open = info.getAttribute("aria-expanded") === "true";
  info.setAttribute("aria-expanded", String(!open));
  const row = info.closest("li");
  if (open) row.querySelector(".inline-description")?.remove();
  else row.append(element("div", { class: "inline-description" }, ...describeCode(code)));
}
