/**
 * On every page: what is typed into a form is kept in this browser until the server has taken it,
 * and stands in the form again when the same person comes back to it.
 */

import { openDrafts } from "../lib/drafts.js";
import { openStorage } from "../lib/storage.js";
import { uuid7 } from "../lib/uuid.js";
import { element } from "../parts/element.js";
import { fieldNames, fillFields, isTypedIn, readFields, saysTheSame } from "../parts/fields.js";

const LIFE = 30 * 24 * 3600 * 1000; // milliseconds, as in web/drafts.py
const PAUSE = 300; // milliseconds between typing and keeping
// Keeping a text of megabytes on each pause would be felt: at most a tenth of the time goes into it.
const SHARE = 10;
const HANDOVER = 1500; // milliseconds in which a page that is being left gives up its draft
const LEFT_LENGTH = 200_000; // code units; longer ones would push out what else waits in storage
const TAKEN = "drafts_taken"; // the cookie that names what the server took, as in web/drafts.py
const POSTS = "form[method=post]";

const user = document.body.dataset.reader ?? "";
const answersPost = document.body.dataset.method === "POST";
const states = new WeakMap(); // by form: what this page knows of its draft
const opened = openDrafts();
const left = openStorage(`cstoannot-left:${user}:`);

if (user) start();

async function start() {
  document.addEventListener("input", onInput);
  document.addEventListener("change", onInput);
  document.addEventListener("submit", onSubmit);
  document.addEventListener("formdata", nameDraft);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", () => document.hidden && keepAll());
  const drafts = await opened;
  await Promise.all(takeLeft().map((draft) => drafts.put(draft)));
  await Promise.all(taken().map((id) => drafts.remove(id)));
  await drafts.expire(Date.now() - LIFE);
  await Promise.all([...document.querySelectorAll(POSTS)].filter(isTypedIn).map(bringBack));
}

/** @param {On<Event, HTMLInputElement>} event */
function onInput({ target }) {
  onTyping(target.form);
}

/** Ids of drafts that the server has taken; asked once. */
function taken() {
  const match = new RegExp(`(?:^|;\\s*)${TAKEN}=([\\w.-]*)`).exec(document.cookie);
  if (!match) return [];
  document.cookie = `${TAKEN}=; Path=/; Max-Age=0; SameSite=Lax`;
  return match[1].split(".");
}

function stateOf(form) {
  if (!states.has(form)) {
    states.set(form, { id: uuid7(), typed: false, adopted: false, held: false, timer: 0, cost: 0 });
  }
  return states.get(form);
}

/** A form is known by where it leads, which stays the same when another address shows it. */
function keyOf(form) {
  const key = shortKey(form);
  const alike = [...document.querySelectorAll(POSTS)].filter((one) => shortKey(one) === key);
  return `${key}:${alike.indexOf(form)}`;
}

// Attributes, because a field called `action` or `id` stands in the way of the property.
function shortKey(form) {
  const { pathname, search } = new URL(form.getAttribute("action") ?? "", location.href);
  return `${pathname}${search}#${form.getAttribute("id") ?? ""}`;
}

function onTyping(form) {
  if (!form?.matches?.(POSTS) || !isTypedIn(form)) return;
  const state = stateOf(form);
  state.typed = true;
  if (!state.held) hold(state.id, HANDOVER).then((held) => (state.held = held));
  if (!state.timer) state.timer = setTimeout(() => keep(form), Math.max(PAUSE, SHARE * state.cost));
}

/** @param {boolean} [sent] whether it is on its way to the server */
async function keep(form, sent = false) {
  const state = stateOf(form);
  clearTimeout(state.timer);
  state.timer = 0;
  const fields = readFields(form);
  const began = performance.now();
  const drafts = await opened;
  // A form that says what it said when it came needs no draft, unless it came with one.
  if (!state.adopted && saysTheSame(fields, readFields(form, true))) await drafts.remove(state.id);
  else await drafts.put({ ...describe(form), id: state.id, sent, fields });
  state.cost = performance.now() - began;
}

const describe = (form) => ({ user, form: keyOf(form), at: Date.now(), names: fieldNames(form) });

/** @type {() => NodeListOf<HTMLFormElement>} */
const formsOfPage = () => document.querySelectorAll(POSTS);

const unkept = () => [...formsOfPage()].filter((form) => states.get(form)?.timer);

function keepAll() {
  for (const form of unkept()) keep(form);
}

/** This page may end before the database answers: the next page finds the drafts in storage. */
function leave() {
  for (const form of unkept()) {
    const { id } = stateOf(form);
    const fields = readFields(form);
    if (JSON.stringify(fields).length < LEFT_LENGTH)
      left.set(id, { ...describe(form), id, sent: false, fields });
  }
  keepAll();
}

/**
 * Drafts that pages of this reader have left, which storage then forgets.
 * @returns {import("../lib/drafts.js").Draft[]}
 */
function takeLeft() {
  return left.keys().map((id) => {
    const draft = left.get(id);
    left.remove(id);
    return draft;
  });
}

function onSubmit(event) {
  const form = event.target;
  if (!event.defaultPrevented && (states.get(form)?.typed || states.get(form)?.adopted))
    keep(form, true);
}

/** The server says of which draft it has taken what was typed. */
function nameDraft(event) {
  const state = states.get(event.target);
  if (state) event.formData.set("draft", state.id);
}

/** Shows the newest draft of a form that no other page has open, or else waits for the newest. */
async function bringBack(form) {
  const drafts = await opened;
  const found = await drafts.ofForm(user, keyOf(form));
  for (const draft of found)
    if (await hold(draft.id, HANDOVER)) return bringBackHeld(form, draft.id);
  if (found.length && (await hold(found[0].id))) await bringBackHeld(form, found[0].id);
}

/** As the draft stands now: the page that had it open may have changed or removed it. */
async function bringBackHeld(form, id) {
  const drafts = await opened;
  const draft = (await drafts.ofForm(user, keyOf(form))).find((one) => one.id === id);
  if (draft && !states.get(form)?.typed) adopt(form, draft);
}

function adopt(form, draft) {
  const before = { fields: readFields(form), names: fieldNames(form) };
  states.set(form, { ...stateOf(form), id: draft.id, adopted: true, held: true });
  // The answer to what was sent shows it as the server has it, with a newer version perhaps.
  if (answersPost && draft.sent) keep(form);
  else if (!saysTheSame(draft.fields, before.fields)) offer(form, draft, before);
}

function offer(form, draft, before) {
  const said = element("span");
  const button = element("button", { class: "button", type: "button" });
  const files = form.querySelector("input[type=file]") ? " Choose the files again." : "";
  const show = (back) => {
    said.textContent = back ? `Your input was restored.${files}` : "Your input was discarded.";
    button.textContent = back ? "Discard" : "Restore";
    fillFields(form, back ? draft : before);
    const state = stateOf(form);
    clearTimeout(state.timer);
    Object.assign(state, { adopted: back, typed: back, timer: 0 });
    if (back) keep(form);
    else opened.then((drafts) => drafts.remove(draft.id));
    button.onclick = () => show(!back);
  };
  form.closest("details")?.setAttribute("open", "");
  const banner = element("p", { class: "message draft", role: "status" });
  form.before(banner);
  show(true);
  banner.append(said, " ", button);
}

/**
 * Keeps other pages from showing this draft as long as this page is there.
 * @param {number} [patience] milliseconds to wait for another page that has it; without end by default
 * @returns {Promise<boolean>} false where another page still has it
 */
function hold(id, patience) {
  // Without HTTPS there are no locks: two tabs may then show the same draft.
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((done) => {
    const held = () => {
      done(true);
      return new Promise(() => {});
    };
    const options = patience ? { signal: AbortSignal.timeout(patience) } : {};
    navigator.locks.request(`cstoannot-draft:${id}`, options, held).catch(() => done(false));
  });
}
