/** The filters of every page under Compare: what opens stays within the window. */

const EDGE = 12; // pixels left free beside the window's edge

/** @param {HTMLDetailsElement} choice whose list opens below its summary */
function keepInside(choice) {
  const list = choice.querySelector("fieldset");
  list.style.left = "";
  if (!choice.open || getComputedStyle(list).position !== "absolute") return;
  const beyond = list.getBoundingClientRect().right + EDGE - document.documentElement.clientWidth;
  if (beyond > 0) list.style.left = `${-beyond}px`;
}

const choices = [...document.querySelectorAll(".asking .choose")];
for (const choice of choices) {
  choice.addEventListener("toggle", () => keepInside(choice));
  keepInside(choice);
}
window.addEventListener("resize", () => choices.forEach(keepInside));
document.addEventListener("click", (event) => {
  for (const choice of choices) if (!choice.contains(event.target)) choice.open = false;
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && choices.find((choice) => choice.open);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
