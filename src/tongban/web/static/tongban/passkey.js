// SPDX-License-Identifier: Apache-2.0
// Security keys: the browser makes or uses one, and its answer goes with the form. Without scripts there are codes.

const answer = async (form) => {
  const { create, get } = navigator.credentials;
  if (form.dataset.passkey === "get") {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(JSON.parse(form.dataset.asked));
    return get.call(navigator.credentials, { publicKey });
  }
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const asked = await fetch(form.dataset.askedAt, { method: "POST", headers: { "X-CSRFToken": token } });
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(await asked.json());
  return create.call(navigator.credentials, { publicKey });
};

for (const form of document.querySelectorAll("[data-passkey]")) {
  const field = form.querySelector("[name=passkey]");
  form.querySelector("button").disabled = false;  // until now pressing it would have sent an empty answer
  form.addEventListener("submit", async (event) => {
    if (field.value) return;
    event.preventDefault();
    event.stopPropagation();  // not sent yet: pressing again must work
    const trouble = form.querySelector("[data-trouble]");
    trouble.hidden = true;
    try {
      field.value = JSON.stringify((await answer(form)).toJSON());
      form.requestSubmit();
    } catch {
      trouble.hidden = false;
    }
  });
}
