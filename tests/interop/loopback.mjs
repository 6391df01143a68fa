// SPDX-License-Identifier: Apache-2.0
// Every name is this machine: a fetch that dials the loopback and says the name, as the nodes do for *.localhost.

import http from "node:http";

export const loopback = (ports) => async (url, options = {}) => {
  const { hostname, port, host, pathname, search } = new URL(url);
  const headers = { ...Object.fromEntries(new Headers(options.headers)), host };
  const body = options.body === undefined || options.body === null ? undefined : String(options.body);
  if (body !== undefined) headers["content-length"] = Buffer.byteLength(body);
  return new Promise((resolve, reject) => {
    const asked = http.request(
      { host: "127.0.0.1", port: ports[hostname] ?? port, method: options.method ?? "GET", path: pathname + search, headers },
      (answer) => {
        const parts = [];
        answer.on("data", (part) => parts.push(part));
        answer.on("end", () => {
          const said = new Headers();
          for (let at = 0; at < answer.rawHeaders.length; at += 2) said.append(answer.rawHeaders[at], answer.rawHeaders[at + 1]);
          const empty = [101, 204, 205, 304].includes(answer.statusCode);
          resolve(new Response(empty ? null : Buffer.concat(parts), { status: answer.statusCode, headers: said }));
        });
      },
    );
    asked.on("error", reject);
    asked.end(body);
  });
};

export const read = async () => {
  const parts = [];
  for await (const part of process.stdin) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString());
};
