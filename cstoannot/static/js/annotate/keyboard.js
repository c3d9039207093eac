/**
 * Which key does what. Codes choose their own keys; letters that commands need are reserved, and
 * the server refuses them as shortcuts.
 */

import { isAlt, isControl, readingsOf } from "../parts/keys.js";
import { oneKeyCommands } from "./page.js";

/** Letters that no code may take. */
export const RESERVED = "jkvxz";

/** Plain keys: the command's name, with its values. */
const PLAIN = {
  j: ["next"],
  k: ["previous"],
  x: ["remove"],
  Delete: ["remove"],
  Backspace: ["remove"],
  z: ["undo"],
  Z: ["redo"], // capitals stand for Shift, whatever Caps Lock says
  v: ["voice"],
  V: ["note"],
  "+": ["stance", "supports"],
  "-": ["stance", "opposes"],
  "=": ["stance", "mixed"],
  "[": ["moveEnd", "end", false],
  "]": ["moveEnd", "end", true],
  "{": ["moveEnd", "start", false],
  "}": ["moveEnd", "start", true],
  ",": ["snap", "word"],
  ".": ["snap", "sentence"],
  "/": ["find"],
  "\\": ["panels"],
  "?": ["help"],
  Enter: ["again"],
  "Shift Enter": ["nameCode"],
  Escape: ["escape"],
};

/** With Ctrl or ⌘. */
const CHORDS = { Enter: ["done"], z: ["undo"], Z: ["redo"], y: ["redo"], "\\": ["panels"] };

const FIELD = "input, textarea, select";
/** What is open has the keys; a card that only tells something does not. */
const OPEN = "dialog[open], [popover='']:popover-open";
const CONTROL = "button, a, summary, [role=option], [role=tab]";

/**
 * @param {{uiState: UiState, article: Article, commands: Commands, caret: Caret,
 *   hint: (words: string) => void}} parts
 */
export function listenToKeys(parts) {
  const { article, commands, uiState, hint } = parts;
  document.addEventListener("keydown", (event) => {
    const busy = event.defaultPrevented || event.isComposing;
    if (busy || document.querySelector(OPEN)) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target === article.root && walkText(event, parts)) return event.preventDefault();
    const command = commandFor(event, target, article, uiState);
    if (!command) return tellUnknown(event, target, hint);
    event.preventDefault();
    const [name, ...values] = command;
    return typeof name === "function" ? name() : commands[name](...values);
  });
}

/** What a key asks for, in view of where the focus is; null when it is not ours. */
function commandFor(event, target, article, uiState) {
  const { key } = event;
  if (key === "F6") return [() => nextPart(article)];
  const readings = readingsOf(event);
  const inField = target.matches(FIELD);
  if (isControl(event)) {
    const chord = firstOf(readings, (reading) => lookUp(CHORDS, reading, event));
    return chord && (!inField || chord[0] === "done") ? chord : null;
  }
  if (inField) return key === "Escape" ? [() => article.root.focus({ preventScroll: true })] : null;
  if (isAlt(event)) return null;
  if (target.matches(CONTROL) && (key === "Enter" || key === "Backspace")) return null;
  if (isCharacter(readings) && !oneKeyCommands()) return null;
  const find = (reading) => lookUp(PLAIN, reading, event) ?? codeFor(reading, event, uiState);
  return firstOf(readings, find);
}

/** Whether a character is a command by itself, without Shift. */
export const isCommand = (character) => Object.hasOwn(PLAIN, character);

/** A letter's capital stands for Shift. */
function lookUp(commands, reading, { shiftKey }) {
  let name = reading;
  if (shiftKey && /^[a-z]$/.test(reading)) name = reading.toUpperCase();
  else if (shiftKey && reading === "Enter") name = "Shift Enter";
  return Object.hasOwn(commands, name) ? commands[name] : null;
}

/** With Shift a code replaces another, unless it takes Shift to type its digit. */
function codeFor(reading, { key, shiftKey }, uiState) {
  for (const { slug, shortcut, retired } of uiState.codes.values()) {
    if (retired || shortcut.toLowerCase() !== reading) continue;
    return [shiftKey && !/^\d$/.test(key) ? "replace" : "code", slug];
  }
  return null;
}

function firstOf(readings, find) {
  for (const reading of readings) {
    const found = find(reading);
    if (found) return found;
  }
  return null;
}

const isCharacter = (readings) => readings.some((reading) => [...reading].length === 1);

/** A character that nothing answers to is named, so that no key seems to be broken. */
function tellUnknown(event, target, hint) {
  const [typed = ""] = readingsOf(event);
  const isTyping = target.matches(FIELD) || target.matches(CONTROL) || !typed.trim();
  if (isTyping || [...typed].length > 1 || isControl(event) || isAlt(event)) return;
  if (!oneKeyCommands()) return;
  const key = `${event.shiftKey ? "Shift " : ""}${typed.toUpperCase()}`;
  hint(`No code and no command has the key ${key}. Press ? for all shortcuts.`);
}

/** The text's own keys: arrows, Home and End, and Tab through a stack. */
function walkText(event, { article, caret, uiState, commands }) {
  const { key, shiftKey } = event;
  const control = event.ctrlKey || event.metaKey;
  if (key === "Tab") return Boolean(uiState.active) && commands.cycle(shiftKey ? -1 : 1);
  if (key === "Home" || key === "End") {
    caret.jump(key === "End", control, shiftKey);
    return true;
  }
  const rightToLeft = article.isRightToLeft(uiState.caret);
  const fine = control || event.altKey;
  const steps = {
    ArrowLeft: [fine ? "character" : "word", rightToLeft],
    ArrowRight: [fine ? "character" : "word", !rightToLeft],
    ArrowUp: [fine ? "paragraph" : "sentence", false],
    ArrowDown: [fine ? "paragraph" : "sentence", true],
  };
  const step = steps[key];
  if (!step) return false;
  if (shiftKey) caret.extend(...step);
  else caret.move(...step);
  return true;
}

/** From the text to the selected passage, to the codes, and back. */
function nextPart(article) {
  const stops = [
    [article.root, article.root],
    [document.getElementById("inspector-body"), "button, input, textarea"],
    [document.getElementById("tools-body"), "#find, #by-code"],
  ];
  const shown = stops
    .map(([part, at]) => [part, at instanceof Element ? at : visible(part, at)])
    .filter(([, stop]) => stop);
  const here = shown.findIndex(([part]) => part.contains(document.activeElement));
  shown[(here + 1) % shown.length][1].focus({ preventScroll: true });
}

const visible = (part, selector) =>
  [...part.querySelectorAll(selector)].find((stop) => stop.checkVisibility());
