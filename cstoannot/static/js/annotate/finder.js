/** Find a code by typing: a field with a list of what fits, the best first. */

import { element } from "../parts/element.js";

const plain = (words) => (words ?? "").normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

/** How well a code fits: 0 is best, 9 not at all. */
function rank(code, wanted) {
  const name = plain(code.name);
  if (name.startsWith(wanted)) return 0;
  if (name.split(/\s+/).some((word) => word.startsWith(wanted))) return 1;
  if (name.includes(wanted) || code.slug.includes(wanted)) return 2;
  return plain(`${code.claim} ${code.definition}`).includes(wanted) ? 3 : 9;
}

/**
 * Which codes fit what was typed: names that start with it, then words that do, then anything
 * that holds it. Among equals, and without a query, the codes used last come first.
 * @param {Object[]} codes
 * @param {string} query
 * @param {string[]} recent slugs
 * @returns {Object[]}
 */
export function findCodes(codes, query, recent = []) {
  const wanted = plain(query).trim();
  const age = ({ slug }) => (recent.includes(slug) ? recent.indexOf(slug) : recent.length);
  return codes
    .filter((code) => !code.retired)
    .map((code) => ({ code, rank: wanted ? rank(code, wanted) : 0, age: age(code) }))
    .filter((found) => found.rank < 9)
    .sort((a, b) => a.rank - b.rank || a.age - b.age)
    .map(({ code }) => code);
}

export class Finder {
  #parts;
  #how = "code";
  #at = 0;
  #found = [];

  /**
   * @param {{field: HTMLInputElement, list: HTMLElement, rest: HTMLElement, desk: Object,
   *   codes: Object[], choose: (slug: string, how: "code"|"replace") => void,
   *   leave: () => void}} parts `rest` is what the list stands in for while it is open
   */
  constructor(parts) {
    this.#parts = parts;
    const { field, list } = parts;
    field.addEventListener("focus", () => list.hidden && this.#open());
    field.addEventListener("blur", () => this.#close());
    field.addEventListener("input", () => this.#draw());
    field.addEventListener("keydown", (event) => this.#press(event));
    list.addEventListener("mousedown", (event) => event.preventDefault()); // keep the focus
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[data-slug]");
      if (option) this.#take(option.dataset.slug, event.shiftKey);
    });
  }

  /** @param {"code"|"replace"} [how] what to do with the code that is chosen */
  find(how = "code") {
    this.#parts.field.focus();
    this.#open(how);
  }

  #press(event) {
    const by = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 }[event.key];
    const enter = event.key === "Enter" && !event.ctrlKey && !event.metaKey && !event.isComposing;
    if (by) this.#point(this.#at + by);
    else if (enter) this.#take(this.#found[this.#at]?.slug, event.shiftKey);
    else if (event.key === "Escape") this.#take(null);
    else return;
    event.preventDefault();
  }

  #point(i) {
    const { field, list } = this.#parts;
    this.#at = Math.max(0, Math.min(i, this.#found.length - 1));
    const chosen = this.#found.length ? list.children[this.#at] : null;
    for (const option of list.children) {
      option.setAttribute("aria-selected", String(option === chosen));
    }
    chosen?.scrollIntoView({ block: "nearest" });
    if (chosen) field.setAttribute("aria-activedescendant", chosen.id);
    else field.removeAttribute("aria-activedescendant");
  }

  #draw() {
    const { field, list, codes, desk } = this.#parts;
    this.#found = findCodes(codes, field.value, desk.recent);
    const none = { role: "option", "aria-disabled": "true", class: "muted", text: "No code fits" };
    list.replaceChildren(...this.#found.map(option));
    if (!this.#found.length) list.append(element("li", none));
    this.#point(0);
  }

  #open(how = "code") {
    this.#how = how;
    this.#parts.field.placeholder = how === "replace" ? "Change to which code" : "Find a code";
    this.#draw();
    this.#show(true);
  }

  #close() {
    this.#parts.field.value = "";
    this.#parts.field.placeholder = "Find a code";
    this.#parts.field.removeAttribute("aria-activedescendant");
    this.#show(false);
  }

  #show(open) {
    const { field, list, rest } = this.#parts;
    list.hidden = !open;
    rest.hidden = open;
    field.setAttribute("aria-expanded", String(open));
  }

  #take(slug, replace) {
    const how = replace ? "replace" : this.#how;
    this.#close();
    this.#parts.leave();
    if (slug) this.#parts.choose(slug, how);
  }
}

function option({ slug, name, shortcut }, i) {
  const key = shortcut
    ? element("kbd", { text: shortcut.toUpperCase(), "aria-hidden": "true" })
    : null;
  const chip = element("span", { class: "chip", text: name, dataset: { code: slug } });
  return element("li", { role: "option", id: `found-${i}`, dataset: { slug } }, chip, key);
}
