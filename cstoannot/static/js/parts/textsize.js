/** The size of articles' text: smaller and larger by buttons, remembered by the browser. */

import { keepSetting, readSetting } from "../lib/storage.js";

const KEY = "cstoannot.text-size";
const SIZES = [0.8, 0.9, 1, 1.15, 1.3, 1.45, 1.6]; // of what the style sheet says

const known = SIZES.indexOf(Number(readSetting(KEY)));
let place = known < 0 ? SIZES.indexOf(1) : known;

function apply() {
  document.documentElement.style.setProperty("--text-size", String(SIZES[place]));
}

/** @param {(words: string, soon?: boolean) => void} announce */
export function offerTextSizes(announce) {
  const buttons = [...document.querySelectorAll("[data-text-size]")];
  const next = (button) => place + Number(button.dataset.textSize);
  function draw() {
    for (const button of buttons) {
      button.setAttribute("aria-disabled", String(SIZES[next(button)] === undefined));
    }
  }
  for (const button of buttons) {
    button.addEventListener("click", () => {
      if (SIZES[next(button)] === undefined) return;
      place = next(button);
      keepSetting(KEY, String(SIZES[place]));
      apply();
      draw();
      announce(`Text size ${Math.round(SIZES[place] * 100)} %`, true);
    });
  }
  draw();
}

// Loaded before the page is first drawn, so that the text does not jump.
apply();
