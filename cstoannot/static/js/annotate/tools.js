/** The tools around the text: codes, passages, inspector, keys, stripes. */

import { createAnnouncer, element } from "../parts/element.js";
import { Stripes } from "../parts/stripes.js";
import { createTabs } from "../parts/tabs.js";
import { offerTextSizes } from "../parts/textsize.js";
import { Caret } from "./caret.js";
import { CodeList } from "./codelist.js";
import { createCommands } from "./commands.js";
import { createDone } from "./done.js";
import { followEntries } from "./entry.js";
import { Finder } from "./finder.js";
import { createHandles } from "./handles.js";
import { createInspector } from "./inspector.js";
import { listenToKeys } from "./keyboard.js";
import { KeyHelp } from "./keyhelp.js";
import { NewCode } from "./newcode.js";
import { createHint, drawHeader, followAddress, offerKeys, offerSpeakers } from "./page.js";
import { createPanels } from "./panels.js";
import { PassageList } from "./passages.js";
import { Proposals } from "./proposals.js";
import { followPointer } from "./selection.js";
import { createSheet, QuickBar } from "./sheet.js";
import { createStatus } from "./status.js";
import { offerSteps } from "./steps.js";

const at = (id) => document.getElementById(id);

/**
 * Lay out the tools around a text that has been painted.
 * @param {{article: Object, config: Object, desk: Object, store: Object, whatFailed: Error|undefined,
 *   painting: {shown: Object[], drawn: (passages: Object[]) => void}}} parts `whatFailed`: why the
 *   annotations could not be read
 */
export function layOut({ article, config, desk, painting, store, whatFailed }) {
  const { mayAnnotate } = config;
  const announce = createAnnouncer(at("speech"));
  const hint = createHint(at("toast"), announce);
  const caret = new Caret({ desk, article, mark: at("caret"), announce });
  const done = createDone({
    button: at("done"),
    dialog: at("reopen"),
    config,
    desk,
    store,
    announce,
    hint,
  });
  const { guard } = done;
  const commands = createCommands({ desk, store, article, caret, config, announce, guard, hint });
  const panels = createPanels([...document.querySelectorAll("[data-panel]")]);
  const bottom = createSheet({ tools: at("tools"), grip: at("grip") });
  const sheet = {
    ...bottom,
    open() {
      panels.unfold("tools");
      bottom.open();
    },
  };
  const keyHelp = new KeyHelp({ dialog: at("keys"), desk });
  Object.assign(commands, { panels: panels.toggle });
  offerTextSizes(announce);
  const parts = {
    article,
    announce,
    caret,
    commands,
    config,
    desk,
    done,
    hint,
    keyHelp,
    sheet,
    store,
  };

  const tools = addPanels(parts);
  addCommands(parts, tools);
  addStripes(parts, tools, painting);
  createHandles({
    handles: [...document.querySelectorAll(".handle")],
    desk,
    article,
    mayAnnotate,
    setEnds: commands.setEnds,
  });
  followPointer({ desk, article, movement: caret.movement, canSelect: mayAnnotate });
  drawHeader({ desk, count: at("count"), tally: at("passage-count"), filtered: at("filtered") });
  offerKeys({ dialog: at("keys"), box: at("one-key"), open: () => keyHelp.open() });
  offerSpeakers({ list: at("speakers"), names: config.speakers, store, element });
  if (mayAnnotate) {
    offerSteps({
      buttons: [...document.querySelectorAll("[data-step]")],
      desk,
      store,
      commands,
      hint,
    });
    createStatus({
      button: at("status"),
      dialog: at("trouble"),
      store,
      desk,
      reopen: done.reopen,
      signInUrl: config.signInUrl,
    });
  }
  if (whatFailed) {
    hint("The annotations could not be read; they appear when the server is back.");
    addEventListener("online", () => store.load().catch(() => {}), { once: true });
  }
  followAddress({ store, article, go: commands.go });
}

function addPanels(parts) {
  const { article, commands, config, desk, keyHelp, sheet, store } = parts;
  const { codes, mayAnnotate } = config;
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
  const { project } = config;
  new CodeList({ root: at("codes"), desk, commands, codes, keyHelp, project, mayAnnotate });
  followEntries({ root: at("panel-codes"), card: at("entry"), desk });
  const proposals = new Proposals({
    root: at("proposals"),
    desk,
    store,
    article,
    commands,
    found: config.proposals,
  });
  const newCode = mayAnnotate ? new NewCode({ ...parts, dialog: at("new-code"), proposals }) : null;
  const finder = new Finder({
    field: at("find"),
    list: at("found"),
    more: at("found-more"),
    rest: at("codes"),
    desk,
    codes,
    keyHelp,
    choose: (slug, how) => commands[how](slug),
    offer: (query, isName) => newCode?.offer(query, isName) ?? null,
    leave: () => article.root.focus({ preventScroll: true }),
  });
  const inspector = createInspector({
    root: at("inspector-body"),
    desk,
    store,
    article,
    commands,
    config,
  });
  const show = (tab) => {
    openTab(at(tab));
    sheet.open();
  };
  const find = (how) => {
    show("tab-codes");
    finder.find(how);
  };
  return { show, find, inspector, newCode };
}

function addCommands(parts, { show, find, inspector, newCode }) {
  const { article, caret, commands, config, desk, done, hint, keyHelp, sheet } = parts;
  const { codes } = config;
  const inSheet = (edit) => () => {
    sheet.open();
    return edit();
  };
  Object.assign(commands, {
    find,
    nameCode: () => newCode?.openForWords(),
    voice: inSheet(inspector.voice),
    note: inSheet(inspector.note),
    help: () => keyHelp.open(),
    done: done.toggle,
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
  listenToKeys({ desk, article, commands, caret, hint });
}

/** Draw the stripes of what is painted, now and whenever it is painted anew. */
function addStripes({ article, commands, desk }, { show }, painting) {
  const stripes = new Stripes({
    root: at("stripes"),
    desk,
    article,
    onPick: commands.go,
    onMore(ids) {
      show("tab-passages");
      commands.go(ids[0]);
    },
    redraw: painting.look.soon,
  });
  const { dataset } = document.documentElement;
  painting.drawn = (passages) => {
    dataset.painted = String(passages.length);
    stripes.draw(passages);
  };
  stripes.draw(painting.shown);
}
