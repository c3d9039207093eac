// Starts a store on an empty page, with a clock that runs `speed` times as fast, and keeps its events.
import { createStore } from "./annotate/store.js";

const START = 1_700_000_000_000; // the same for all tabs, so that leases agree

export function fastClock(speed) {
  return {
    now: () => START + (Date.now() - START) * speed,
    random: () => Math.random(),
    setTimeout: (fn, ms) => setTimeout(fn, ms / speed),
    clearTimeout: (timer) => clearTimeout(timer),
  };
}

export async function start(config, speed) {
  globalThis.events = [];
  globalThis.store = createStore({ config, clock: fastClock(speed) });
  for (const name of ["change", "status"]) {
    store.addEventListener(name, ({ detail }) => events.push({ name, ...detail }));
  }
  await store.load();
}
