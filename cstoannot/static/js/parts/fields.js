/** The values of a form's fields: read, and filled in again. */

// Passwords are never kept; files and buttons hold nothing typed.
const LEFT_OUT = new Set([
  "password",
  "file",
  "submit",
  "button",
  "reset",
  "image",
  "fieldset",
  "output",
]);
const NOT_TYPED = new Set(["hidden", ...LEFT_OUT]);
const BOXES = new Set(["checkbox", "radio"]);
const CSRF = "csrfmiddlewaretoken";

function fieldsOf(form) {
  return [...form.elements].filter(
    (one) => one.name && one.name !== CSRF && !LEFT_OUT.has(one.type),
  );
}

/** @returns {boolean} whether there is anything to type, tick or choose */
export function isTypedIn(form) {
  return [...form.elements].some((one) => one.name && !NOT_TYPED.has(one.type));
}

/** @returns {string[]} the names of all fields, each once */
export function fieldNames(form) {
  return [...new Set(fieldsOf(form).map((one) => one.name))];
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} [initial] as the page came, instead of as they are now
 * @returns {[string, string][]} names and values, in the form's order
 */
export function readFields(form, initial = false) {
  return fieldsOf(form).flatMap((one) => valuesOf(one, initial).map((value) => [one.name, value]));
}

function valuesOf(one, initial) {
  if (BOXES.has(one.type)) return (initial ? one.defaultChecked : one.checked) ? [one.value] : [];
  if (one.options) return chosen(one, initial).map((option) => option.value);
  return [initial ? one.defaultValue : one.value];
}

function chosen(select, initial) {
  if (!initial) return [...select.selectedOptions];
  const marked = [...select.options].filter((option) => option.defaultSelected);
  return marked.length || select.multiple ? marked : [...select.options].slice(0, 1);
}

/**
 * Fills in what was read once. Fields that were not there then are left as they are.
 * @param {HTMLFormElement} form
 * @param {{fields: [string, string][], names: string[]}} draft
 */
export function fillFields(form, { fields, names }) {
  /** @type {Map<string, string[]>} */
  const values = new Map(names.map((name) => [name, []]));
  for (const [name, value] of fields) values.get(name)?.push(value);
  for (const one of fieldsOf(form)) if (values.has(one.name)) fill(one, values.get(one.name));
}

function fill(one, values) {
  if (BOXES.has(one.type)) one.checked = values.includes(one.value);
  else if (one.options)
    for (const option of one.options) option.selected = values.includes(option.value);
  else if (values.length) one.value = values.shift();
  one.dispatchEvent(new Event("input", { bubbles: true }));
}

/** @returns {boolean} whether both were read from forms that say the same */
export function saysTheSame(fields, others) {
  return JSON.stringify(fields) === JSON.stringify(others);
}
