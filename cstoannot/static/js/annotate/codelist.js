/** The codebook as a list: how often each code is used here, its key, and a way to see only it. */

import { openStorage } from "../lib/storage.js";
import { element } from "../parts/element.js";
import { oncePerFrame } from "../parts/timing.js";
import { CodeRow, isHeading, toggleEntry } from "./coderow.js";

/** Codes from which those used here stand on top as well. */
const MANY = 25;
/** Codes from which groups are folded until somebody opens them. */
const FOLDED = 60;
const USED = 8;

export class CodeList {
  #parts;
  #storage = openStorage("cstoannot.folds.");
  #folds; // slug → whether it is folded, as the reader left it
  #children = new Map(); // slug of the parent, null at the top → codes
  #tree = new Map(); // slug → CodeRow
  #recent = new Map();
  #lists;
  #heads;
  #used = []; // slugs in the part “Used here”, which keep their places

  /**
   * @param {{root: HTMLElement, uiState: UiState, commands: Commands, codes: Code[],
   *   keyHelp: KeyHelp, project: string, mayAnnotate: boolean}} parts `codes` in the order of the tree
   */
  constructor(parts) {
    this.#parts = parts;
    const { root, uiState, project } = parts;
    this.#folds = this.#storage.get(project) ?? {};
    this.#lists = {
      used: element("ul", { class: "codes", "aria-label": "Used here" }),
      tree: element("ul", { class: "codes", "aria-label": "All codes" }),
    };
    this.#heads = { used: element("h3", { text: "Used here" }), tree: this.#makeHead() };
    root.replaceChildren(this.#heads.used, this.#lists.used, this.#heads.tree, this.#lists.tree);
    keepTextSelected(root);
    keepPlace(root, root.closest(".tools-body"));
    root.addEventListener("click", (event) => this.#click(event));
    root.addEventListener("keydown", (event) => this.#press(event));
    const soon = oncePerFrame(() => this.#draw());
    for (const type of ["active", "passages", "codes"]) uiState.addEventListener(type, soon);
    uiState.addEventListener("codebook", () => this.#read());
    this.#read();
  }

  #makeHead() {
    const fold = element("button", { type: "button", class: "link", text: "Collapse all" });
    const open = element("button", { type: "button", class: "link", text: "Expand all" });
    fold.addEventListener("click", () => this.#foldAll(true));
    open.addEventListener("click", () => this.#foldAll(false));
    return element(
      "div",
      { class: "codes-head" },
      element("h3", { text: "All codes" }),
      fold,
      open,
    );
  }

  /** The codebook is there, or has another code. */
  #read() {
    const { codes } = this.#parts;
    this.#children = byParent(codes);
    this.#tree.clear();
    this.#recent.clear();
    this.#lists.tree.replaceChildren();
    this.#lists.used.replaceChildren();
    const isMany = codes.length >= MANY;
    this.#parts.root.classList.toggle("many", isMany);
    this.#heads.tree.hidden = !(isMany && this.#children.size > 1);
    this.#draw();
  }

  #isFolded(slug) {
    return this.#folds[slug] ?? this.#parts.codes.length > FOLDED;
  }

  /** @param {string} slug @param {boolean} folded */
  #setFold(slug, folded) {
    this.#folds[slug] = folded;
    this.#storage.set(this.#parts.project, this.#folds);
    this.#draw();
  }

  #foldAll(folded) {
    for (const slug of this.#children.keys()) if (slug) this.#folds[slug] = folded;
    this.#storage.set(this.#parts.project, this.#folds);
    this.#draw();
  }

  /** Show a code by opening what stands above it. */
  reveal(slug) {
    const { uiState } = this.#parts;
    let above = uiState.codes.get(slug)?.parent;
    while (above) {
      this.#folds[above] = false;
      above = uiState.codes.get(above)?.parent;
    }
    this.#storage.set(this.#parts.project, this.#folds);
    this.#draw();
  }

  /** Codes under open groups, in the order of the tree, with their depth. */
  #visible(counts, parent = null, depth = 0, found = []) {
    for (const code of this.#children.get(parent) ?? []) {
      if (code.retired && !counts.has(code.slug)) continue;
      found.push([code, depth]);
      const below = this.#children.has(code.slug) && !this.#isFolded(code.slug);
      if (below) this.#visible(counts, code.slug, depth + 1, found);
    }
    return found;
  }

  #draw() {
    const counts = countCodes(this.#parts.uiState.store.all());
    this.#place(this.#lists.tree, this.#tree, this.#visible(counts), counts);
    this.#findUsed(counts);
    const used = this.#used.map((slug) => [this.#parts.uiState.codes.get(slug), 0]);
    const held = this.#lists.used.childElementCount;
    this.#place(this.#lists.used, this.#recent, used, counts);
    this.#heads.used.hidden = this.#lists.used.hidden = !used.length;
    if (held !== used.length) this.#holdPointer(used.length - held);
  }

  /** Codes used here and lately; each keeps its place, a new one comes first. */
  #findUsed(counts) {
    const { uiState, codes } = this.#parts;
    if (codes.length < MANY) {
      this.#used = [];
      return;
    }
    const most = [...counts.keys()].sort((a, b) => counts.get(b) - counts.get(a));
    const wanted = new Set([...uiState.recent, ...most].filter((slug) => uiState.codes.has(slug)));
    const shown = new Set([...wanted].slice(0, USED));
    const kept = this.#used.filter((slug) => shown.has(slug));
    this.#used = [...[...shown].filter((slug) => !kept.includes(slug)), ...kept];
  }

  /** Rows that come above the pointer must not push another code under it. */
  #holdPointer(more) {
    const { root } = this.#parts;
    const row = this.#lists.used.firstElementChild;
    if (!row || !this.#lists.tree.matches(":hover")) return;
    root.closest(".tools-body").scrollTop += more * row.offsetHeight;
  }

  /** Bring rows into a list by difference: those that stand right are not touched. */
  #place(list, rows, wanted, counts) {
    const { uiState } = this.#parts;
    const current = uiState.current?.code;
    const stay = new Set(wanted.map(([{ slug }]) => slug));
    for (const item of [...list.children]) if (!stay.has(item.dataset.slug)) item.remove();
    let next = list.firstElementChild;
    for (const [code, depth] of wanted) {
      const { slug } = code;
      if (!rows.has(slug)) rows.set(slug, this.#makeRow(code, depth, list));
      const row = rows.get(slug);
      if (row.root === next) next = next.nextElementSibling;
      else list.insertBefore(row.root, next);
      row.draw({
        n: counts.get(slug) ?? 0,
        only: uiState.filter.code === slug,
        current: current === slug,
        open: !this.#isFolded(slug),
      });
    }
  }

  #makeRow(code, depth, list) {
    const { keyHelp, mayAnnotate } = this.#parts;
    const inTree = list === this.#lists.tree;
    return new CodeRow(code, {
      depth,
      hasChildren: inTree && this.#children.has(code.slug),
      indented: inTree && this.#children.size > 1,
      keyHelp,
      mayAnnotate,
    });
  }

  #click(event) {
    const button = event.target.closest("li button");
    if (!button) return;
    const { uiState, commands } = this.#parts;
    const { slug } = button.closest("li").dataset;
    const code = uiState.codes.get(slug);
    const { classList } = button;
    if (classList.contains("count"))
      uiState.narrow({ code: uiState.filter.code === slug ? "" : slug });
    else if (classList.contains("info")) toggleEntry(button, code);
    else if (classList.contains("fold") || isHeading(code, button.hasAttribute("aria-expanded"))) {
      this.#setFold(slug, !this.#isFolded(slug));
    } else commands[event.shiftKey ? "replace" : "code"](slug);
  }

  /** Arrow keys go from code to code, and open or fold what stands below. */
  #press(event) {
    const row = event.target.closest("li");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const { key } = event;
    const rows = [...this.#parts.root.querySelectorAll("li")];
    const to = { ArrowDown: 1, ArrowUp: -1 }[key];
    const opens = { ArrowRight: false, ArrowLeft: true }[key];
    if (to)
      rows[rows.indexOf(row) + to]?.querySelector("button:not([tabindex],:disabled)")?.focus();
    else if (opens !== undefined && row.querySelector(".fold"))
      this.#setFold(row.dataset.slug, opens);
    else return;
    event.preventDefault();
  }
}

function countCodes(annotations) {
  const counts = new Map();
  for (const { code } of annotations) counts.set(code, (counts.get(code) ?? 0) + 1);
  return counts;
}

function byParent(codes) {
  const children = new Map();
  for (const code of codes) {
    const parent = code.parent ?? null;
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(code);
  }
  return children;
}

/** A click on a code must not take the selection away from the text. */
export function keepTextSelected(root) {
  root.addEventListener("mousedown", (event) => {
    if (event.target.closest("button")) event.preventDefault();
  });
}

/** Whatever hides the list for a while, it is found where it was left. */
function keepPlace(root, scroller) {
  let place = 0;
  let height = 0;
  scroller.addEventListener("scroll", () => {
    if (root.offsetHeight) place = scroller.scrollTop;
  });
  new ResizeObserver(() => {
    const now = root.offsetHeight;
    if (now && !height && place) scroller.scrollTop = place;
    height = now;
  }).observe(root);
}
