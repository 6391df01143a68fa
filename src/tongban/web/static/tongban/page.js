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

// Choosing a file sends it: one act less on a phone.
for (const input of document.querySelectorAll("input[type=file][data-send]")) {
  input.addEventListener("change", () => {
    if (input.files.length) input.form.requestSubmit(input.form.querySelector("button"));
  });
}

// Links in the summary put the cursor into the field they name.
for (const link of document.querySelectorAll("[data-errors] a[href^='#']")) {
  link.addEventListener("click", (event) => {
    const field = document.querySelector(link.getAttribute("href"));
    if (!field) return;
    event.preventDefault();
    field.scrollIntoView({ block: "center" });
    field.focus({ preventScroll: true });
  });
}

document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
