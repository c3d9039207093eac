/** The annotate page: put its parts together. */

import { openArticle } from "../parts/article.js";
import { createAnnouncer, element } from "../parts/element.js";
import { Marks, markForPrint } from "../parts/marks.js";
import { followView } from "../parts/nearby.js";
import { canPaint, Painter } from "../parts/painter.js";
import { Stripes } from "../parts/stripes.js";
import { createTabs } from "../parts/tabs.js";
import { Caret } from "./caret.js";
import { CodeList } from "./codelist.js";
import { createCommands } from "./commands.js";
import { Desk } from "./desk.js";
import { createDone } from "./done.js";
import { followEntries } from "./entry.js";
import { Finder } from "./finder.js";
import { createHandles } from "./handles.js";
import { createInspector } from "./inspector.js";
import { listenToKeys } from "./keyboard.js";
import { PassageList } from "./passages.js";
import { createHint, drawHeader, followAddress, offerKeys, offerSpeakers } from "./page.js";
import { followPointer } from "./selection.js";
import { createSheet, QuickBar } from "./sheet.js";
import { createStatus } from "./status.js";
import { createStore } from "./store.js";

const at = (id) => document.getElementById(id);
const config = JSON.parse(at("annotate-config").textContent);
const { codes, mayAnnotate } = config;

const article = openArticle(at("text"), at("reading"));
const store = createStore({ config });
const desk = new Desk({ store, article, codes, mayAnnotate });
const announce = createAnnouncer(at("speech"));
const hint = createHint(at("toast"), announce);
const caret = new Caret({ desk, article, mark: at("caret"), announce });
const commands = createCommands({ desk, store, article, caret, config, announce, hint });

const sheet = createSheet({ tools: at("tools"), grip: at("grip") });
const toText = () => article.root.focus({ preventScroll: true });

function addTools() {
  const passages = new PassageList({
    root: at("passages"),
    more: at("more-passages"),
    filters: { code: at("by-code"), stance: at("by-stance"), annotator: at("by-annotator") },
    desk,
    codes,
    go: commands.go,
  });
  const openTab = createTabs(document.querySelector("[role=tablist]"), (panel) => {
    if (panel.id === "panel-passages") passages.opened();
  });
  new CodeList({ root: at("codes"), desk, commands, codes, mayAnnotate });
  followEntries({ root: at("panel-codes"), card: at("entry"), desk });
  const finder = new Finder({
    field: at("find"),
    list: at("found"),
    rest: at("codes"),
    desk,
    codes,
    choose: (slug, how) => commands[how](slug),
    leave: toText,
  });
  const inspector = createInspector({
    root: at("inspector-body"), desk, store, article, commands, config,
  });
  const show = (tab) => {
    openTab(at(tab));
    sheet.open();
  };
  const find = (how) => {
    show("tab-codes");
    finder.find(how);
  };
  return { show, find, inspector };
}

function addCommands({ show, find, inspector }) {
  Object.assign(commands, {
    find,
    voice: () => (sheet.open(), inspector.voice()),
    note: () => (sheet.open(), inspector.note()),
    help: () => at("keys").showModal(),
    done: createDone({ button: at("done"), config, store, announce, hint }),
  });
  new QuickBar({
    root: at("quick"),
    desk,
    commands,
    codes,
    config,
    openCodes: () => show("tab-codes"),
    openPassages: () => show("tab-passages"),
    openInspector: sheet.open,
  });
  listenToKeys({ desk, article, commands, caret, codes });
}

/** Paint what is near the view, by highlights or by marks, and draw its stripes. */
function addPainting({ show }) {
  const marks = new Marks({ desk, article });
  const forced = new URLSearchParams(location.search).get("paint") === "marks";
  const painter = canPaint() && !forced ? new Painter({ desk, article }) : null;
  const stripes = new Stripes({
    root: at("stripes"),
    desk,
    article,
    onPick: commands.go,
    onMore(ids) {
      show("tab-passages");
      commands.go(ids[0]);
    },
  });
  let shown = [];
  const { dataset } = document.documentElement;
  function draw(passages, span) {
    shown = passages;
    const count = painter ? painter.draw(passages) : marks.draw(span);
    if (!dataset.painted) return; // the text first, its stripes after
    dataset.painted = String(count);
    stripes.draw(passages);
  }
  const look = followView({ desk, article, draw });
  if (!painter) desk.addEventListener("active", look);
  markForPrint({ marks, article, after: () => (painter ? painter.refresh(shown) : look()) });
  return {
    look,
    finished() {
      dataset.painted = String(shown.length);
      stripes.draw(shown);
    },
  };
}

const tools = addTools();
addCommands(tools);
const painting = addPainting(tools);
createHandles({
  handles: [...document.querySelectorAll(".handle")],
  desk,
  article,
  mayAnnotate,
  setEnds: commands.setEnds,
});
followPointer({ desk, article, canSelect: mayAnnotate });
drawHeader({ desk, count: at("count"), tally: at("passage-count"), filtered: at("filtered") });
offerKeys(at("keys"), at("one-key"));
offerSpeakers({ list: at("speakers"), names: config.speakers, store, element });

async function start() {
  try {
    await store.load();
  } catch {
    hint("The annotations could not be read; they appear when the server is back.");
    addEventListener("online", () => store.load().catch(() => {}), { once: true });
  }
  if (mayAnnotate) {
    createStatus({
      button: at("status"), dialog: at("trouble"), store, desk, signInUrl: config.signInUrl,
    });
  }
  painting.look();
  followAddress({ store, article, go: commands.go });
  // Two frames on, what was registered has been painted.
  requestAnimationFrame(() => requestAnimationFrame(painting.finished));
}

start();
