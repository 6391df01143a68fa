// SPDX-License-Identifier: Apache-2.0
// A home node that nobody here wrote: oidc-provider, with the paths and the key that the trust list of the test says.

import { Provider } from "oidc-provider";

import { loopback, read } from "./loopback.mjs";

const told = await read();
const names = ["name", "id_type", "id_number", "home_region", "phone_number"];

const provider = new Provider(told.issuer, {
  clients: [
    {
      client_id: told.client,
      redirect_uris: [told.returnTo],
      response_types: ["code"],
      grant_types: ["authorization_code"],
      token_endpoint_auth_method: "private_key_jwt",
      token_endpoint_auth_signing_alg: "ES256",
      id_token_signed_response_alg: "ES256",
      require_pushed_authorization_requests: true,
      backchannel_logout_uri: told.signOut,
      backchannel_logout_session_required: true,
      jwks: told.clientKeys,
    },
  ],
  jwks: { keys: [told.key] },
  routes: {
    authorization: "/oidc/authorize",
    pushed_authorization_request: "/oidc/par",
    token: "/oidc/token",
    jwks: "/oidc/jwks",
    end_session: "/oidc/end",
  },
  features: {
    backchannelLogout: { enabled: true },
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
  },
  claims: { openid: ["sub", ...names] },
  acrValues: ["urn:tongban:assurance:2"],
  clientAuthMethods: ["private_key_jwt"],
  enabledJWA: { clientAuthSigningAlgValues: ["ES256"], idTokenSigningAlgValues: ["ES256"] },
  cookies: { keys: ["of this test"] },
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 300, IdToken: 300, Interaction: 300, Session: 300 },
  interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, ...told.person }) }),
  fetch: loopback(told.ports),
});

// Whoever comes has typed the right password and agrees.
provider.use(async (ctx, next) => {
  if (!ctx.path.startsWith("/interaction/")) return next();
  const { params } = await provider.interactionDetails(ctx.req, ctx.res);
  const grant = new provider.Grant({ accountId: told.account, clientId: params.client_id });
  grant.addOIDCScope("openid");
  grant.addOIDCClaims([...names, "acr"]);
  const login = { accountId: told.account, acr: "urn:tongban:assurance:2", remember: true };
  await provider.interactionFinished(ctx.req, ctx.res, { login, consent: { grantId: await grant.save() } });
  ctx.respond = false;
});
provider.on("server_error", (_, error) => console.error(error));
provider.on("backchannel.error", (_, error) => console.error(error));

provider.listen(told.port, "127.0.0.1", () => console.log("ready"));
