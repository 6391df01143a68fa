// SPDX-License-Identifier: Apache-2.0
// Small comforts; every page works without them.

// After a refused form, start reading at the summary.
document.querySelector("[data-errors]")?.focus();

// A second click while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  if (form.method !== "post" || "again" in form.dataset) return;
  form.dataset.sent = "1";
  const button = event.submitter;
  if (button?.dataset.busy) {
    const label = button.textContent;
    button.setAttribute("aria-disabled", "true");
    button.textContent = button.dataset.busy;
    window.addEventListener("pageshow", () => {
      delete form.dataset.sent;
      button.removeAttribute("aria-disabled");
      button.textContent = label;
    }, { once: true });
  }
});

// A place for files: one button in our own words, the names chosen, and a word at once about a file too large.
// Choosing sends where that is all there is to send: one act less on a phone.
const sizeOf = (octets) =>
  octets >= 1e6 ? `${(octets / 1e6).toFixed(1).replace(".0", "")} MB` : `${Math.max(1, Math.round(octets / 1e3))} KB`;
const prepare = (root) => {
  for (const picker of root.querySelectorAll("[data-picker]:not(.on)")) preparePicker(picker);
};
const preparePicker = (picker) => {
  const input = picker.querySelector("input");
  const list = picker.querySelector("ul");
  const most = Number(picker.dataset.most) || Infinity;
  const show = () => {
    const files = [...input.files];
    list.replaceChildren(...files.map((file) => {
      const row = document.createElement("li");
      const told = document.createElement("small");
      told.className = file.size > most ? "wrong" : "quiet";
      told.textContent = file.size > most ? `${sizeOf(file.size)}，超过 ${sizeOf(most)}，请压缩后再选` : sizeOf(file.size);
      row.append(Object.assign(document.createElement("span"), { textContent: file.name }), told);
      return row;
    }));
    list.hidden = !files.length;
    if (files.some((file) => file.size > most)) input.value = "";
    else if (files.length && "send" in input.dataset) input.form.requestSubmit(input.form.querySelector("button"));
  };
  picker.classList.add("on");
  input.addEventListener("change", show);
  picker.addEventListener("dragover", (event) => event.preventDefault());
  picker.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files.length || (event.dataTransfer.files.length > 1 && !input.multiple)) return;
    input.files = event.dataTransfer.files;
    show();
  });
  if (input.files.length) show();
};
prepare(document);

// A page that follows a case replaces its parts by itself: never one in which somebody is typing, has chosen files or
// opened an explanation. It is up to date again with the next look after they are done.
const isChanged = (field) => {
  if (field.type === "hidden") return false;
  if (field.type === "file") return field.files.length > 0;
  return field === document.activeElement || field.value !== field.defaultValue || field.checked !== field.defaultChecked;
};
const isInUse = (part) =>
  [...part.querySelectorAll("input, textarea")].some(isChanged) || part.querySelector("details[open]") !== null;
for (const name of ["htmx:beforeSwap", "htmx:oobBeforeSwap"]) {
  document.addEventListener(name, (event) => {
    if (event.detail.target.closest("[data-follows]") && isInUse(event.detail.target)) event.detail.shouldSwap = false;
  });
}
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentNode ?? event.detail.elt));

// In a list of rows the arrows go to the same place of the next row; nothing happens elsewhere on the page.
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-rows] tr");
  const step = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  if (!row || !step || event.altKey || event.ctrlKey || event.metaKey) return;
  const there = row[step]?.querySelector(event.target.matches("a") ? "a" : "input");
  if (!there) return;
  event.preventDefault();
  there.focus();
});

// Names while somebody is typing what they look for: a list that arrows and fingers choose from.
for (const input of document.querySelectorAll("[data-suggest]")) {
  const list = Object.assign(document.createElement("ul"), { id: "suggested", hidden: true });
  const box = Object.assign(document.createElement("div"), { className: "suggest" });
  list.setAttribute("role", "listbox");
  list.setAttribute("aria-label", "可能要找的事项");
  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  input.before(box);
  box.append(input, list);
  let at = -1, waiting, asked = "";
  const mark = (to) => {
    at = to;
    [...list.children].forEach((row, number) => row.setAttribute("aria-selected", String(number === at)));
    if (at < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[at].id);
  };
  const show = (names) => {
    list.replaceChildren(...names.map((name, number) => {
      const row = Object.assign(document.createElement("li"), { id: `suggested-${number}`, textContent: name });
      row.setAttribute("role", "option");
      return row;
    }));
    list.hidden = !names.length;
    input.setAttribute("aria-expanded", String(names.length > 0));
    mark(-1);
  };
  const take = (row) => {
    input.value = row.textContent;
    show([]);
    input.form.requestSubmit();
  };
  const look = async () => {
    const q = (asked = input.value.trim());
    if (!q) return show([]);
    const heard = await fetch(`${input.dataset.suggest}?q=${encodeURIComponent(q)}`).catch(() => null);
    if (heard?.ok && q === asked && document.activeElement === input) show((await heard.json()).names);
  };
  input.addEventListener("input", (event) => {
    clearTimeout(waiting);
    if (!event.isComposing) waiting = setTimeout(look, 120);
  });
  input.addEventListener("compositionend", look);
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const count = list.children.length;
    if (event.key === "ArrowDown") mark((at + 1) % count);
    else if (event.key === "ArrowUp") mark((at + count - (at < 0 ? 0 : 1)) % count);
    else if (event.key === "Enter" && at >= 0) take(list.children[at]);
    else if (event.key === "Escape") show([]);
    else return;
    event.preventDefault();
  });
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => event.target.closest("li") && take(event.target.closest("li")));
  input.addEventListener("blur", () => show([]));
}

// Links in the summary put the cursor into the field they name.
for (const link of document.querySelectorAll("[data-errors] a[href^='#']")) {
  link.addEventListener("click", (event) => {
    const field = document.querySelector(link.getAttribute("href"));
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    setTimeout(() => field.focus({ preventScroll: true })); // after the key: the rest of Enter would send the form
  });
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());

// A page that waits for a moment looks sooner than the browser would by itself.
const look = document.querySelector("[data-look]");
if (look) setTimeout(() => location.reload(), Number(look.dataset.look));
