/** When to do work: once a frame, or once things are quiet. */

/**
 * Run `work` at most once per frame.
 * @param {() => void} work
 * @returns {() => void}
 */
export function oncePerFrame(work) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      work();
    });
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
