/** Which passages lie where: sorted half-open intervals in code points, without the page. */

/** First index whose value is above `limit` in an ascending array. */
function upperBound(values, limit) {
  let low = 0;
  let high = values.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** @typedef {Span & {id: string}} Placed */

/**
 * @template {Placed} P
 * @param {readonly P[]} passages sorted by start, then by end descending
 * @returns {{at: (offset: number) => P[], within: (start: number, end: number) => P[]}}
 *   `at` gives the passages over one character, the shortest first; `within` those that touch
 *   `[start, end)`, in order.
 */
export function createIntervals(passages) {
  const starts = passages.map((passage) => passage.start);
  const reach = []; // the furthest end among this passage and all before it
  passages.forEach((passage, i) => {
    reach.push(Math.max(passage.end, i ? reach[i - 1] : 0));
  });
  function within(start, end) {
    const found = [];
    for (let i = upperBound(starts, end - 1) - 1; i >= 0 && reach[i] > start; i -= 1) {
      if (passages[i].end > start) found.push(passages[i]);
    }
    return found.reverse();
  }
  const shortestFirst = (a, b) => a.end - a.start - (b.end - b.start) || b.start - a.start;
  return { within, at: (offset) => within(offset, offset + 1).sort(shortestFirst) };
}

/**
 * Give each passage a level so that overlapping ones differ where that is possible: the outer
 * passage lies at the bottom, what it holds above it.
 * @param {readonly Placed[]} passages sorted by start, then by end descending
 * @param {number} levels how many there are; deeper stacks share the last
 * @returns {Map<string, number>} id → level from 0
 */
export function assignLevels(passages, levels) {
  const ends = new Array(levels).fill(0);
  const result = new Map();
  for (const passage of passages) {
    let level = ends.findIndex((end) => end <= passage.start);
    if (level < 0) level = levels - 1;
    ends[level] = Math.max(ends[level], passage.end);
    result.set(passage.id, level);
  }
  return result;
}

/**
 * Lay bars side by side.
 * @param {{key: string, top: number, bottom: number}[]} bars pixels, sorted by importance
 * @param {number} lanes
 * @returns {{lane: Map<string, number>, rest: string[]}} keys that found no lane are in `rest`
 */
export function assignLanes(bars, lanes) {
  /** @type {(typeof bars)[]} */
  const taken = Array.from({ length: lanes }, () => []);
  const lane = new Map();
  const rest = [];
  for (const bar of bars) {
    const free = taken.findIndex((others) =>
      others.every((other) => other.bottom + 2 <= bar.top || other.top >= bar.bottom + 2),
    );
    if (free < 0) rest.push(bar.key);
    else {
      taken[free].push(bar);
      lane.set(bar.key, free);
    }
  }
  return { lane, rest };
}
