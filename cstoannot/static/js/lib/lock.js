/** One tab at a time: Web Locks where the browser has them, otherwise a lease in storage. */

const LEASE_MS = 30_000; // longer than any request may take, short enough to wait out a tab that died
const SETTLE_MS = 60; // for two tabs that take a free lease at the same moment to see each other
const POLL_MS = 1_000;

/**
 * @param {string} name
 * @param {object} parts
 * @param {Corner} parts.storage from openStorage, shared by the tabs
 * @param {Pick<Clock, "now"|"setTimeout">} parts.clock
 * @param {LockManager|null} [parts.locks]
 * @returns {{run: (work: (renew: () => void) => Promise<any>) => Promise<any>}} `renew` says that
 *     the work still goes on; call it before each step that can take long
 */
export function createLock(name, { storage, clock, locks = globalThis.navigator?.locks ?? null }) {
  const tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
  /** @returns {Promise<void>} */
  const sleep = (ms) => new Promise((done) => clock.setTimeout(done, ms));
  const holder = () => {
    const lease = storage.get("lease");
    return lease && lease.until > clock.now() ? lease.tab : null;
  };
  const renew = () => storage.set("lease", { tab, until: clock.now() + LEASE_MS });

  async function take() {
    if (holder() !== null) return false;
    // Without storage there is no queue to share either.
    if (!renew()) return true;
    await sleep(SETTLE_MS);
    return holder() === tab;
  }

  const release = () => {
    if (holder() === tab) storage.remove("lease");
  };

  async function runLeased(work) {
    while (!(await take())) await sleep(POLL_MS);
    globalThis.addEventListener("pagehide", release);
    try {
      return await work(renew);
    } finally {
      globalThis.removeEventListener("pagehide", release);
      release();
    }
  }

  return { run: locks ? (work) => locks.request(name, () => work(() => {})) : runLeased };
}
