/** A code made while coding: added where the reader may, otherwise proposed to those who may. */

import { NetworkError, requestJson } from "../lib/http.js";
import { uuid7 } from "../lib/uuid.js";
import { reloadCodesCss } from "../parts/codescss.js";
import { element } from "../parts/element.js";

const LONGEST_NAME = 100;
const INDENT = "\u2003";

/** @import { Proposals } from "./proposals.js" */

export class NewCode {
  #parts;
  #form;
  /** @type {(Span & Partial<Annotation>)|null} */
  #target = null; // the passage that is to get the code
  #how = "code";
  #sent = { id: "", said: "" }; // the last proposal: sent again, it is the same one

  /**
   * @param {{dialog: HTMLDialogElement, uiState: UiState, store: Store, article: Article,
   *   config: PageConfig, commands: Commands, proposals: Proposals, announce: Announce,
   *   hint: Hint}} parts
   */
  constructor(parts) {
    this.#parts = parts;
    const { dialog, config } = parts;
    this.#form = dialog.querySelector("form");
    const adds = config.mayEditCodebook;
    dialog.querySelector("h2").textContent = adds ? "New code" : "Propose a code";
    this.#form.querySelector(".primary").textContent = adds ? "Add" : "Propose";
    this.#form.querySelector("[data-waits]").hidden = adds;
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
    this.#form.addEventListener("keydown", (event) => {
      const accepts = event.key === "Enter" && (event.ctrlKey || event.metaKey);
      if (accepts) this.#form.requestSubmit();
    });
    this.#form.querySelector("[data-cancel]").addEventListener("click", () => dialog.close());
    this.#form.querySelector("[data-words]").addEventListener("click", () => {
      this.#form.name.value = this.#words;
      this.#form.name.focus();
    });
  }

  /** What the finder offers beside the codes that fit. */
  offer(query, isName) {
    const { config } = this.#parts;
    if (!query || isName) return null;
    const text = `${config.mayEditCodebook ? "Add" : "Propose"} “${query}” as a new code`;
    return { text, take: (how) => this.open({ name: query, how }) };
  }

  /** The selected words become the name of a code. */
  openForWords() {
    const { uiState, hint } = this.#parts;
    if (uiState.selection || uiState.current) this.open({ name: this.#words });
    else hint("Select text first: its words become the name of a new code.");
  }

  /** @param {{name?: string, how?: "code"|"replace"}} [options] */
  open({ name = "", how = "code" } = {}) {
    const { dialog, uiState } = this.#parts;
    this.#target = this.#findTarget();
    this.#how = how;
    const { parent, claim } = this.#form;
    this.#form.name.value = name.slice(0, LONGEST_NAME);
    claim.value = "";
    parent.replaceChildren(...placesFor(uiState.codes));
    const words = this.#words;
    this.#form.querySelector("[data-words]").hidden = !words;
    const passage = this.#form.querySelector("blockquote");
    passage.textContent = words;
    passage.hidden = !words;
    this.#tell("");
    dialog.showModal();
    this.#form.name.select();
  }

  #findTarget() {
    const { uiState, article } = this.#parts;
    return uiState.selection ? article.trim(uiState.selection) : uiState.current;
  }

  get #words() {
    const target = this.#parts.dialog.open ? this.#target : this.#findTarget();
    if (!target) return "";
    const { start, end } = target;
    const words = this.#parts.article.slice(start, end).replace(/\s+/g, " ").trim();
    return [...words].slice(0, LONGEST_NAME).join("");
  }

  #tell(trouble) {
    const place = this.#form.querySelector("[role=alert]");
    place.textContent = trouble;
    place.hidden = !trouble;
  }

  async #send() {
    const { config, dialog } = this.#parts;
    const submit = this.#form.querySelector(".primary");
    const { name, parent, claim } = this.#form;
    const said = { name: name.value, parent: parent.value || null, claim: claim.value };
    submit.disabled = true;
    this.#tell("");
    try {
      await (config.mayEditCodebook ? this.#add(said) : this.#propose(said));
      dialog.close();
      this.#parts.article.root.focus({ preventScroll: true });
    } catch (error) {
      const isCut = error instanceof NetworkError;
      this.#tell(isCut ? "No connection: nothing was added. Try again." : error.message);
    } finally {
      submit.disabled = false;
    }
  }

  async #add(said) {
    const { config, uiState, commands } = this.#parts;
    const code = await requestJson("POST", config.codesUrl, { body: said });
    reloadCodesCss(code.revision).catch(() => {}); // grey until the page is opened again
    insert(config.codes, { ...code, depth: 0 });
    uiState.learnCode(code);
    if (this.#how === "replace" && this.#target?.mine) commands.replace(code.slug);
    else if (this.#target) commands.codeAt(this.#target, code.slug);
    else this.#parts.hint(`“${code.name}” was added to the codebook.`);
  }

  /** With an id, the one it had if the same was sent before and no answer came. */
  #named(body) {
    const said = JSON.stringify(body);
    if (this.#sent.said !== said) this.#sent = { id: uuid7(), said };
    return { id: this.#sent.id, ...body };
  }

  /** The proposal keeps the passage; an own annotation there says so in its note. */
  async #propose(said) {
    const { commands, config, store, proposals, hint, article } = this.#parts;
    const target = this.#target;
    const { start = 0, end = 0 } = target ?? {};
    const passage = target ? { start, end, quote: article.slice(start, end) } : {};
    const body = { ...said, source: config.sourceId, ...passage };
    proposals.add(await requestJson("POST", config.proposalsUrl, { body: this.#named(body) }));
    this.#sent = { id: "", said: "" };
    const own = target?.mine ? store.get(target.id) : null;
    if (own) {
      const note = [own.note, `Proposed code: ${said.name.trim()}`].filter(Boolean).join("\n");
      commands.describe(own.id, { note });
    }
    hint(`“${said.name.trim()}” was proposed. An editor of the codebook will decide.`);
  }
}

/** Where a code may stand: every place of the tree. */
function placesFor(codes) {
  const inUse = [...codes.values()].filter(({ retired }) => !retired);
  const depth = ({ parent }) => (parent ? 1 + depth(codes.get(parent) ?? {}) : 0);
  const options = inUse.map((code) =>
    element("option", { value: code.slug, text: INDENT.repeat(depth(code)) + code.name }),
  );
  return [element("option", { value: "", text: "– none (top level) –" }), ...options];
}

/** After the last code below its parent, where the tree has it. */
function insert(codes, code) {
  const isBelow = ({ parent }) =>
    parent === code.parent || (parent && isBelow(codes.find(({ slug }) => slug === parent) ?? {}));
  const last = code.parent
    ? codes.findLastIndex((other) => other.slug === code.parent || isBelow(other))
    : codes.length - 1;
  codes.splice(last + 1, 0, code);
}
