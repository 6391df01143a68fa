// SPDX-License-Identifier: Apache-2.0
// Fields appear and vanish with what they hang on. Without this they all stand there, each saying when it is filled in;
// the server asks the same conditions again whatever was sent.

const holds = (term, filled) => {
  const [, not, name, value] = /^(!?)([a-z][a-z0-9_]*)=(.+)$/.exec(term);
  const there = filled.get(name) ?? "";
  return (value === "*" ? there !== "" : there.split(",").includes(value)) !== (not === "!");
};

// What stands in the fields that apply, in order: one that is hidden counts as empty for those after it.
const valuesOf = (root, filled) => {
  for (const input of root.querySelectorAll("input, textarea, select")) {
    const { name, type, value, checked } = input;
    const table = name.split(".")[0];
    if (type === "hidden" || name.startsWith("take-")) continue;
    if (type === "radio" || type === "checkbox") {
      if (!filled.has(name)) filled.set(name, "");
      if (checked && !name.includes(".")) filled.set(name, filled.get(name) ? `${filled.get(name)},${value}` : value);
    } else if (name.includes(".")) filled.set(table, (filled.get(table) ?? "") + value.trim());
    else filled.set(name, value.trim());
  }
  return filled;
};

const setApplies = (part, applies) => {
  part.hidden = !applies;
  for (const input of part.querySelectorAll("input, textarea, select, button")) input.disabled = !applies;
};

const isShown = (part, filled) =>
  JSON.parse(part.dataset.onlyIf).some((all) => all.every((term) => holds(term, filled)));

const walk = (form) => {
  const filled = new Map();
  for (const known of form.querySelectorAll("[data-known]")) filled.set(known.dataset.field, known.dataset.known);
  for (const part of form.querySelectorAll("[data-only-if], .field")) {
    const section = part.parentElement.closest("[data-only-if]");
    const within = !section || !section.hidden;
    if (part.dataset.onlyIf) setApplies(part, within && isShown(part, filled));
    if (part.matches(".field") && !part.hidden && within) valuesOf(part, filled);
  }
};

for (const form of document.querySelectorAll("form[data-conditions]")) {
  if (!form.querySelector("[data-only-if]")) continue;
  form.classList.add("follows");
  form.addEventListener("input", () => walk(form));
  form.addEventListener("change", () => walk(form));
  window.addEventListener("pageshow", () => walk(form));
  walk(form);
}
