/** Put words on the clipboard, also where the browser has no clipboard of its own to write to. */

/**
 * @param {string} words
 * @returns {Promise<boolean>} whether they are there
 */
export async function copyWords(words) {
  try {
    await navigator.clipboard.writeText(words);
    return true;
  } catch {
    return copyBySelecting(words);
  }
}

/** Without HTTPS there is no `navigator.clipboard`: select the words in a field and copy these. */
function copyBySelecting(words) {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = words;
  field.className = "visually-hidden";
  field.setAttribute("aria-hidden", "true");
  document.body.append(field);
  field.select();
  let copied = false;
  try {
    copied = document.execCommand("copy");
  } catch {
    copied = false;
  }
  field.remove();
  if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  return copied;
}
