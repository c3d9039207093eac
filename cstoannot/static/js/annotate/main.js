/**
 * The annotate page: first the text with its passages, then, once they are seen, the tools to
 * work on it.
 */

import { openArticle } from "../parts/article.js";
import { Marks, markForPrint } from "../parts/marks.js";
import { followView } from "../parts/nearby.js";
import { canPaint, Painter } from "../parts/painter.js";
import { nextFrame } from "../parts/timing.js";
import { readBrought } from "./reading.js";
import { createStore } from "./store.js";
import { UiState } from "./ui-state.js";

/** Code points and passages up to which all are painted at once, wherever the view is. */
const SHORT = 20_000;
const FEW = 1_000;

/** @template {HTMLElement} [E=HTMLElement] @param {string} id @returns {E} */
const at = (id) => document.getElementById(id);
const config = JSON.parse(at("annotate-config").textContent);

const article = openArticle(at("text"), at("reading"), at("tools"));
const store = createStore({ config });
const uiState = new UiState({
  store,
  article,
  codes: config.codes,
  mayAnnotate: config.mayAnnotate,
});

/** Paint what is near the view, or all of a short text, by highlights or by marks. */
function addPainting() {
  const marks = new Marks({ uiState, article });
  const forced = new URLSearchParams(location.search).get("paint") === "marks";
  const painter = canPaint() && !forced ? new Painter({ uiState, article }) : null;
  const isShort = () => article.length <= SHORT && uiState.visible.length <= FEW;
  /** @type {Pick<Painting, "shown"|"drawn">} */
  const painting = { shown: [], drawn: () => {} };
  const paint = (passages) => painter?.draw(isShort() ? uiState.visible : passages);
  const look = followView({
    uiState,
    article,
    draw(passages, span) {
      painting.shown = passages;
      if (painter) paint(passages);
      else marks.draw(span);
      painting.drawn(passages);
    },
  });
  if (!painter) uiState.addEventListener("active", look);
  const refresh = () =>
    painter ? painter.refresh(isShort() ? uiState.visible : painting.shown) : look();
  markForPrint({ marks, article, after: refresh });
  return Object.assign(painting, { look });
}

const painting = addPainting();

async function start() {
  const { dataset } = document.documentElement;
  const whatFailed = await store.load(readBrought(at("annotations"))).catch((error) => error);
  painting.look();
  await nextFrame();
  dataset.painted = String(painting.shown.length);
  await nextFrame(); // what was painted is seen before anything else takes the time
  const { layOut } = await import("./tools.js");
  layOut({ article, config, uiState, painting, store, whatFailed });
  dataset.ready = "yes";
}

start();
