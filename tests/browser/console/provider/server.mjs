// A provider of single sign-on for tests: oidc-provider with one client, kept in memory.
// node server.mjs PORT CALLBACK SECRET: prints a line once it listens, and ends with its standard input.

import { createServer } from "node:http";
import Provider from "oidc-provider";

const [port, callback, secret] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;

// Whoever types a name is that person, whatever the password.
const about = (name) => ({ sub: name, email: `${name}@vendor.example`, email_verified: true });

const provider = new Provider(issuer, {
  clients: [{
    client_id: "licence-server",
    client_secret: secret,
    redirect_uris: [callback],
    response_types: ["code"],
    grant_types: ["authorization_code"],
  }],
  claims: { openid: ["sub"], email: ["email", "email_verified"] },
  conformIdTokenClaims: false, // claims stand in the id token itself, as most providers have them
  cookies: { keys: ["for tests alone"] },
  pkce: { required: () => true },
  findAccount: (_, name) => ({ accountId: name, claims: () => about(name) }),
});
provider.on("server_error", (_, error) => console.error(error));

const server = createServer(provider.callback());
server.listen(Number(port), "127.0.0.1", () => console.log(issuer));
process.stdin.on("end", () => process.exit(0)).resume();
