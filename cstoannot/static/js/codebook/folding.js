/** Groups on the codebook's page are folded and opened; the browser remembers which are folded. */

import { openStorage } from "../lib/storage.js";
import { element } from "../parts/element.js";
import { readCards } from "./cards.js";
import { endOf, parentOf } from "./order.js";

const list = document.getElementById("codes-in-use");
const book = list.closest(".book");
const storage = openStorage("cstoannot.codebook.folds.");
const folded = new Set(storage.get(list.dataset.codes) ?? []);
const folds = new Map(); // by slug, the buttons that were made
let entries = readCards(list);

function makeFold({ slug, name, card }) {
  const label = { "aria-label": `Codes below ${name}` };
  const count = element("span", { class: "count" });
  const button = element("button", { type: "button", class: "fold", ...label }, count);
  button.addEventListener("click", () => {
    setFolds([slug], !folded.has(slug));
    show();
  });
  card.querySelector("header > .chip").before(button);
  folds.set(slug, button);
  return button;
}

function setFolds(slugs, isFolded) {
  for (const slug of slugs) {
    if (isFolded) folded.add(slug);
    else folded.delete(slug);
  }
  storage.set(list.dataset.codes, [...folded]);
}

/** Bring the page to what is folded; a search shows what it finds, folded or not. */
function show() {
  const isFinding = "finding" in book.dataset;
  let hiddenTo = 0; // codes before this index stand below a folded one
  entries.forEach(({ slug, card, line }, index) => {
    const isAway = index < hiddenTo;
    for (const node of [card, line]) node?.toggleAttribute("data-folded", isAway);
    const end = endOf(entries, index);
    showFold(entries[index], end - index - 1, isFinding);
    if (folded.has(slug)) hiddenTo = Math.max(hiddenTo, end);
  });
}

function showFold(entry, below, isFinding) {
  const button = folds.get(entry.slug) ?? (below ? makeFold(entry) : null);
  if (!button) return;
  if (!below) folded.delete(entry.slug);
  button.hidden = !below || isFinding;
  const isOpen = String(!folded.has(entry.slug));
  if (button.getAttribute("aria-expanded") !== isOpen) button.setAttribute("aria-expanded", isOpen);
  button.querySelector(".count").textContent = below;
}

/** Open what hides this card. */
function openAbove(card) {
  const above = [];
  let at = parentOf(
    entries,
    entries.findIndex((one) => one.card === card),
  );
  for (; at >= 0; at = parentOf(entries, at)) above.push(entries[at].slug);
  setFolds(above, false);
  show();
}

/** A link to a code leads to it, although it is folded away. */
function followHash() {
  const card = entries.find((one) => `#${one.card.id}` === location.hash)?.card;
  if (!card || !("folded" in card.dataset)) return;
  openAbove(card);
  card.scrollIntoView();
}

const groups = () => entries.filter((_, index) => endOf(entries, index) > index + 1);

function offerAll() {
  const tools = document.getElementById("fold-tools");
  tools.hidden = !groups().length;
  tools.addEventListener("click", (/** @type {On<MouseEvent>} */ { target }) => {
    if (!("fold" in target.dataset)) return;
    setFolds(
      groups().map(({ slug }) => slug),
      target.dataset.fold === "all",
    );
    show();
  });
}

document.addEventListener("codes-moved", (/** @type {CustomEvent} */ { detail }) => {
  entries = readCards(list);
  if (detail?.card) openAbove(detail.card);
  else show();
});
document.addEventListener("codes-found", show);
addEventListener("hashchange", followHash);
show();
offerAll();
followHash();
