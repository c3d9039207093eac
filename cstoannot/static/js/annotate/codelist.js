/** The codebook as a list: how often each code is used here, its key, and a way to see only it. */

import { element } from "../parts/element.js";
import { describeCode } from "./entry.js";

export class CodeList {
  #parts;
  #rows = new Map(); // slug → {code, row, button, count}

  /**
   * @param {{root: HTMLElement, desk: Object, commands: Object, codes: Object[],
   *   mayAnnotate: boolean}} parts `codes` in the order of the tree
   */
  constructor(parts) {
    this.#parts = parts;
    const { root, desk, codes } = parts;
    root.replaceChildren(...makeTree(codes, (code) => this.#makeRow(code)));
    keepTextSelected(root);
    for (const type of ["active", "passages"]) desk.addEventListener(type, () => this.#draw());
    this.#draw();
  }

  #makeRow(code) {
    const { desk, commands, keyHelp, mayAnnotate } = this.#parts;
    const { slug, name, shortcut, retired } = code;
    const choose = (event) => commands[event.shiftKey ? "replace" : "code"](slug);
    const only = () => desk.narrow({ code: desk.filter.code === slug ? "" : slug });
    const row = element("li", { dataset: { slug } });
    const button = element("button", {
      type: "button", class: "code", disabled: !mayAnnotate || retired, on: { click: choose },
    });
    button.append(element("span", { class: "chip", text: name, dataset: { code: slug } }));
    const count = element("button", { type: "button", class: "count", on: { click: only } });
    row.append(button, ...makeInfo(code), count);
    if (retired) button.append(element("span", { class: "tag", text: "retired" }));
    else if (shortcut) {
      row.append(keyHelp.show(shortcut, { "aria-hidden": "true" }));
      button.setAttribute("aria-keyshortcuts", shortcut);
    }
    this.#rows.set(slug, { code, row, button, count });
    return row;
  }

  #draw() {
    const { desk } = this.#parts;
    const counts = new Map();
    for (const { code } of desk.store.all()) counts.set(code, (counts.get(code) ?? 0) + 1);
    for (const [slug, { code, row, button, count }] of this.#rows) {
      const n = counts.get(slug) ?? 0;
      row.hidden = Boolean(code.retired) && !n;
      button.toggleAttribute("data-on", slug === desk.current?.code);
      drawCount(count, code, n, desk.filter.code === slug);
    }
  }
}

/** How many passages carry a code: a button that shows only them. */
function drawCount(count, { name }, n, only) {
  const passages = `${n} passage${n === 1 ? "" : "s"} with ${name}`;
  const words = only ? "show all again" : "show only these";
  if (count.textContent !== String(n)) count.textContent = n;
  count.disabled = !n && !only;
  count.setAttribute("aria-pressed", String(only));
  count.setAttribute("aria-label", `${passages}: ${words}`);
  count.title = `${passages}: ${words}`;
}

/** On a touch screen there is no pointing: the entry opens below its code. */
function makeInfo(code) {
  const body = describeCode(code);
  if (!body.length) return [];
  const info = element("button", {
    type: "button", class: "info", text: "i", "aria-expanded": "false",
    "aria-label": `What ${code.name} means`,
  });
  info.addEventListener("click", () => {
    const open = info.getAttribute("aria-expanded") === "true";
    info.setAttribute("aria-expanded", String(!open));
    const row = info.closest("li");
    if (open) row.querySelector(".inline-entry")?.remove();
    else row.append(element("div", { class: "inline-entry" }, ...body));
  });
  return [info];
}

/** A click on a code must not take the selection away from the text. */
export function keepTextSelected(root) {
  root.addEventListener("mousedown", (event) => {
    if (event.target.closest("button")) event.preventDefault();
  });
}

/** Headings for codes that hold others, lists of rows below them. */
function makeTree(codes, makeRow) {
  const children = new Map();
  for (const code of codes) {
    const parent = code.parent ?? null;
    if (!children.has(parent)) children.set(parent, []);
    children.get(parent).push(code);
  }
  const rowsBelow = (parent, depth) =>
    (children.get(parent) ?? []).flatMap((code) => {
      const row = makeRow(code);
      row.style.paddingInlineStart = `${depth * 0.9}rem`;
      return [row, ...rowsBelow(code.slug, depth + 1)];
    });
  const nodes = [];
  const loose = element("ul", { class: "codes" });
  for (const code of children.get(null) ?? []) {
    if (!children.has(code.slug)) loose.append(makeRow(code));
    else {
      const { slug, name } = code;
      const attributes = { class: "codes", "aria-label": name };
      const list = element("ul", attributes, ...rowsBelow(slug, 0));
      nodes.push(element("h3", { text: name, dataset: { slug } }), list);
    }
  }
  return loose.children.length ? [loose, ...nodes] : nodes;
}
