// SPDX-License-Identifier: Apache-2.0
// Large files go in parts, so that a line that breaks costs one part. Small ones go with their form.

const PATIENCE = 8; // failures in a row before a person is asked
const pause = (tries) => new Promise((done) => setTimeout(done, Math.min(15000, 500 * 2 ** tries)));

// What a person has to know, and the way out where there is one: trying again does not help.
const final = async (heard) => {
  if (heard.status === 401) return { words: "登录已经到期。", way: "重新登录" };
  const words = await heard.json().then((told) => told.title, () => "没有上传成功，请刷新页面后再试。");
  return { words, way: heard.status === 403 ? "刷新页面" : "" };
};

// Of a file that goes on where it stopped: it may be another by now, of the same name and size.
const MOST_READ = 256e6; // bytes that a phone can hold at once
const digestOf = async (file) => {
  if (!globalThis.crypto?.subtle || file.size > MOST_READ) return {};
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return { "Repr-Digest": `sha-256=:${btoa(String.fromCharCode(...digest))}:` };
};

const put = async (at, token, file, part, tell, signal) => {
  const headers = { Accept: "application/json", "X-CSRFToken": token };
  let offset = 0;
  let tries = 0;
  let whole = null;
  const reached = () => `已上传 ${Math.floor((offset / file.size) * 100)}%`;
  const look = async () => {
    const heard = await fetch(at, { method: "HEAD", headers, signal });
    if (heard.status === 404) return file.size; // it is whole
    if (heard.status === 401) throw await final(heard);
    if (!heard.ok) throw new Error(String(heard.status));
    return Number(heard.headers.get("Upload-Offset"));
  };
  for (;;) {
    try {
      if (!offset || tries) offset = await look();
      if (offset >= file.size) return;
      whole ??= offset ? await digestOf(file) : {};
      const heard = await fetch(at, {
        method: "PATCH",
        headers: { ...headers, "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset), ...whole },
        body: file.slice(offset, offset + part),
        signal,
      });
      if ([401, 403, 422].includes(heard.status)) throw await final(heard);
      if (!heard.ok) throw new Error(String(heard.status));
      offset = Number(heard.headers.get("Upload-Offset"));
      tries = 0;
      tell(reached());
      if (offset >= file.size) return;
    } catch (failed) {
      if (failed.words || signal.aborted || ++tries > PATIENCE) throw failed;
      tell(`网络断开，${reached()}，正在重新连接…`);
      await pause(tries);
    }
  }
};

// Where it goes, where it is given up, and how long it is kept: of the same file begun before, or of a new one.
const begin = async (form, file, token) => {
  for (const row of form.parentElement.querySelectorAll("[data-coming]")) {
    const { name, size, coming, drop, kept } = row.dataset;
    if (name === file.name && Number(size) === file.size) {
      row.hidden = true; // how far it is stands with the file that was chosen
      return { at: coming, drop, kept };
    }
  }
  const words = new URLSearchParams({ name: file.name, size: file.size, csrfmiddlewaretoken: token });
  const heard = await fetch(form.dataset.parts, { method: "POST", body: words, headers: { Accept: "application/json" } });
  if (!heard.ok) throw await final(heard);
  return heard.json();
};

// The same form that a page without this script has for a file that stopped; sending it ends what is under way.
const offerToDrop = (row, place, token, stop) => {
  document.getElementById(place)?.remove(); // of an earlier try
  const form = Object.assign(document.createElement("form"), { id: place, method: "post", action: place });
  form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "csrfmiddlewaretoken", value: token }));
  form.addEventListener("submit", () => stop.abort());
  document.body.append(form);
  const button = Object.assign(document.createElement("button"), { className: "btn-link small", textContent: "放弃上传" });
  button.setAttribute("form", form.id);
  row.append(button);
  return () => [form, button].forEach((part) => part.remove());
};

let underWay = 0; // files of this page: it is loaded again when the last of them is there

document.addEventListener("submit", async (event) => {
  const form = event.target;
  const file = form.dataset.parts && form.querySelector("input[type=file]")?.files[0];
  if (!file || file.size <= Number(form.dataset.part)) return;
  event.preventDefault();
  event.stopPropagation();
  if (form.dataset.sent) return;
  form.dataset.sent = "1";
  const list = form.querySelector("ul");
  const told = list.querySelector("small") ?? list.appendChild(document.createElement("small"));
  const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
  const stop = new AbortController();
  let begun = { kept: "" };
  let takeBack = () => {};
  list.hidden = false;
  told.className = "quiet";
  const tell = (words) => (told.textContent = words);
  tell("正在上传…");
  underWay += 1;
  try {
    begun = await begin(form, file, token);
    takeBack = offerToDrop(told.parentElement, begun.drop, token, stop);
    await put(begun.at, token, file, Number(form.dataset.part), tell, stop.signal);
    underWay -= 1;
    takeBack();
    if (underWay) tell("已上传。其余的文件传完以后，本页自动刷新。");
    else location.assign(location.pathname); // without what an earlier answer said in the address
  } catch (failed) {
    if (stop.signal.aborted) return;
    underWay -= 1;
    if (failed.words) takeBack();
    told.className = "wrong";
    const again = "再选一次同一个文件，从断开的地方接着传。";
    if (failed.way) {
      const link = Object.assign(document.createElement("a"), { href: location.pathname, textContent: failed.way });
      told.replaceChildren(`${failed.words}${begun.kept}请`, link, `，${again}`);
    } else tell(failed.words ?? `网络一直没有恢复。${begun.kept}请稍后${again}`);
    delete form.dataset.sent;
    form.querySelector("input[type=file]").value = "";
  }
}, true);
