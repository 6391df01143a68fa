// SPDX-License-Identifier: Apache-2.0
// Large files go in parts, so that a line that breaks costs one part. Small ones go with their form.

const PATIENCE = 8; // failures in a row before a person is asked
const pause = (tries) => new Promise((done) => setTimeout(done, Math.min(15000, 500 * 2 ** tries)));

const put = async (at, token, file, part, tell) => {
  let offset = 0;
  let tries = 0;
  const reached = () => `已上传 ${Math.floor((offset / file.size) * 100)}%`;
  const look = async () => {
    const heard = await fetch(at, { method: "HEAD" });
    if (heard.status === 404) return file.size; // it is whole
    if (!heard.ok) throw new Error(String(heard.status));
    return Number(heard.headers.get("Upload-Offset"));
  };
  for (;;) {
    try {
      if (!offset || tries) offset = await look();
      if (offset >= file.size) return;
      const heard = await fetch(at, {
        method: "PATCH",
        headers: {
          Accept: "application/json",
          "Content-Type": "application/offset+octet-stream",
          "Upload-Offset": String(offset),
          "X-CSRFToken": token,
        },
        body: file.slice(offset, offset + part),
      });
      if (heard.status === 422 || heard.status === 403) throw Object.assign(new Error(), { final: await said(heard) });
      if (!heard.ok) throw new Error(String(heard.status));
      offset = Number(heard.headers.get("Upload-Offset"));
      tries = 0;
      tell(reached());
      if (offset >= file.size) return;
    } catch (failed) {
      if (failed.final || ++tries > PATIENCE) throw failed;
      tell(`网络断开，${reached()}，正在重新连接…`);
      await pause(tries);
    }
  }
};

const said = async (heard) => {
  try {
    return (await heard.json()).title;
  } catch {
    return "没有上传成功，请刷新页面后再试。";
  }
};

const begin = async (form, file, token) => {
  for (const row of form.parentElement.querySelectorAll("[data-coming]")) {
    if (row.dataset.name === file.name && Number(row.dataset.size) === file.size) return row.dataset.coming;
  }
  const words = new URLSearchParams({ name: file.name, size: file.size, csrfmiddlewaretoken: token });
  const heard = await fetch(form.dataset.parts, { method: "POST", body: words, headers: { Accept: "application/json" } });
  if (!heard.ok) throw Object.assign(new Error(), { final: await said(heard) });
  return (await heard.json()).at;
};

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
  list.hidden = false;
  told.className = "quiet";
  const tell = (words) => (told.textContent = words);
  tell("正在上传…");
  try {
    await put(await begin(form, file, token), token, file, Number(form.dataset.part), tell);
    location.reload();
  } catch (failed) {
    told.className = "wrong";
    tell(failed.final ?? "网络一直没有恢复，已传的部分保存着。请稍后再选一次同一个文件，从断开的地方接着传。");
    delete form.dataset.sent;
    form.querySelector("input[type=file]").value = "";
  }
}, true);
