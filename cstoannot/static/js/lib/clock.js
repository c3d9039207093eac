/** The system's clock as an object, so that a test can run it faster. Times in milliseconds. */
export const systemClock = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (/** @type {() => void} */ fn, /** @type {number} */ ms) =>
    globalThis.setTimeout(fn, ms),
  clearTimeout: (/** @type {number|null} */ timer) => globalThis.clearTimeout(timer ?? undefined),
};
