/** The codes that the reader has proposed in this source, and what came of them. */

import { openStorage } from "../lib/storage.js";
import { element } from "../parts/element.js";

export class Proposals {
  #parts;
  #found;
  #read = openStorage("cstoannot.proposals.");

  /**
   * @param {{root: HTMLElement, uiState: UiState, store: Store, article: Article,
   *   commands: Commands, found: Proposal[]}} parts `found` as the API lists them
   */
  constructor(parts) {
    this.#parts = parts;
    this.#found = parts.found.filter(({ id }) => !this.#read.has(id));
    parts.uiState.addEventListener("passages", () => this.#draw());
    this.#draw();
  }

  /** @param {Proposal} proposal just made */
  add(proposal) {
    this.#found.unshift(proposal);
    this.#draw();
  }

  #draw() {
    const { root } = this.#parts;
    const open = this.#found.filter((proposal) => !this.#isCoded(proposal));
    root.hidden = !open.length;
    const shown = open.map(({ id, state }) => `${id} ${state}`).join();
    if (root.dataset.shown === shown) return;
    root.dataset.shown = shown;
    const items = open.map((proposal) => this.#makeItem(proposal));
    const title = element("h3", { text: "Proposed by you" });
    root.replaceChildren(title, element("ul", { class: "proposals" }, ...items));
  }

  /** Whether its passage carries the code that came of it. */
  #isCoded({ code, start, end }) {
    if (!code) return false;
    const here = this.#parts.store.all();
    const fits = (one) => one.mine && one.code === code && one.start === start && one.end === end;
    return start === null || here.some(fits);
  }

  #makeItem(proposal) {
    const { article } = this.#parts;
    const { name, quote, start, state } = proposal;
    const short = quote.length > 80 ? `${quote.slice(0, 78)}…` : quote;
    const go = () => {
      article.reveal(start, { calm: true });
      article.root.focus({ preventScroll: true });
    };
    const passage = quote
      ? element("button", {
          type: "button",
          class: "link",
          text: short,
          dir: "auto",
          on: { click: go },
        })
      : null;
    const what = { waiting: "Waiting for a code", declined: `Declined: ${proposal.reason}` }[state];
    const told = what ? element("span", { class: "muted", text: what, dir: "auto" }) : null;
    const act = this.#makeAct(proposal);
    return element("li", {}, element("b", { text: name, dir: "auto" }), told, passage, act);
  }

  #makeAct(proposal) {
    const { id, code, state, start, end } = proposal;
    const { uiState, commands } = this.#parts;
    if (state === "accepted" && uiState.codes.has(code)) {
      const text = `Code it with ${uiState.codes.get(code).name}`;
      const click = () => commands.codeAt({ start, end }, code);
      return element("button", { type: "button", class: "button", text, on: { click } });
    }
    if (state !== "declined") return null;
    const click = () => {
      this.#read.set(id, true);
      this.#found = this.#found.filter((other) => other !== proposal);
      this.#draw();
    };
    return element("button", { type: "button", class: "link", text: "Read", on: { click } });
  }
}
