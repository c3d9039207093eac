/** The selected passage: what lies there, its code, stance, voice, note and ends. */

import { element } from "../parts/element.js";
import { whenQuiet } from "../parts/timing.js";
import { describeCode } from "./code-popover.js";

const STANCES = ["supports", "mixed", "opposes"];
const GLYPHS = { supports: " ▲", opposes: " ▼", mixed: " ◆" };
const SHOWN_STACK = 8;
const TYPING = 900; // milliseconds of rest after which what was typed becomes one change

/**
 * @param {{root: HTMLElement, uiState: UiState, store: Store, article: Article, commands: Commands,
 *   config: PageConfig}} parts
 */
export function createInspector(parts) {
  const { root, uiState, store, article, config } = parts;
  /** @type {string|null} */
  let shownId = null;
  let shownOpen = false;

  function draw() {
    const current = uiState.current;
    if (current && current.id === shownId) return refresh(root, current, parts);
    finishTyping(root);
    shownId = current?.id ?? null;
    if (current) root.replaceChildren(...passageView(current, parts, shownOpen));
    else if (uiState.selection) root.replaceChildren(...selectionView(uiState, article));
    else root.replaceChildren(...emptyView(config));
    /** @type {HTMLDetailsElement|null} */
    const about = root.querySelector("details");
    about?.addEventListener("toggle", () => (shownOpen = about.open));
    return undefined;
  }
  for (const type of ["active", "selection", "passages"]) uiState.addEventListener(type, draw);
  store.addEventListener("status", draw);
  uiState.addEventListener("declined", () => takeBack(root, uiState.current));
  addEventListener("pagehide", () => finishTyping(root));
  draw();
  return {
    voice: () => focusField(root, "[name=voice]"),
    note: () => focusField(root, "[name=note]"),
  };
}

const focusField = (root, selector) => root.querySelector(selector)?.focus();

/** What is being typed becomes a change before the fields go away. */
function finishTyping(root) {
  for (const field of root.querySelectorAll("[name=voice], [name=note]")) {
    field.dispatchEvent(new Event("finish"));
  }
}

/** What was typed is not to be saved: the fields show what is. */
function takeBack(root, current) {
  for (const field of root.querySelectorAll("[name=voice], [name=note]")) {
    if (current) field.value = current[field.name];
  }
}

function emptyView(config) {
  const how = config.mayAnnotate
    ? "Select text and press a code’s key, or click on a passage."
    : "Click on a passage to see its code.";
  return [element("p", { class: "muted", text: how })];
}

function selectionView(uiState, article) {
  const { start, end } = article.trim(uiState.selection);
  const words = article.slice(start, end).replace(/\s+/g, " ");
  const short = words.length > 160 ? `${words.slice(0, 100)} … ${words.slice(-50)}` : words;
  return [
    element("blockquote", { class: "quote", text: short, dir: "auto" }),
    element("p", { class: "muted", text: "Press a code’s key, or choose a code below." }),
  ];
}

function passageView(current, parts, open) {
  const { uiState, config } = parts;
  const code = uiState.codes.get(current.code);
  const editable = current.mine && config.mayAnnotate;
  /** @type {(HTMLElement|null)[]} */
  const children = [stackView(uiState), headView(current, code, parts, editable)];
  if (code?.claim) children.push(element("p", { class: "claim", text: code.claim, dir: "auto" }));
  if (!current.mine) children.push(byView(current));
  if (code?.claim || current.stance) children.push(stanceView(current, parts, editable));
  children.push(voiceView(current, parts, editable), noteView(current, parts, editable));
  if (editable) children.push(endsView(parts));
  if (code) children.push(aboutView(code, open));
  if (config.discussUrl) children.push(discussView(current, config));
  return children.filter((child) => child !== null);
}

/** A link to begin a thread on the passage. */
const discussView = ({ start, end }, config) =>
  element(
    "p",
    {},
    element("a", { text: "Discuss this passage", href: `${config.discussUrl}${start}-${end}` }),
  );

const byView = (current) =>
  element("p", { class: "muted" }, "Coded by ", element("b", { text: current.annotator }));

function headView(current, code, { commands }, editable) {
  const chip = element("span", {
    class: "chip",
    text: code?.name ?? current.code,
    dataset: { code: current.code },
  });
  const change = element("button", {
    type: "button",
    class: "link",
    text: "Change",
    "aria-label": "Change code",
    on: { click: () => commands.find("replace") },
  });
  const remove = element("button", {
    type: "button",
    class: "link",
    text: "Delete",
    on: { click: () => commands.remove() },
  });
  const actions = editable ? [change, remove] : [];
  return element("div", { class: "head" }, chip, ...actions);
}

/** All passages over the same text; missing when there is only one. */
function stackView(uiState) {
  const { stack } = uiState;
  if (stack.length < 2) return null;
  const shown = stack.slice(0, SHOWN_STACK);
  if (!shown.some(({ id }) => id === uiState.active)) shown.push(uiState.current);
  const buttons = shown.map((passage) =>
    element("button", {
      type: "button",
      class: "chip",
      dataset: { code: passage.code },
      "aria-pressed": String(passage.id === uiState.active),
      text: stackWords(passage, uiState),
      on: { click: () => uiState.activate(passage.id) },
    }),
  );
  const more = stack.length > shown.length ? ` (${stack.length} in all)` : "";
  const label = `${shown.length} passages here${more}`;
  return element("div", { class: "stack", role: "group", "aria-label": label }, ...buttons);
}

function stackWords({ code, stance, mine, annotator }, uiState) {
  const name = uiState.codes.get(code)?.name ?? code;
  return `${name}${GLYPHS[stance] ?? ""}${mine ? "" : ` · ${annotator}`}`;
}

function stanceView(current, { commands }, editable) {
  const buttons = STANCES.map((stance) =>
    element(
      "button",
      {
        type: "button",
        dataset: { value: stance },
        disabled: !editable,
        "aria-pressed": String(current.stance === stance),
        on: { click: () => commands.stance(stance) },
      },
      element("span", { class: "stance", dataset: { stance }, text: stance }),
    ),
  );
  const label = "Stance towards the claim";
  const attributes = { class: "segmented", role: "group", "aria-label": label };
  return element("div", attributes, ...buttons);
}

/**
 * A field that saves when typing rests, as one change. `accepts` says which key takes what was
 * typed; Escape gives back what was there before. Both go back to the text.
 */
function connect(field, id, { commands, store, article }, accepts) {
  const { name } = field;
  const save = () => {
    const annotation = store.get(id);
    const value = name === "voice" ? field.value.trim() : field.value;
    if (annotation && annotation[name] !== value) commands.describe(id, { [name]: value });
  };
  const later = whenQuiet(save, TYPING);
  const finish = () => {
    later();
    later.now();
  };
  field.addEventListener("focus", () => (field.dataset.before = field.value));
  field.addEventListener("input", later);
  for (const type of ["change", "finish"]) field.addEventListener(type, finish);
  field.addEventListener("keydown", (event) => {
    const isEscape = event.key === "Escape";
    if (event.isComposing || !(isEscape || accepts(event))) return;
    event.preventDefault();
    if (isEscape) field.value = field.dataset.before;
    if (!field.readOnly) finish();
    article.root.focus({ preventScroll: true });
  });
  return field;
}

function voiceView(current, parts, editable) {
  const field = element("input", {
    name: "voice",
    list: "speakers",
    placeholder: "The author",
    autocomplete: "off",
    dir: "auto",
    readonly: !editable,
  });
  field.value = current.voice;
  const accepts = ({ key }) => key === "Enter";
  return labelled("Voice", connect(field, current.id, parts, accepts));
}

/** In a note Enter makes a new line. */
function noteView(current, parts, editable) {
  const field = element("textarea", { name: "note", rows: "2", dir: "auto", readonly: !editable });
  field.value = current.note;
  const accepts = ({ key, ctrlKey, metaKey }) => key === "Enter" && (ctrlKey || metaKey);
  return labelled("Note", connect(field, current.id, parts, accepts));
}

const labelled = (words, field) =>
  element("label", { class: "labelled" }, element("span", { text: words }), field);

function endsView({ commands }) {
  const step = (words, glyph, ...move) =>
    element("button", {
      type: "button",
      "aria-label": words,
      title: words,
      text: glyph,
      on: { click: () => commands.moveEnd(...move) },
    });
  return element(
    "div",
    { class: "ends", role: "group", "aria-label": "Ends of the passage" },
    element("span", { text: "Start" }),
    step("Start one word earlier", "−", "start", false),
    step("Start one word later", "+", "start", true),
    element("span", { text: "End" }),
    step("End one word earlier", "−", "end", false),
    step("End one word later", "+", "end", true),
  );
}

function aboutView(code, open) {
  const body = describeCode(code, { withClaim: false });
  if (!body.length) return null;
  const attributes = { class: "about", open };
  return element("details", attributes, element("summary", { text: "Codebook entry" }), ...body);
}

/** The same passage with new content: fields that are being typed in stay as they are. */
function refresh(root, current, parts) {
  const code = root.querySelector(".head .chip");
  if (code.dataset.code !== current.code || stackChanged(root, parts.uiState)) {
    const open = root.querySelector("details")?.open ?? false;
    const restore = holdTyping(root);
    root.replaceChildren(...passageView(current, parts, open));
    restore();
  }
  for (const button of root.querySelectorAll(".segmented button")) {
    button.setAttribute("aria-pressed", String(button.dataset.value === current.stance));
  }
  for (const name of ["voice", "note"]) {
    const field = root.querySelector(`[name=${name}]`);
    if (field !== document.activeElement) field.value = current[name];
  }
}

/** What is being typed, to go on with in the field that takes the place of this one. */
function holdTyping(root) {
  const typing = document.activeElement;
  const isField = typing instanceof HTMLInputElement || typing instanceof HTMLTextAreaElement;
  if (!isField || !root.contains(typing)) return () => {};
  const { name, value, selectionStart, selectionEnd } = typing;
  const { before } = typing.dataset;
  return () => {
    const field = root.querySelector(`[name=${name}]`);
    field.focus({ preventScroll: true });
    Object.assign(field, { value }).dataset.before = before;
    field.setSelectionRange(selectionStart, selectionEnd);
    field.dispatchEvent(new Event("input"));
  };
}

function stackChanged(root, uiState) {
  const shown = root.querySelectorAll(".stack .chip").length;
  const { stack } = uiState;
  return shown !== (stack.length > 1 ? Math.min(stack.length, SHOWN_STACK) : 0);
}
