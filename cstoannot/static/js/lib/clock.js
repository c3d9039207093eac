/** The system's clock as an object, so that a test can run it faster. Times in milliseconds. */
export const systemClock = {
  now: () => Date.now(),
  random: () => Math.random(),
  setTimeout: (fn, ms) => globalThis.setTimeout(fn, ms),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
};
