/** A button that copies an element's words, paragraph by paragraph. */

/**
 * @param {HTMLElement} button shown once it works
 * @param {HTMLElement} source
 * @param {HTMLElement} status where it is said that it worked
 */
export function copyOnClick(button, source, status) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    const words = [...source.children].map((part) => part.textContent.trim()).join("\n\n");
    try {
      await navigator.clipboard.writeText(words);
      status.textContent = "Copied.";
    } catch {
      document.getSelection().selectAllChildren(source);
      status.textContent = "Selected: copy it with the keyboard.";
    }
  });
}
