// SPDX-License-Identifier: Apache-2.0
// A node to walk to that nobody here wrote: openid-client, and as much of a browser as signing in takes.

import * as oidc from "openid-client";

import { loopback, read } from "./loopback.mjs";

const told = await read();
const fetch = loopback(told.ports);
const jars = {};

const visit = async (url, form) => {
  const { host } = new URL(url);
  const jar = (jars[host] ??= {});
  const headers = { accept: "text/html", cookie: Object.entries(jar).map((pair) => pair.join("=")).join("; ") };
  if (form) Object.assign(headers, { "content-type": "application/x-www-form-urlencoded", origin: new URL(url).origin, referer: url });
  const answer = await fetch(url, { method: form ? "POST" : "GET", headers, body: form && new URLSearchParams(form).toString() });
  for (const line of answer.headers.getSetCookie()) {
    const [name, value] = line.split(";")[0].split(/=(.*)/);
    jar[name] = value;
  }
  const to = answer.headers.get("location");
  if (!to) return { url, status: answer.status, text: await answer.text() };
  const next = new URL(to, url).href;
  return next.startsWith(told.address) ? { url: next } : visit(next);
};

const plain = (text) => text.replaceAll("&amp;", "&");
const fill = (page, typed) => {
  const form = page.text.match(/<form[^>]*action="([^"]*\/oidc\/agree[^"]*)"[^>]*>(.*?)<\/form>/s);
  const token = form[2].match(/name="csrfmiddlewaretoken" value="([^"]+)"/)[1];
  return visit(new URL(plain(form[1]), page.url).href, { csrfmiddlewaretoken: token, agree: "1", ...typed });
};

const curve = { name: "ECDSA", namedCurve: "P-256" };
const key = { key: await crypto.subtle.importKey("jwk", told.key, curve, false, ["sign"]), kid: told.key.kid };
const config = await oidc.discovery(
  new URL(told.issuer),
  told.client,
  { id_token_signed_response_alg: "ES256" },
  oidc.PrivateKeyJwt(key),
  { execute: [oidc.allowInsecureRequests], [oidc.customFetch]: fetch },
);

const ask = async (more) => {
  const pkceCodeVerifier = oidc.randomPKCECodeVerifier();
  const checks = { pkceCodeVerifier, expectedState: oidc.randomState(), expectedNonce: oidc.randomNonce() };
  const url = await oidc.buildAuthorizationUrlWithPAR(config, {
    redirect_uri: told.returnTo,
    scope: "openid",
    code_challenge: await oidc.calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: checks.expectedState,
    nonce: checks.expectedNonce,
    claims: JSON.stringify({ id_token: { name: { essential: true }, home_region: null } }),
    ...more,
  });
  return { url: url.href, checks };
};
const redeem = ({ checks }, back) => oidc.authorizationCodeGrant(config, new URL(back.url), checks);
const refused = (promise) => promise.then(() => "not refused", (error) => error.error ?? error.code);

const silent = await ask({ prompt: "none" });
const unknown = await refused(redeem(silent, await visit(silent.url)));

const first = await ask({});
const back = await fill(await visit(first.url), { login: told.login, password: told.password });
const tokens = await redeem(first, back);

const again = await ask({ prompt: "none", max_age: "600" });
const quiet = await redeem(again, await visit(again.url));

const afresh = await ask({ prompt: "none", max_age: "0" });
const stale = await refused(redeem(afresh, await visit(afresh.url)));

const sure = await ask({ claims: JSON.stringify({ id_token: { acr: { essential: true, values: ["urn:tongban:assurance:4"] } } }) });
const unsure = await refused(redeem(sure, await visit(sure.url)));

const secondTime = await refused(redeem(first, back));
const left = await visit(
  oidc.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: told.signedOut,
    state: "leaving",
  }).href,
);
const gone = await ask({ prompt: "none" });

console.log(
  JSON.stringify({
    claims: tokens.claims(),
    idToken: tokens.id_token,
    sameSubject: quiet.claims().sub === tokens.claims().sub,
    unknown,
    stale,
    unsure,
    secondTime,
    left: left.url,
    gone: await refused(redeem(gone, await visit(gone.url))),
    mixedUp: await refused(redeem(again, { url: back.url.replace(/iss=[^&]*/, "iss=http%3A%2F%2Fevil.example") })),
  }),
);
