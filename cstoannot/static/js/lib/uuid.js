/**
 * UUID version 7 (RFC 9562): 48 bits of milliseconds, then 12 bits counting within the millisecond,
 * so that ids made one after the other on one page also sort that way.
 */

let lastMs = 0;
let counter = 0;

/** Moves the clock on; it never goes back, even when the system's does. */
function tick(nowMs, seed) {
  if (nowMs > lastMs) {
    lastMs = nowMs;
    counter = seed & 0x7ff; // half the range stays free for counting up
  } else if (++counter > 0xfff) {
    lastMs += 1;
    counter = 0;
  }
}

/**
 * A new UUIDv7.
 * @param {number} nowMs milliseconds since 1970
 * @returns {string} 36 characters, lower case
 */
export function uuid7(nowMs = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  tick(Math.floor(nowMs), (bytes[6] << 8) | bytes[7]);
  for (let i = 0; i < 6; i += 1) bytes[i] = Math.floor(lastMs / 2 ** (8 * (5 - i))) & 0xff;
  bytes[6] = 0x70 | (counter >> 8);
  bytes[7] = counter & 0xff;
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}
