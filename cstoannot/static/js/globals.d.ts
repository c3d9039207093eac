/**
 * Types that several scripts share. Only tsc reads this file. Offsets are code points, spans
 * half-open.
 */

// tsc does not see the templates: what a script looks for there is taken to exist, with the type
// that its use asks for. Where an element may be missing, the script says so (`?.`, `if`).
interface Document {
  getElementById<E extends HTMLElement = HTMLElement>(id: string | null | undefined): E;
  /** Null only in a frame that is not shown. */
  getSelection(): Selection;
}
interface ParentNode {
  querySelector<E extends Element = HTMLElement>(selectors: string): E;
  querySelectorAll<E extends Element = HTMLElement>(selectors: string): NodeListOf<E>;
}
interface Element {
  closest<E extends Element = HTMLElement>(selectors: string): E;
}
interface Navigator {
  /** Chromium alone tells what the keys print. */
  keyboard?: { getLayoutMap?: () => Promise<Map<string, string>> };
}

/** An event on an element within the page, such as the listener's own or one below it. */
type On<E extends Event, T extends EventTarget = HTMLElement> = E & { target: T };

type Span = { start: number; end: number };
type Point = { clientX: number; clientY: number };

/** A code of the codebook. */
interface Code {
  slug: string;
  name: string;
  parent: string | null;
  shortcut: string;
  retired: boolean;
  claim: string;
  definition: string;
  include: string;
  exclude: string;
  example: string;
  /** Of the codebook, in the answer that adds it. */
  revision?: number;
}

/** What an annotator says in an annotation. */
interface Content extends Span {
  code: string;
  quote: string;
  stance: string;
  voice: string;
  note: string;
}
type ContentField = keyof Content;

/** An annotation as the page shows it, with the changes that wait to be sent. */
interface Annotation extends Content {
  id: string;
  annotator: string;
  /** The server's version; null where it has none yet. */
  version: number | null;
  stale: boolean;
  mine: boolean;
  state: "saved" | EntryState;
}

type EntryState = "waiting" | "conflict" | "refused";

/** One change on its way to the server. */
interface Entry {
  /** Sorts in the order of editing. */
  key: string;
  /** Of the annotation. */
  id: string;
  /** The content after the change; null: removed. */
  wanted: Content | null;
  /** The server's version that it changes; null: there is none. */
  version: number | null;
  /** Key of the entry that it was made on top of. */
  follows: string | null;
  /** Keys of the entries joined into this one. */
  covers: string[];
  /** Whether the server may have acted on it. */
  sent: boolean;
  state: EntryState;
  /** Why it was refused, for people and for programs. */
  detail?: string;
  problem?: string;
  /** What stands on the server instead. */
  theirs?: Annotation | null;
  /** When it was made, in milliseconds since 1970. */
  at: number;
}

/** Null: removed on that side. */
type Conflict = { id: string; mine: Annotation | null; theirs: Annotation | null };
type Refusal = Pick<Entry, "id" | "wanted" | "detail" | "problem"> & {
  kind: "add" | "change" | "remove";
};

/** What the server answers to a change. */
interface Answer {
  status: number;
  ok: boolean;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  data: any;
  retryAfterMs: number;
}

/** Ids of annotations. */
type Changes = { added: string[]; changed: string[]; removed: string[] };

/** What the store needs to know; `meUrl` says who is signed in. */
interface StoreConfig {
  annotationsUrl: string;
  sourceId: number | string;
  username: string;
  revision: number;
  mayAnnotate: boolean;
  meUrl?: string;
}

/** It is not reopened once it is finished: its coder has been told what the team decided. */
interface Practice {
  resultUrl: string;
  againUrl: string;
}

/** What web/annotate/views.py tells the page. */
interface PageConfig extends StoreConfig {
  project: string;
  codes: Code[];
  speakers: string[];
  proposals: Proposal[];
  assignment: { url: string; state: string; practice: Practice | null } | null;
  mayEditCodebook: boolean;
  codesUrl: string;
  proposalsUrl: string;
  signInUrl: string;
  nextUrl: string | null;
  /** Of the page that begins a thread, up to the passage's place; empty without threads here. */
  discussUrl: string;
}

/** A code that this annotator has proposed. */
interface Proposal {
  id: string;
  name: string;
  /** Of the code that it became. */
  code: string;
  state: string;
  start: number | null;
  end: number | null;
  quote: string;
  /** Why it was declined. */
  reason: string;
}

/** A passage as the text, its stripes and its map show it. */
interface Passage extends Span {
  id: string;
  code: string;
  stance: string;
  annotator: string;
  mine?: boolean;
  /** Instead of the stance's. */
  sign?: string;
}

/** Where a passage stands beside the text, in pixels; `key` is its id. */
type MeasuredPassage = { key: string; passage: Passage; top: number; bottom: number };

/** What those who paint passages look at. Events: `active`, `hover`, `passages`, `preview`. */
interface PaintedState extends EventTarget {
  readonly store: { get(id: string): Passage | null };
  readonly codes: Map<string, { name: string }>;
  readonly visible: readonly Passage[];
  readonly intervals: { within(start: number, end: number): Passage[] };
  /** By id, from 0: passages that overlap have different ones. */
  readonly levels: Map<string, number>;
  readonly tellsApart: boolean;
  readonly selection: Span | null;
  readonly active: string | null;
  readonly hover: string | null;
  readonly preview: (Span & { id: string }) | null;
  readonly current: Passage | null;
  point(id: string | null): void;
}

/** A text on the page, in which article.js finds places. */
interface ArticleText {
  /** Its `textContent` is the text of the source, exactly. */
  root: HTMLElement;
  /** What scrolls it when the window does not. */
  scroller: HTMLElement;
  /** What may lie over the bottom of the view. */
  cover: HTMLElement | null;
  text: string;
  units: Units;
  paragraphs: Paragraph[];
  length: number;
  language: string;
}
/** What can be seen, in the window's pixels. */
type Frame = { top: number; bottom: number };
type Article = ReturnType<typeof import("./parts/article.js").openArticle>;
type Units = ReturnType<typeof import("./lib/offsets.js").makeUnits>;
type Paragraph = Span & { element: HTMLElement };
type Section = { section: HTMLElement; first: number; last: number };
type Clock = typeof import("./lib/clock.js").systemClock;
type Corner = ReturnType<typeof import("./lib/storage.js").openStorage>;
type UiState = import("./annotate/ui-state.js").UiState;
type Store = ReturnType<typeof import("./annotate/store.js").createStore>;
type KeyHelp = import("./annotate/keyhelp.js").KeyHelp;

type Caret = import("./annotate/caret.js").Caret;
/** What is painted near the view; `drawn` is called with it, `look` looks again. */
interface Painting {
  shown: Passage[];
  drawn: (passages: Passage[]) => void;
  look: (() => void) & { soon: () => void };
}

type Announce = (words: string, soon?: boolean) => void;
type Hint = ReturnType<typeof import("./annotate/page.js").createHint>;
// biome-ignore lint/suspicious/noExplicitAny: each has values of its own
type Command = (...values: any[]) => any;
/** By name; see commands.js. */
type Commands = { [name: string]: Command };
/** Makes of a command one that asks first where it would change a source that is done. */
type Guard = (work: Command) => Command;
