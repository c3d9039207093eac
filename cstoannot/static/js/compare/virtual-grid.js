/** A large matrix under fixed heads: only the rows and cells in view exist. */

import { element } from "../parts/element.js";

const BEYOND_ROWS = 6; // drawn before they come into view
const BEYOND_COLUMNS = 4;
const HEAD = -1; // in place of a row's or a column's number

/**
 * @param {HTMLElement} root the scrolling element
 * @param {import("./reading.js").Matrix} matrix
 */
export function createVirtualGrid(root, matrix) {
  const { claims, heads } = matrix;
  const lines = new Map();
  const tops = new Map();
  const active = { row: 0, column: 0 };
  const size = measure(root);
  const paper = element("div", { class: "paper", role: "none" });
  const head = element(
    "div",
    { class: "tops", role: "row", "aria-rowindex": 1 },
    element("div", {
      class: "front",
      role: "columnheader",
      "aria-colindex": 1,
      text: "Claim and verdict",
    }),
  );
  paper.append(head);
  root.append(paper);
  root.setAttribute("aria-rowcount", String(claims.length + 1));
  root.setAttribute("aria-colcount", String(heads.length + 1));

  function fit() {
    Object.assign(size, measure(root));
    paper.style.width = `${size.first + heads.length * size.column}px`;
    paper.style.height = `${size.top + claims.length * size.row}px`;
    for (const [row, line] of lines) line.node.style.top = `${size.top + row * size.row}px`;
    draw();
  }

  function view() {
    const down = root.scrollTop;
    const right = root.scrollLeft;
    return {
      rows: span(
        down / size.row,
        (down + root.clientHeight - size.top) / size.row,
        BEYOND_ROWS,
        claims.length,
      ),
      columns: span(
        right / size.column,
        (right + root.clientWidth - size.first) / size.column,
        BEYOND_COLUMNS,
        heads.length,
      ),
    };
  }

  function draw() {
    const { rows, columns } = view();
    keep(
      lines,
      rows,
      active.row,
      (row) => addLine(row),
      (line) => line.node.remove(),
    );
    keep(
      tops,
      columns,
      active.column,
      (column) => addHead(column),
      (node) => node.remove(),
    );
    for (const [row, line] of lines) {
      keep(
        line.cells,
        columns,
        row === active.row ? active.column : -1,
        (column) => addCell(line, row, column),
        (node) => node.remove(),
      );
    }
  }

  function addHead(column) {
    const { name, about, full, link } = heads[column];
    const at = { row: HEAD, column };
    const named = link
      ? element("a", { href: link, title: full, text: name, tabindex: -1, dataset: at })
      : element("span", { title: full, text: name });
    const node = element(
      "div",
      { class: "place", role: "columnheader", "aria-colindex": column + 2 },
      named,
      about ? element("small", { text: about }) : null,
    );
    node.style.left = `${size.first + column * size.column}px`;
    head.append(node);
    return node;
  }

  function addLine(row) {
    const claim = claims[row];
    const node = element(
      "div",
      { class: "line", role: "row", "aria-rowindex": row + 2 },
      element(
        "div",
        { class: "front", role: "rowheader", "aria-colindex": 1 },
        element("a", {
          href: claim.link,
          title: claim.claim,
          text: claim.name,
          tabindex: -1,
          dataset: { row, column: HEAD },
        }),
        element("span", {
          class: "verdict",
          dataset: { verdict: claim.verdict },
          title: claim.meaning,
          text: claim.verdict_name,
        }),
        element("small", { text: claim.claim, title: claim.claim }),
        doubts(claim),
      ),
    );
    node.style.top = `${size.top + row * size.row}px`;
    paper.append(node);
    return { node, cells: new Map() };
  }

  function addCell(line, row, column) {
    const { state, sign, link, split, level, count, label } = matrix.cell(row, column);
    const here = row === active.row && column === active.column;
    const node = element(
      "div",
      { class: "place", role: "gridcell", "aria-colindex": column + 2 },
      element(
        "a",
        {
          class: "stood",
          href: link,
          title: label,
          "aria-label": label,
          tabindex: here ? 0 : -1,
          dataset: { state, level, row, column },
          text: count ? `${sign} ${count}` : sign,
        },
        split ? element("i", { text: "≠" }) : null,
      ),
    );
    node.style.left = `${size.first + column * size.column}px`;
    line.node.append(node);
    return node;
  }

  function go(row, column) {
    const first = heads[0].link && column >= 0 ? HEAD : 0;
    const to = { row: Math.max(first, Math.min(claims.length - 1, row)) };
    to.column = Math.max(to.row === HEAD ? 0 : HEAD, Math.min(heads.length - 1, column));
    become(to);
    show();
    draw();
    const link = linkAt(active.row, active.column);
    link.tabIndex = 0;
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  /** Of all links in the grid, one alone is reached by the tab key. */
  function become(to) {
    const before = linkAt(active.row, active.column);
    if (before) before.tabIndex = -1;
    Object.assign(active, to);
  }

  function show() {
    const top = Math.max(0, active.row) * size.row;
    const left = Math.max(0, active.column) * size.column;
    const height = root.clientHeight - size.top - size.row;
    const width = root.clientWidth - size.first - size.column;
    // The heads are always in view.
    if (active.row !== HEAD) root.scrollTop = Math.min(top, Math.max(root.scrollTop, top - height));
    if (active.column !== HEAD)
      root.scrollLeft = Math.min(left, Math.max(root.scrollLeft, left - width));
  }

  function linkAt(row, column) {
    if (row === HEAD) return tops.get(column)?.firstChild;
    const line = lines.get(row);
    return column === HEAD ? line?.node.querySelector("a") : line?.cells.get(column)?.firstChild;
  }

  root.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.floor((root.clientHeight - size.top) / size.row) - 1);
    const step = steps(page, active, heads.length)[event.key];
    if (!step || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    go(...step);
  });
  root.addEventListener("focusin", (/** @type {On<FocusEvent>} */ event) => {
    const { row, column } = event.target.dataset;
    if (row === undefined) return;
    become({ row: Number(row), column: Number(column) });
    event.target.tabIndex = 0;
  });
  root.addEventListener("scroll", draw, { passive: true });
  new ResizeObserver(fit).observe(root);
  fit();
}

/** Pixels of what the style sheet says in rem. */
/** Why a verdict is not firm, in a line; null where nothing speaks against it. */
function doubts({ tentative, carrying }) {
  const words = [];
  if (tentative) words.push(`tentative: ${tentative}`);
  if (carrying)
    words.push(`depends on ${carrying === 1 ? "one passage" : `each of ${carrying} passages`}`);
  const text = words.join(" · ");
  return text ? element("small", { class: "doubts", text, title: text }) : null;
}

function measure(root) {
  const style = getComputedStyle(root);
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  const pixels = (name) => parseFloat(style.getPropertyValue(name)) * rem;
  return {
    row: pixels("--row"),
    column: pixels("--column"),
    first: pixels("--first"),
    top: pixels("--top"),
  };
}

/** @returns {[low: number, high: number]} */
function span(from, to, beyond, count) {
  return [Math.max(0, Math.floor(from) - beyond), Math.min(count, Math.ceil(to) + beyond)];
}

/** Make `known` hold the numbers from `low` to `high`, and `also`, and nothing else. */
function keep(known, [low, high], also, add, remove) {
  for (const [number, thing] of known) {
    if ((number < low || number >= high) && number !== also) {
      remove(thing);
      known.delete(number);
    }
  }
  for (let number = low; number < high; number += 1) {
    if (!known.has(number)) known.set(number, add(number));
  }
  if (also >= 0 && !known.has(also)) known.set(also, add(also));
}

function steps(page, { row, column }, columns) {
  return {
    ArrowDown: [row + 1, column],
    ArrowUp: [row - 1, column],
    ArrowRight: [row, column + 1],
    ArrowLeft: [row, column - 1],
    PageDown: [row + page, column],
    PageUp: [row - page, column],
    Home: [row, 0],
    End: [row, columns - 1],
  };
}
