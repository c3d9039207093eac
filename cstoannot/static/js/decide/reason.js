/** Decisions that need a reason wait for it: the field says which one, and Enter then decides. */

const pending = new WeakMap(); // by form: the button that waits

/** @param {HTMLInputElement|null} field */
export function askReason(field) {
  field?.focus();
  field?.select();
}

/**
 * The button by which the form is sent: the one that waits for its reason, when Enter was pressed
 * in the reason's field. If a reason is missing, asks for it.
 * @param {HTMLFormElement} form
 * @param {HTMLButtonElement|null} button
 * @returns {{button: HTMLButtonElement|null, ready: boolean}}
 */
export function chooseButton(form, button) {
  const field = /** @type {HTMLInputElement|null} */ (form.querySelector("#reason"));
  if (!field || !button) return { button, ready: true };
  const isDefault = button.tabIndex < 0; // pressed by Enter
  const chosen = (isDefault && pending.get(form)) || button;
  const ready = !chosen.hasAttribute("data-reason") || Boolean(field.value.trim());
  if (!ready) wait(form, field, chosen);
  return { button: chosen, ready };
}

function wait(form, field, button) {
  pending.get(form)?.classList.remove("pending");
  pending.set(form, button);
  button.classList.add("pending");
  field.setAttribute("aria-invalid", "true");
  field.placeholder = `why ${describe(button)}?`;
  askReason(field);
}

function describe(button) {
  const { value } = button;
  if (value.startsWith("reading-")) return `reading ${value.slice("reading-".length)}`;
  return value === "nothing" ? "nothing here" : "several readings";
}
