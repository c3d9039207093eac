/** The tools around the text: codes, passages, inspector, keys, stripes. */

import { createAnnouncer, element } from "../parts/element.js";
import { Stripes } from "../parts/stripes.js";
import { createTabs } from "../parts/tabs.js";
import { offerTextSizes } from "../parts/textsize.js";
import { createBottomSheet, QuickBar } from "./bottom-sheet.js";
import { Caret } from "./caret.js";
import { createCodePopover } from "./code-popover.js";
import { CodeList } from "./codelist.js";
import { createCommands } from "./commands.js";
import { createDone } from "./done.js";
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
import { createStatus } from "./status.js";
import { offerSteps } from "./steps.js";

/** @template {HTMLElement} [E=HTMLElement] @param {string} id @returns {E} */
const at = (id) => document.getElementById(id);

/**
 * Lay out the tools around a text that has been painted.
 * @param {{article: Article, config: PageConfig, uiState: UiState, store: Store,
 *   painting: Painting, whatFailed: Error|undefined}} parts `whatFailed`: why the annotations could
 *   not be read
 */
export function layOut({ article, config, uiState, painting, store, whatFailed }) {
  const { mayAnnotate } = config;
  const announce = createAnnouncer(at("speech"));
  const hint = createHint(at("toast"), announce);
  const caret = new Caret({ uiState, article, mark: at("caret"), announce });
  const done = createDone({
    button: at("done"),
    dialog: at("reopen"),
    config,
    uiState,
    store,
    announce,
    hint,
  });
  const { guard } = done;
  const commands = createCommands({
    uiState,
    store,
    article,
    caret,
    config,
    announce,
    guard,
    hint,
  });
  const panels = createPanels([...document.querySelectorAll("[data-panel]")]);
  const bottom = createBottomSheet({ tools: at("tools"), grip: at("grip") });
  const bottomSheet = {
    ...bottom,
    open() {
      panels.unfold("tools");
      bottom.open();
    },
  };
  const keyHelp = new KeyHelp({ dialog: at("keys"), uiState });
  Object.assign(commands, { panels: panels.toggle });
  offerTextSizes(announce);
  const parts = {
    article,
    announce,
    caret,
    commands,
    config,
    uiState,
    done,
    hint,
    keyHelp,
    bottomSheet,
    store,
  };

  const tools = addPanels(parts);
  addCommands(parts, tools);
  addStripes(parts, tools, painting);
  createHandles({
    handles: [...document.querySelectorAll(".handle")],
    uiState,
    article,
    mayAnnotate,
    setEnds: commands.setEnds,
  });
  followPointer({ uiState, article, movement: caret.movement, canSelect: mayAnnotate });
  drawHeader({ uiState, count: at("count"), tally: at("passage-count"), filtered: at("filtered") });
  offerKeys({ dialog: at("keys"), box: at("one-key"), open: () => keyHelp.open() });
  offerSpeakers({ list: at("speakers"), names: config.speakers, store, element });
  if (mayAnnotate) {
    offerSteps({
      buttons: [...document.querySelectorAll("[data-step]")],
      uiState,
      store,
      commands,
      hint,
    });
    createStatus({
      button: at("status"),
      dialog: at("trouble"),
      store,
      uiState,
      reopen: done.reopen,
      signInUrl: config.signInUrl,
    });
  }
  if (whatFailed) {
    hint("The annotations could not be read; they appear when the server can be reached.");
    addEventListener("online", () => store.load().catch(() => {}), { once: true });
  }
  followAddress({ store, article, go: commands.go });
}

function addPanels(parts) {
  const { article, commands, config, uiState, keyHelp, bottomSheet, store } = parts;
  const { codes, mayAnnotate } = config;
  const passages = new PassageList({
    root: at("passages"),
    more: at("more-passages"),
    filters: { code: at("by-code"), stance: at("by-stance"), annotator: at("by-annotator") },
    uiState,
    codes,
    go: commands.go,
  });
  const openTab = createTabs(document.querySelector("[role=tablist]"), (panel) => {
    if (panel.id === "panel-passages") passages.opened();
  });
  const { project } = config;
  new CodeList({ root: at("codes"), uiState, commands, codes, keyHelp, project, mayAnnotate });
  createCodePopover({ root: at("panel-codes"), card: at("code-popover"), uiState });
  const proposals = new Proposals({
    root: at("proposals"),
    uiState,
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
    uiState,
    codes,
    keyHelp,
    choose: (slug, how) => commands[how](slug),
    offer: (query, isName) => newCode?.offer(query, isName) ?? null,
    leave: () => article.root.focus({ preventScroll: true }),
  });
  const inspector = createInspector({
    root: at("inspector-body"),
    uiState,
    store,
    article,
    commands,
    config,
  });
  const show = (tab) => {
    openTab(at(tab));
    bottomSheet.open();
  };
  const find = (how) => {
    show("tab-codes");
    finder.find(how);
  };
  return { show, find, inspector, newCode };
}

function addCommands(parts, { show, find, inspector, newCode }) {
  const { article, caret, commands, config, uiState, done, hint, keyHelp, bottomSheet } = parts;
  const { codes } = config;
  const inBottomSheet = (edit) => () => {
    bottomSheet.open();
    return edit();
  };
  Object.assign(commands, {
    find,
    nameCode: () => newCode?.openForWords(),
    voice: inBottomSheet(inspector.voice),
    note: inBottomSheet(inspector.note),
    help: () => keyHelp.open(),
    done: done.toggle,
  });
  new QuickBar({
    root: at("quick"),
    uiState,
    commands,
    codes,
    config,
    openCodes: () => show("tab-codes"),
    openPassages: () => show("tab-passages"),
    openInspector: bottomSheet.open,
  });
  listenToKeys({ uiState, article, commands, caret, hint });
}

/** Draw the stripes of what is painted, now and whenever it is painted anew. */
function addStripes({ article, commands, uiState }, { show }, painting) {
  const stripes = new Stripes({
    root: at("stripes"),
    uiState,
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
