/** When to do work: once a frame, or once things are quiet. */

/** What the next frame runs: pairs of `read` and `work`. */
let waiting = [];

function runFrame() {
  const now = waiting;
  waiting = [];
  const found = now.map(({ read }) => read());
  for (const [i, { work }] of now.entries()) work(found[i]);
}

/**
 * Run `work` at most once per frame.
 *
 * All that asked for a frame read first, then all write: a read after a write has the browser
 * compute the layout once more.
 * @template T
 * @param {(found: T) => void} work
 * @param {() => T} [read] what `work` needs to know of the layout
 * @returns {() => void}
 */
export function oncePerFrame(work, read) {
  let asked = false;
  const job = {
    read() {
      asked = false;
      return read?.();
    },
    work,
  };
  return () => {
    if (asked) return;
    asked = true;
    if (!waiting.length) requestAnimationFrame(runFrame);
    waiting.push(job);
  };
}

/**
 * Run `work` once nobody has asked for `delay` milliseconds.
 * @param {(...values: any[]) => void} work
 * @param {number} delay milliseconds
 * @returns {((...values: any[]) => void) & {now: () => void}} `now` runs what is waiting at once
 */
export function whenQuiet(work, delay) {
  let timer = 0;
  /** @type {any[]|null} */
  let waiting = null;
  const run = () => {
    clearTimeout(timer);
    const values = waiting;
    waiting = null;
    if (values) work(...values);
  };
  const ask = (...values) => {
    waiting = values;
    clearTimeout(timer);
    timer = setTimeout(run, delay);
  };
  ask.now = run;
  return ask;
}

/** @returns {Promise<void>} when the next frame has been painted */
export const nextFrame = () =>
  new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
