/** Which character a key stands for on any keyboard layout, and commands of one key. */

/** Keys beside letters and digits that commands use, as a US keyboard prints them. */
const PRINTED = {
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
  Comma: [",", "<"],
  Equal: ["=", "+"],
  Minus: ["-", "_"],
  Period: [".", ">"],
  Slash: ["/", "?"],
};
/** What browsers report where a key alone gives no character. */
const NO_CHARACTER = new Set(["Dead", "Process", "Unidentified"]);
const NAMED = /^[A-Z][A-Za-z0-9]+$/;
const ASCII = /^[a-z0-9]$/;
const MAC = /^(Mac|iP)/.test(navigator.platform);

/** Whether the letters of the keyboard are Latin, by the last letter typed. */
let isLatin = true;

/**
 * What a key can mean, the likeliest first: the character it types, then what a US keyboard prints
 * on it. An ASCII letter or digit means only itself, because the keyboard prints it, too: on a
 * German keyboard Y must not undo because Z is there on an American one.
 * @param {KeyboardEvent} event
 * @returns {string[]} characters, letters in lower case; for other keys, their name
 */
export function readingsOf(event) {
  const { key, code = "" } = event;
  const hasCharacter = !NO_CHARACTER.has(key);
  if (hasCharacter && NAMED.test(key)) return [key];
  const typed = hasCharacter ? lowerCase(key) : "";
  if (isAltGraph(event)) return typed ? [typed] : [];
  const isLetterKey = /^Key[A-Z]$/.test(code);
  const isLetter = /^\p{L}/u.test(typed);
  if (isLetterKey && isLetter) isLatin = /^\p{Script=Latin}/u.test(typed);
  if (meansItself(typed)) return [typed];
  const readings = [typed, printedOn(code, event.shiftKey)].filter(Boolean);
  // Hebrew has the slash on the key Q, Arabic brackets over letters: there the letter is meant.
  return isLetterKey && !isLetter && !isLatin ? readings.reverse() : readings;
}

/** @returns {string} what a US keyboard prints on a key; digits and letters whatever Shift says */
export function printedOn(code, shift = false) {
  const plain = /^(?:Key([A-Z])|(?:Digit|Numpad)(\d))$/.exec(code);
  if (plain) return (plain[1] ?? plain[2]).toLowerCase();
  return PRINTED[code]?.[shift ? 1 : 0] ?? "";
}

/** @returns {[string, boolean]|null} where a US keyboard has a character: its key, and with Shift? */
export function placeOf(character) {
  if (/^[a-z]$/.test(character)) return [`Key${character.toUpperCase()}`, false];
  if (/^\d$/.test(character)) return [`Digit${character}`, false];
  for (const [code, printed] of Object.entries(PRINTED)) {
    const at = printed.indexOf(character);
    if (at >= 0) return [code, at === 1];
  }
  return null;
}

/** Whether a character means only itself, wherever the keyboard has it. */
export const meansItself = (character) => ASCII.test(character);

/** Turkish İ is the capital of i. */
const lowerCase = (character) => (character === "İ" ? "i" : character.toLowerCase());

/** Characters are typed with AltGr on many keyboards (Windows says Ctrl+Alt), on a Mac with Option. */
const isAltGraph = (event) =>
  event.getModifierState("AltGraph") || (MAC && event.altKey && !event.ctrlKey && !event.metaKey);

/** Whether Ctrl or ⌘ is held, as a modifier and not as a part of AltGr. */
export const isControl = (event) => (event.ctrlKey || event.metaKey) && !isAltGraph(event);

/** Whether Alt is held, as a modifier. */
export const isAlt = (event) => event.altKey && !isAltGraph(event);

/**
 * Commands of one key, while nobody types.
 * @param {Object<string, (event: KeyboardEvent) => void>} commands by the key's lower-case name
 */
export function onKeys(commands) {
  addEventListener("keydown", (/** @type {On<KeyboardEvent>} */ event) => {
    const typing = event.target.closest?.("input, select, textarea, [contenteditable], dialog");
    if (typing || isControl(event) || isAlt(event) || event.isComposing) return;
    const names = readingsOf(event).map((reading) => reading.toLowerCase());
    const name = names.find((reading) => Object.hasOwn(commands, reading));
    if (!name) return;
    event.preventDefault();
    commands[name](event);
  });
}
