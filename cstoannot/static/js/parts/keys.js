/** Commands of one key, while nobody types. */

/**
 * @param {Object<string, (event: KeyboardEvent) => void>} commands by the key's lower-case name
 */
export function onKeys(commands) {
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, select, textarea, [contenteditable], dialog");
    if (typing || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const command = commands[event.key.toLowerCase()];
    if (!command) return;
    event.preventDefault();
    command(event);
  });
}
