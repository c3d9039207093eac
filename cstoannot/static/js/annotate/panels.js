/** The panels beside the text: folded by a button or a key, remembered by the browser. */

import { keepSetting, readSetting } from "../lib/storage.js";

const KEY = "cstoannot.folded";
const { dataset } = document.documentElement;
/** @type {Set<string|undefined>} */
const folded = new Set(readSetting(KEY).split(" ").filter(Boolean));

function apply() {
  dataset.folded = [...folded].join(" ");
}

/**
 * Where there is no room for them, the sources are a drawer and the tools a bottom sheet,
 * whatever is folded.
 * @param {HTMLElement[]} buttons each with the name of its panel in `data-panel`
 */
export function createPanels(buttons) {
  const names = buttons.map((button) => button.dataset.panel);

  function set(name, fold) {
    if (fold) folded.add(name);
    else folded.delete(name);
  }
  function draw() {
    keepSetting(KEY, [...folded].join(" "));
    apply();
    for (const button of buttons) {
      button.setAttribute("aria-expanded", String(!folded.has(button.dataset.panel)));
    }
  }
  for (const button of buttons) {
    const { panel } = button.dataset;
    button.addEventListener("click", () => {
      set(panel, !folded.has(panel));
      draw();
    });
  }
  draw();
  return {
    /** Fold all panels, or unfold them if all are. */
    toggle() {
      const fold = !names.every((name) => folded.has(name));
      for (const name of names) set(name, fold);
      draw();
    },
    unfold(name) {
      set(name, false);
      draw();
    },
  };
}

// Loaded before the page is first drawn, so that the text does not jump.
apply();
