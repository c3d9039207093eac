/** From one disagreement to the next by J and K, as the links say. */

import { onKeys } from "../parts/keys.js";

const go = (rel) => () => document.querySelector(`.walk a[rel=${rel}]`)?.click();

onKeys({ j: go("next"), k: go("prev") });
