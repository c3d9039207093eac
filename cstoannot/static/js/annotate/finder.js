/** Find a code by typing: a field with a list of what fits, the best first. */

import { element } from "../parts/element.js";

/** More are not drawn: whoever has so many left types on. */
const SHOWN = 50;
const NOT_AT_ALL = 9;

const plain = (words) => (words ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** What is searched in a code, made plain once. */
const indexes = new WeakMap();
function indexOf(code) {
  if (!indexes.has(code)) {
    const name = plain(code.name);
    const texts = plain(`${code.claim ?? ""} ${code.definition ?? ""}`);
    indexes.set(code, { name, words: name.split(/\s+/), texts });
  }
  return indexes.get(code);
}

/** How well a code fits: 0 is best, 9 not at all. */
function rank(code, wanted, parts) {
  const { name, words, texts } = indexOf(code);
  if (name.startsWith(wanted)) return 0;
  if (words.some((word) => word.startsWith(wanted))) return 1;
  if (name.includes(wanted) || code.slug.includes(wanted)) return 2;
  if (parts.length > 1 && parts.every((part) => name.includes(part))) return 3;
  return texts.includes(wanted) ? 4 : NOT_AT_ALL;
}

/**
 * Which codes fit what was typed: names that start with it, then words that do, then anything
 * that holds it. Among equals, and without a query, the codes used last come first.
 * @param {Code[]} codes
 * @param {string} query
 * @param {string[]} recent slugs
 * @returns {Code[]}
 */
export function findCodes(codes, query, recent = []) {
  const wanted = plain(query).trim();
  const parts = wanted.split(/\s+/);
  const age = ({ slug }) => (recent.includes(slug) ? recent.indexOf(slug) : recent.length);
  return codes
    .filter((code) => !code.retired)
    .map((code) => ({ code, rank: wanted ? rank(code, wanted, parts) : 0, age: age(code) }))
    .filter((found) => found.rank < NOT_AT_ALL)
    .sort((a, b) => a.rank - b.rank || a.age - b.age)
    .map(({ code }) => code);
}

export class Finder {
  #parts;
  #how = "code";
  #at = 0;
  #choices = []; // what each option does

  /**
   * @param {{field: HTMLInputElement, list: HTMLElement, more: HTMLElement, rest: HTMLElement,
   *   uiState: UiState, codes: Code[], keyHelp: KeyHelp,
   *   choose: (slug: string, how: "code"|"replace") => void,
   *   offer: (query: string, fits: boolean) => {text: string, take: () => void}|null,
   *   leave: () => void}} parts `rest` is what the list stands in for while it is open; `more`
   *   says how many codes are not shown; `offer` is what can be done besides choosing one
   */
  constructor(parts) {
    this.#parts = parts;
    const { field, list } = parts;
    field.addEventListener("focus", () => list.hidden && this.#open());
    field.addEventListener("blur", () => this.#close());
    field.addEventListener("input", () => this.#draw());
    field.addEventListener("keydown", (event) => this.#press(event));
    list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus
    list.addEventListener("click", (/** @type {On<MouseEvent>} */ event) => {
      const at = [...list.children].indexOf(event.target.closest("[role=option]"));
      if (at >= 0) this.#take(this.#choices[at], event.shiftKey);
    });
  }

  /** @param {"code"|"replace"} [how] what to do with the code that is chosen */
  find(how = "code") {
    this.#parts.field.focus();
    this.#open(how);
  }

  #press(event) {
    if (event.isComposing) return;
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    const enter = event.key === "Enter" && !event.ctrlKey && !event.metaKey;
    if (by) this.#point(this.#at + by);
    else if (enter) this.#take(this.#choices[this.#at], event.shiftKey);
    else if (event.key === "Escape") this.#take(null);
    else return;
    event.preventDefault();
  }

  #point(i) {
    const { field, list } = this.#parts;
    list.children[this.#at]?.setAttribute("aria-selected", "false");
    this.#at = Math.max(0, Math.min(i, this.#choices.length - 1));
    const chosen = this.#choices.length ? list.children[this.#at] : null;
    chosen?.setAttribute("aria-selected", "true");
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
  }

  #draw() {
    const { field, list, more, codes, uiState, keyHelp, offer } = this.#parts;
    const query = field.value.trim();
    const found = findCodes(codes, query, uiState.recent);
    const shown = found.slice(0, SHOWN);
    const options = shown.map((code) => codeOption(code, uiState, keyHelp));
    this.#choices = shown.map(
      ({ slug }) =>
        (how) =>
          this.#parts.choose(slug, how),
    );
    const offered = offer(
      query,
      found.some(({ name }) => plain(name) === plain(query)),
    );
    if (offered) {
      options.push(element("li", { class: "offer", text: offered.text, dir: "auto" }));
      this.#choices.push(offered.take);
    }
    options.forEach((option, i) => {
      const place = { id: `found-${i}`, role: "option", "aria-selected": "false" };
      for (const [name, value] of Object.entries(place)) option.setAttribute(name, value);
    });
    list.replaceChildren(...options);
    const left = found.length - shown.length;
    more.textContent = left
      ? `${left} more: type to narrow the search`
      : found.length
        ? ""
        : "No code found";
    more.hidden = !more.textContent;
    this.#at = 0;
    this.#point(0);
  }

  #open(how = "code") {
    this.#how = how;
    this.#parts.field.placeholder = how === "replace" ? "Change to code" : "Find a code";
    this.#draw();
    this.#show(true);
  }

  #close() {
    this.#parts.field.value = "";
    this.#parts.field.placeholder = "Find a code";
    this.#parts.field.removeAttribute("aria-activedescendant");
    this.#parts.more.hidden = true;
    this.#show(false);
  }

  #show(open) {
    const { field, list, rest } = this.#parts;
    list.hidden = !open;
    rest.hidden = open;
    field.setAttribute("aria-expanded", String(open));
  }

  #take(choice, replace) {
    const how = replace ? "replace" : this.#how;
    this.#close();
    this.#parts.leave();
    choice?.(how);
  }
}

/** A code with where it stands, because in a large codebook names recur. */
function codeOption({ slug, name, parent, shortcut }, uiState, keyHelp) {
  const above = uiState.codes.get(parent)?.name;
  const chip = element("span", { class: "chip", text: name, dataset: { code: slug } });
  return element(
    "li",
    { dataset: { slug } },
    chip,
    above ? element("small", { class: "muted", text: above, dir: "auto" }) : null,
    shortcut ? keyHelp.show(shortcut, { "aria-hidden": "true" }) : null,
  );
}
