/** From one disagreement to the next by J and K, as the links say. */

const KEYS = { j: "next", k: "prev" };

addEventListener("keydown", (event) => {
  const busy = event.target.closest?.("input, select, textarea, [contenteditable]");
  if (busy || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const rel = KEYS[event.key.toLowerCase()];
  document.querySelector(`.walk a[rel=${rel}]`)?.click();
});
