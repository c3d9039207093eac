/** The map beside an article: where along the text which code stands, and what part is in view. */

import { placeMarks } from "./lanes.js";

const NAMESPACE = "http://www.w3.org/2000/svg";
const HEIGHT = 1000; // of a map, in its own units
const LANE = 10; // width of a lane, as the server counts them
const BAR = 6; // width of the code in it
const STANCE = 2; // width of the stance beside it
const NEAR = 12; // units of height within which a pointer means a mark
/** Milliseconds between two drawings of the part in view: each has the browser repaint highlights. */
const PAUSE = 100;

/**
 * @param {import("./side.js").Side} side
 * @param {(id: string) => void} onPick
 */
export function addMap(side, onPick) {
  /** @type {SVGSVGElement} */
  const map = side.root.querySelector(".map");
  const lanes = map.viewBox.baseVal.width / LANE;
  const length = side.article.length;
  const marks = placeMarks(side.passages, { lanes, length, slugs: [...side.claims.keys()] });
  const window = shape("rect", { class: "map-view", width: lanes * LANE, height: 0 });
  const on = shape("rect", { class: "map-on", width: BAR + STANCE, height: 0 });
  const groups = drawGroups(marks);
  map.append(window, ...groups.values(), on);
  const title = shape("title");
  map.prepend(title);
  followView(side, window);
  side.addEventListener("claim", () => {
    for (const group of map.querySelectorAll("[data-near]")) group.removeAttribute("data-near");
    groups.get(side.claim)?.setAttribute("data-near", "");
  });
  side.addEventListener("active", () => {
    const mark = marks.find(({ passage }) => passage.id === side.active);
    write(on, mark ? { x: mark.lane * LANE, y: mark.y, height: mark.height } : { height: 0 });
  });
  map.addEventListener("click", (event) => {
    const mark = markAt(map, marks, event);
    if (mark) onPick(mark.passage.id);
  });
  map.addEventListener("pointermove", (event) => {
    const words = describeMark(side, markAt(map, marks, event));
    if (title.textContent !== words) title.textContent = words;
  });
}

/** One path for all marks of a code, and one for each of its stances: passages may be thousands. */
function drawGroups(marks) {
  const groups = new Map();
  for (const { passage, lane, y, height } of marks) {
    if (!groups.has(passage.code)) groups.set(passage.code, new Map());
    const paths = groups.get(passage.code);
    const add = (key, x, width) =>
      paths.set(key, `${paths.get(key) ?? ""}M${x} ${y}h${width}v${height}h${-width}z`);
    add("code", lane * LANE, BAR);
    add(`stance ${passage.stance}`, lane * LANE + BAR, STANCE);
  }
  return new Map([...groups].map(([code, paths]) => [code, drawGroup(code, paths)]));
}

function drawGroup(code, paths) {
  const group = shape("g", { "data-code": code });
  for (const [key, d] of paths) {
    const [kind, stance] = key.split(" ");
    const path = shape("path", { class: `map-${kind}`, d });
    if (kind === "stance") path.setAttribute("data-stance", stance);
    group.append(path);
  }
  return group;
}

/** The part of the text in view, as shares of a thousand: at once, then once a pause. */
function followView({ root, article }, window) {
  const scroller = root.querySelector(".scroller");
  let pause = 0;
  let moved = false;
  function follow() {
    const { scrollTop, scrollHeight, clientHeight } = scroller;
    const share = (pixels) => Math.round((pixels / scrollHeight) * HEIGHT);
    write(window, { y: share(scrollTop), height: share(clientHeight) });
    moved = false;
    pause = setTimeout(() => {
      pause = 0;
      if (moved) follow();
    }, PAUSE);
  }
  const ask = () => {
    moved = true;
    if (!pause) follow();
  };
  scroller.addEventListener("scroll", ask, { passive: true });
  new ResizeObserver(ask).observe(article.root);
}

/** The mark under the pointer, or the nearest one in its lane. */
function markAt(map, marks, { clientX, clientY }) {
  const box = map.getBoundingClientRect();
  const x = ((clientX - box.left) / box.width) * map.viewBox.baseVal.width;
  const y = ((clientY - box.top) / box.height) * HEIGHT;
  const away = (mark) => Math.max(mark.y - y, y - mark.y - mark.height, 0);
  const near = marks.filter((mark) => mark.lane === Math.floor(x / LANE) && away(mark) <= NEAR);
  return near.sort((a, b) => away(a) - away(b))[0] ?? null;
}

function describeMark({ claims }, mark) {
  if (!mark) return "";
  const { paragraph, code, stance } = mark.passage;
  return `¶ ${paragraph} · ${claims.get(code).name}${stance ? `, ${stance}` : ""}`;
}

function shape(name, attributes = {}) {
  const node = document.createElementNS(NAMESPACE, name);
  write(node, attributes);
  return node;
}

function write(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (node.getAttribute(name) !== String(value)) node.setAttribute(name, String(value));
  }
}
