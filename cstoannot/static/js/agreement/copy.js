/** A button that copies an element's words, paragraph by paragraph, or a table as a table. */

/**
 * @param {HTMLElement} button shown once it works
 * @param {HTMLElement} source
 * @param {HTMLElement} status where it is said that it worked
 */
export function copyOnClick(button, source, status) {
  if (!navigator.clipboard) return;
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      if (source instanceof HTMLTableElement) await copyTable(source);
      else {
        const words = [...source.children].map((part) => part.textContent.trim());
        await navigator.clipboard.writeText(words.join("\n\n"));
      }
      status.textContent = "Copied.";
    } catch {
      document.getSelection().selectAllChildren(source);
      status.textContent = "Selected: copy it with the keyboard.";
    }
  });
}

/**
 * Word processors take the table, spreadsheets and plain editors the cells between tabs.
 *
 * @param {HTMLTableElement} table
 */
async function copyTable(table) {
  const bare = /** @type {HTMLTableElement} */ (table.cloneNode(true));
  for (const link of bare.querySelectorAll("a")) link.replaceWith(link.textContent);
  const rows = [...bare.rows].map((row) =>
    [...row.cells].map((cell) => cell.textContent.trim()).join("\t"),
  );
  const kinds = { "text/html": bare.outerHTML, "text/plain": rows.join("\n") };
  const blobs = Object.entries(kinds).map(([type, text]) => [type, new Blob([text], { type })]);
  await navigator.clipboard.write([new ClipboardItem(Object.fromEntries(blobs))]);
}
