/** The codebook's page: codes are moved by their grips, with the pointer or the arrow keys. */

import { openStorage } from "../lib/storage.js";
import { createAnnouncer } from "../parts/element.js";
import { isShown, readCards, showOrder } from "./cards.js";
import { followGrips } from "./dragging.js";
import { addressOf, describe, heightOf, moved } from "./order.js";
import { createSaver } from "./saving.js";
import { stepFrom } from "./steps.js";

const ARROWS = new Set(["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight"]);

const list = document.getElementById("codes-in-use");
const notice = document.getElementById("move-notice");
const announce = createAnnouncer(document.getElementById("move-said"), 0);
const deepest = Number(list.dataset.deepest);
const done = []; // moves that can be taken back
let entries = readCards(list);
/** @type {{slug: string, before: typeof entries}|null} */
let held = null; // a code that the arrow keys are moving: its slug, and the entries before
let isShowing = false; // cards change places: focus comes and goes

const indexOf = (slug) => entries.findIndex((one) => one.slug === slug);
const cardOf = (slug) => entries[indexOf(slug)].card;
const afterwards = openStorage("cstoannot.codebook.words."); // to say once the page is read anew
const save = createSaver(
  list.dataset.codes ?? "",
  (slug) => String(cardOf(slug).dataset.version),
  saved,
  failed,
);

function show(next, slug) {
  const focused = document.activeElement;
  isShowing = true;
  entries = next;
  showOrder(list, entries, slug);
  if (focused instanceof HTMLElement && list.contains(focused))
    focused.focus({ preventScroll: true });
  isShowing = false;
}

/** What to say of a place, and the list `after` if the code may go there. */
function plan(index, place) {
  if (place.depth + heightOf(entries, index) > deepest) {
    return { words: `Codes can be nested at most ${deepest} levels deep` };
  }
  const after = moved(entries, index, place);
  const at = after.findIndex((one) => one.slug === entries[index].slug);
  return { words: sentenceOf(describe(after, at)), after };
}

const sentenceOf = (words) => words[0].toUpperCase() + words.slice(1);

/** Save where a code stands now, if it is elsewhere than `before`. */
function commit(slug, before, { isUndo = false } = {}) {
  const from = addressOf(
    before,
    before.findIndex((one) => one.slug === slug),
  );
  const to = addressOf(entries, indexOf(slug));
  if (from.parent === to.parent && from.position === to.position) return;
  if (before.some((one) => one.slug === slug && one.isOrphan))
    done.length = 0; // no way back
  else if (!isUndo) done.push({ slug, before });
  save({ slug, to, before, isUndo });
}

function saved({ slug, isUndo }, { version }) {
  cardOf(slug).dataset.version = version;
  const { name } = entries[indexOf(slug)];
  const where = describe(entries, indexOf(slug));
  tell(`${isUndo ? "Undone: " : ""}“${name}” is now ${where}.`, { undo: done.length > 0 });
  for (const link of document.querySelectorAll("[data-revision]")) link.textContent = "Revisions";
}

/** The page is loaded again, and then says why. */
function readAnew(words) {
  afterwards.set(list.dataset.codes, `${words} The page now shows the current codebook.`);
  location.reload();
}

function sayWhyReadAnew() {
  const words = afterwards.get(list.dataset.codes);
  afterwards.remove(list.dataset.codes);
  if (words) tell(words, { isError: true });
}

function failed({ slug, before }, { reason, isOutdated }) {
  drags.cancel();
  held = null;
  done.length = 0; // they were made on an order that the server may not have
  const { name } = entries[indexOf(slug)];
  if (isOutdated) return readAnew(`“${name}” was not moved. ${reason}`);
  show(before, slug);
  tell(`“${name}” was not moved. ${reason}`, { isError: true });
}

function tell(words, { undo = false, isError = false } = {}) {
  notice.hidden = false;
  notice.classList.toggle("error", isError);
  notice.querySelector("span").textContent = words;
  notice.querySelector("button").hidden = !undo;
  announce(words, true);
}

/** Take back the newest move. */
function undo() {
  letGo();
  const last = done.pop();
  if (!last) return;
  const now = entries;
  show(last.before, last.slug);
  commit(last.slug, now, { isUndo: true });
  const { card } = entries[indexOf(last.slug)];
  card.querySelector(".grip").focus({ preventScroll: true });
  card.scrollIntoView({ block: "nearest" });
}

/** The arrow keys show each step at once; leaving the grip or Enter saves them as one move. */
function step(slug, key) {
  const place = stepFrom(entries, indexOf(slug), key, (at) => isShown(entries[at]));
  const { name } = entries[indexOf(slug)];
  const planned = typeof place === "string" ? { words: place } : plan(indexOf(slug), place);
  if (!planned.after) return void announce(`${planned.words}.`, true);
  held ??= { slug, before: entries };
  show(planned.after, slug);
  entries[indexOf(slug)].card.scrollIntoView({ block: "nearest" });
  announce(`${name}, now ${describe(entries, indexOf(slug))}.`, true);
}

function letGo() {
  if (!held) return;
  const { slug, before } = held;
  held = null;
  commit(slug, before);
}

function giveBack() {
  if (!held) return;
  const { slug, before } = held;
  held = null;
  show(before, slug);
  announce(`${entries[indexOf(slug)].name} is back: ${describe(entries, indexOf(slug))}.`, true);
}

function onKey(event) {
  const grip = event.target.closest?.(".grip");
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key === "z";
  if (!grip || !(isUndo || !(event.ctrlKey || event.metaKey || event.altKey))) return;
  if (isUndo) undo();
  else if (ARROWS.has(event.key)) step(grip.closest(".code").dataset.code, event.key);
  else if (event.key === "Escape" && held) giveBack();
  else if (event.key === "Enter" || event.key === " ") letGo();
  else return;
  event.preventDefault();
}

const drags = followGrips(list, document.getElementById("move-mark"), {
  entries: () => entries,
  begin: letGo,
  plan,
  drop(index, place) {
    const before = entries;
    show(plan(index, place).after, before[index].slug);
    commit(before[index].slug, before);
  },
});
list.addEventListener("keydown", onKey);
list.addEventListener("focusout", (event) => {
  // A window that loses the focus gives it back to the grip later.
  if (!isShowing && event.target !== document.activeElement) letGo();
});
notice.querySelector("button").addEventListener("click", undo);
addEventListener("pagehide", letGo);
list.classList.add("movable");
document.getElementById("move-help").hidden = false;
sayWhyReadAnew();
