/**
 * Which key does what. Codes choose their own keys; letters that commands need are reserved, and
 * the server refuses them as shortcuts.
 */

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
  Z: ["redo"],
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
  "?": ["help"],
  Enter: ["again"],
  Escape: ["escape"],
};

/** With Ctrl or ⌘. */
const CHORDS = { Enter: ["done"], z: ["undo"], Z: ["redo"], y: ["redo"] };

const FIELD = "input, textarea, select";
const CONTROL = "button, a, summary, [role=option], [role=tab]";

/**
 * @param {{desk: Object, article: Object, commands: Object, caret: Object, codes: Object[]}} parts
 */
export function listenToKeys(parts) {
  const { article, codes, commands } = parts;
  const usable = codes.filter((code) => code.shortcut && !code.retired);
  const shortcuts = new Map(usable.map((code) => [code.shortcut.toLowerCase(), code.slug]));
  document.addEventListener("keydown", (event) => {
    const busy = event.defaultPrevented || event.isComposing;
    if (busy || document.querySelector("dialog[open]")) return;
    const target = event.target instanceof Element ? event.target : document.body;
    if (target === article.root && walkText(event, parts)) return event.preventDefault();
    const command = commandFor(event, target, shortcuts, article);
    if (!command) return undefined;
    event.preventDefault();
    const [name, ...values] = command;
    return typeof name === "function" ? name() : commands[name](...values);
  });
}

/** What a key asks for, in view of where the focus is; null when it is not ours. */
function commandFor(event, target, shortcuts, article) {
  const { key } = event;
  const inField = target.matches(FIELD);
  if (key === "F6") return [() => nextPart(article)];
  if (isControl(event)) {
    const chord = CHORDS[key];
    return chord && (!inField || chord[0] === "done") ? chord : null;
  }
  if (inField) return key === "Escape" ? [() => article.root.focus({ preventScroll: true })] : null;
  if (event.altKey && !isAltGraph(event)) return null;
  if (target.matches(CONTROL) && (key === "Enter" || key === "Backspace")) return null;
  if (key.length === 1 && !oneKeyCommands()) return null;
  if (Object.hasOwn(PLAIN, key)) return PLAIN[key];
  const slug = codeOf(event, shortcuts);
  if (!slug) return null;
  return [event.shiftKey && !/^\d$/.test(key) ? "replace" : "code", slug];
}

/** The text's own keys: arrows, Home and End, and Tab through a stack. */
function walkText(event, { article, caret, desk, commands }) {
  const { key, shiftKey } = event;
  const control = event.ctrlKey || event.metaKey;
  if (key === "Tab") return Boolean(desk.active) && commands.cycle(shiftKey ? -1 : 1);
  if (key === "Home" || key === "End") {
    caret.jump(key === "End", control, shiftKey);
    return true;
  }
  const rightToLeft = article.isRightToLeft(desk.caret);
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

function codeOf(event, shortcuts) {
  const slug = shortcuts.get(event.key.toLowerCase());
  if (slug || !event.shiftKey) return slug;
  const digit = /^Digit(\d)$/.exec(event.code); // Shift turns 4 into $ on many keyboards
  return digit ? shortcuts.get(digit[1]) : undefined;
}

/** Brackets are typed with AltGr on many keyboards; Windows reports that as Ctrl+Alt. */
const isAltGraph = (event) => event.getModifierState("AltGraph");
const isControl = (event) => (event.ctrlKey || event.metaKey) && !isAltGraph(event);
