/**
 * Decide: one key for each decision, and the next place without loading the page anew.
 *
 * The page works by links and forms alone. Here a key presses what stands on the page with its
 * `data-key`, and the answer's content takes the place of the old one.
 */

import { onKeys } from "../parts/keys.js";
import { openEdit } from "./edit.js";
import { alignMargin } from "./margin.js";
import { Pages } from "./pages.js";
import { askReason, chooseButton } from "./reason.js";

const LINES_ABOVE = 64; // pixels of text above the place

const pages = new Pages({ shown });
/** @type {{move: (end: "start"|"end", forward: boolean) => void, stance: (name: string) => void}|null} */
let edit = null;

/** Prepare the content that is on the page now. */
function shown() {
  const main = document.querySelector("main.decide");
  alignMargin(main);
  edit = openEdit(main);
  foldQueue(main);
  loadWeight(main);
  revealPlace(main);
  main.querySelector("#reason[aria-invalid]")?.focus();
}

/** Where there is no room beside the text, the queue is folded until it is asked for. */
function foldQueue(main) {
  const fold = main.querySelector(".queue-fold");
  if (fold && matchMedia("(max-width: 80rem)").matches) fold.open = false;
  main.querySelector(".queue [aria-current]")?.scrollIntoView({ block: "nearest" });
}

/** Scroll so that the place begins a few lines below the top of the text that is seen. */
function revealPlace(main) {
  const here = main.querySelector(".here")?.getClientRects()[0];
  const text = main.querySelector(".lanes");
  if (!here || text.scrollHeight <= text.clientHeight + 1) return;
  const below = here.top - text.getBoundingClientRect().top;
  text.scrollTop += below - Math.min(LINES_ABOVE, text.clientHeight / 4);
}

async function loadWeight(main) {
  const pane = main.querySelector("[data-load]");
  const effects = pane && (await pages.read(pane.dataset.load))?.querySelector("#effects");
  if (effects) pane.querySelector("p")?.replaceWith(document.adoptNode(effects));
}

/** Press what the key stands for; @param {string} key as in `data-key` */
function press(key) {
  const found = [...document.querySelectorAll(`main.decide [data-key="${key}"]`)];
  const there = found.find((one) => !one.hidden);
  if (!there || pages.busy) return;
  if (key === "?") document.getElementById("decide-keys").togglePopover();
  else there.click();
}

/** @type {Object<string, (event: KeyboardEvent) => void>} */
const commands = Object.fromEntries(
  [..."0123456789mpeujknc?"].map((key) => [key, () => press(key)]),
);
onKeys({
  ...commands,
  r: () => askReason(document.getElementById("reason")),
  escape: () => press("escape"),
  "[": () => edit?.move("end", false),
  "]": () => edit?.move("end", true),
  "{": () => edit?.move("start", false),
  "}": () => edit?.move("start", true),
  "+": () => edit?.stance("supports"),
  "=": () => edit?.stance("mixed"),
  "-": () => edit?.stance("opposes"),
});

addEventListener("keydown", (/** @type {On<KeyboardEvent>} */ event) => {
  const field = event.target.closest?.("main.decide :is(input, select, textarea)");
  if (!field) return;
  if (event.key === "Escape") field.blur();
  else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) press("enter");
});

document.addEventListener("change", (/** @type {On<Event, HTMLSelectElement>} */ event) => {
  if (event.target.matches("[data-send]")) event.target.form?.requestSubmit();
  // The keys go on working after a code was chosen.
  if (event.target.matches("[name=entry]")) event.target.blur();
});

document.addEventListener("submit", (/** @type {SubmitEvent} */ event) => {
  const form = /** @type {HTMLFormElement} */ (event.target);
  if (!form.closest("main.decide")) return;
  event.preventDefault();
  const submitter = /** @type {HTMLButtonElement|null} */ (event.submitter);
  const { button, ready } = chooseButton(form, submitter);
  if (ready) pages.send(form, button);
});

document.addEventListener("click", (/** @type {On<MouseEvent, HTMLElement>} */ event) => {
  /** @type {HTMLAnchorElement|null} */
  const link = event.target.closest("main.decide a[href]");
  const plain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (link && plain && event.button === 0 && pages.holds(link)) {
    event.preventDefault();
    pages.visit(link.href);
  }
});

shown();
