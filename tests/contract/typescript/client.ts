// A CRM in TypeScript, whose client is generated from docs/openapi/local-api.yaml; it prints what it was told as JSON.
//
// Usage: node client.js URL APPLICATION_TOKEN ADMINISTRATOR_TOKEN

import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Seat = components["schemas"]["Seat"];
type Wanted = components["schemas"]["Wanted"];

const [url, application, administrator] = process.argv.slice(2) as [string, string, string];
const client = (token: string) => createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${token}` } });
const crm = client(application);
const boss = client(administrator);

async function checkOut(user: string, browser: string): Promise<Seat> {
  const { data, error } = await crm.POST("/v1/seats", { body: { user, client: browser } });
  if (data === undefined) throw new Error(`${error.type}: ${error.detail}`);
  return data;
}

const told: Record<string, unknown> = {};

const seat = await checkOut("ali", "pc 1");
told.users = seat.users;
told.same = (await checkOut("Ali", "pc 1")).seat === seat.seat;

const refused = await crm.POST("/v1/seats", { body: { user: "sara", client: "pc 2" } });
const problem = refused.error;
told.refused = problem?.type;
// Only a refusal for want of a seat says which of them are all taken.
told.dimension = problem !== undefined && "dimension" in problem ? problem.dimension : null;

const beat = await crm.POST("/v1/seats/heartbeat", { body: { seats: [seat.seat, "seat_gone"] } });
told.beat = beat.data;

const licence = await crm.GET("/v1/licence");
told.mode = licence.data?.mode;
told.customer = licence.data?.customer?.name;

const proxied = await crm.GET("/v1/authorize", {
  params: { header: { "Licence-User": "ali", "Licence-Client": "pc 1", "X-Real-IP": "127.0.0.1" } },
});
told.authorized = proxied.response.status;

const holders = await boss.GET("/v1/seats");
told.holders = holders.data?.seats.map(({ user }) => user);

await crm.DELETE("/v1/seats/{seat}", { params: { path: { seat: seat.seat } } });
const sara = await checkOut("sara", "pc 2");
told.after = sara.users;
const freed = await boss.DELETE("/v1/users/{user}", { params: { path: { user: "sara" } } });
told.released = freed.data?.released;

const wrong = await client("wrong").GET("/v1/licence");
told.wrong = [wrong.response.status, wrong.error?.type];

// What the document does not allow does not compile.
// @ts-expect-error - a name is needed
() => crm.POST("/v1/seats", { body: { client: "pc" } });
// @ts-expect-error - there is no such member
(): Wanted => ({ user: "ali", client: "pc", seats: 2 });
// @ts-expect-error - there is no such kind
() => crm.POST("/v1/seats", { body: { user: "ali", client: "pc", kind: "robot" } });
// @ts-expect-error - there is no such place
() => crm.GET("/v1/nothing");

console.log(JSON.stringify(told));
