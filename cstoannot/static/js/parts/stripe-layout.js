/** Where stripes and their labels stand beside the text; pixels below the top of the stripes. */

const LABEL = 17; // height of a label
const CLUSTER = 28; // bars without a lane that start this close share one count

/**
 * Measure passages. Places hold until the text is laid out anew; all are read before anything is
 * written, so that layout is computed once.
 * @param {HTMLElement} root the stripes
 * @param {Article} article
 * @returns {(passages: Passage[]) => MeasuredPassage[]}
 */
export function createRuler(root, article) {
  let known = new Map(); // id → {start, end, top, bottom}
  let laidOut = "";

  function measureOne({ id, start, end }, origin) {
    const before = known.get(id);
    if (before && before.start === start && before.end === end) return before;
    const first = article.rectangle(start);
    const last = article.rectangle(end - 1);
    if (!first || !last) return null;
    const top = Math.round(first.top - origin) + 2;
    const place = { start, end, top, bottom: Math.round(last.bottom - origin) - 2 };
    known.set(id, place);
    return place;
  }

  return (passages) => {
    const { width, height } = article.root.getBoundingClientRect();
    if (laidOut !== `${width} ${height}`) known = new Map();
    laidOut = `${width} ${height}`;
    const origin = root.getBoundingClientRect().top;
    return passages.flatMap((passage) => {
      const place = measureOne(passage, origin);
      return place ? [{ key: passage.id, passage, top: place.top, bottom: place.bottom }] : [];
    });
  };
}

/**
 * A label stands at the top of its bar, or further down along it; it touches no other label and
 * no bar in a lane beyond its own.
 * @param {MeasuredPassage[]} places
 * @param {Map<string, number>} lane those that have one
 * @returns {Map<string, {top: number, lane: number}>} the lane it stands beside
 */
export function placeLabels(places, lane) {
  const labels = new Map();
  let free = -Infinity;
  /** @type {(typeof places)[number]|null} */
  let before = null;
  const shown = places.filter(({ key }) => lane.has(key)).sort((a, b) => a.top - b.top);
  for (const place of shown) {
    if (before && sameWords(before, place)) continue;
    const top = Math.max(place.top, free);
    if (top + LABEL > Math.max(place.bottom, place.top + LABEL)) continue;
    const beside = shown.filter((other) => other.top < top + LABEL && other.bottom > top);
    const last = Math.max(...[place, ...beside].map(({ key }) => lane.get(key) ?? 0));
    labels.set(place.key, { top, lane: last });
    free = top + LABEL;
    before = place;
  }
  return labels;
}

/** Several annotators often say the same of the same passage: one label says it. */
function sameWords(one, other) {
  const { code, stance } = one.passage;
  const alike = other.passage.code === code && other.passage.stance === stance;
  return alike && Math.abs(one.top - other.top) < 4 && Math.abs(one.bottom - other.bottom) < 4;
}

/**
 * @param {{key: string, top: number}[]} places
 * @returns {{top: number, ids: string[]}[]} those that start close together, as one
 */
export function cluster(places) {
  const groups = [];
  for (const { key, top } of [...places].sort((a, b) => a.top - b.top)) {
    const last = groups[groups.length - 1];
    if (last && top - last.top < CLUSTER) last.ids.push(key);
    else groups.push({ top, ids: [key] });
  }
  return groups;
}
