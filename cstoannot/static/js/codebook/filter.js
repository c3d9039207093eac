/** Find codes on the codebook's page: what does not fit the words is hidden. */

/** @type {HTMLInputElement} */
const field = document.getElementById("filter-codes");
const book = document.querySelector(".book");
const count = document.getElementById("filter-count");
// A code's card, its line in the contents, and its words, read at the first use.
/** @type {ReturnType<typeof readEntries>|null} */
let entries = null;
const SEARCHED = "header .chip, .claim, .definition, dl, blockquote"; // not the buttons' words

function readEntries() {
  /** @type {NodeListOf<HTMLAnchorElement>} */
  const links = document.querySelectorAll(".contents a");
  const lines = new Map([...links].map((link) => [link.hash, link.parentElement]));
  return [...document.querySelectorAll(".book .code")].map((card) => ({
    card,
    line: lines.get(`#${card.id}`),
    depth: Number(card.dataset.depth),
    words: [...card.querySelectorAll(SEARCHED)]
      .map((part) => part.textContent)
      .join(" ")
      .toLocaleLowerCase(),
  }));
}

/** Show the codes that hold every word, and the codes above them. */
function filter() {
  entries ??= readEntries();
  const wanted = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  let below = 0; // from the last code on, those above a shown one are the ones less deep
  for (const { card, line, depth, words } of [...entries].reverse()) {
    const fits = wanted.every((word) => words.includes(word));
    const isAbove = depth < below;
    found += fits ? 1 : 0;
    card.hidden = !fits && !isAbove;
    if (line) line.hidden = card.hidden;
    if (!card.hidden) below = depth;
  }
  book.toggleAttribute("data-finding", wanted.length > 0);
  document.dispatchEvent(new CustomEvent("codes-found"));
  count.textContent = wanted.length ? `${found} of ${entries.length}` : "";
}

field.closest("[hidden]").hidden = false;
field.addEventListener("input", filter);
document.addEventListener("codes-moved", () => {
  entries = null;
  if (field.value) filter();
});
if (field.value) filter(); // the browser has kept it
