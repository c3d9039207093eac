/** The filters of every page under Compare: what opens stays within the window and is searched. */

import { element } from "../parts/element.js";

const MANY = 12; // from more ticks on, words narrow a list
const EDGE = 12; // pixels left free beside the window's edge

/** @param {HTMLDetailsElement} choice whose list opens below its summary */
function keepInside(choice) {
  const list = choice.querySelector("fieldset");
  list.style.left = "";
  if (!choice.open || getComputedStyle(list).position !== "absolute") return;
  const beyond = list.getBoundingClientRect().right + EDGE - document.documentElement.clientWidth;
  if (beyond > 0) list.style.left = `${-beyond}px`;
}

/** A field above a long list: labels without its words are hidden, what is ticked stays. */
function addSearch(choice) {
  const labels = [...choice.querySelectorAll("label:has([type=checkbox])")];
  if (labels.length <= MANY) return;
  const narrow = ({ target }) => {
    const words = target.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    for (const label of labels) {
      const text = label.textContent.toLocaleLowerCase();
      const isTicked = label.querySelector("input").checked;
      label.hidden = !isTicked && !words.every((word) => text.includes(word));
    }
  };
  const find = element("input", {
    type: "search",
    "aria-label": "Find in this list",
    placeholder: "Find in this list",
    autocomplete: "off",
    on: {
      input: narrow,
      keydown: (event) => event.key === "Enter" && event.preventDefault(), // it asks for nothing yet
    },
  });
  choice.querySelector("legend").after(find);
}

/** @type {NodeListOf<HTMLDetailsElement>} */
const found = document.querySelectorAll(".asking .choose");
const choices = [...found];
for (const choice of choices) {
  addSearch(choice);
  choice.addEventListener("toggle", () => keepInside(choice));
  keepInside(choice);
}
window.addEventListener("resize", () => choices.forEach(keepInside));
document.addEventListener("click", (/** @type {On<MouseEvent>} */ event) => {
  for (const choice of choices) if (!choice.contains(event.target)) choice.open = false;
});
document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && choices.find((choice) => choice.open);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});
