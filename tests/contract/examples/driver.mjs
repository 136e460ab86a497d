// Uses the Node example of docs/integration.md as a CRM would. Usage: node driver.mjs URL TOKEN
import { Refused, Seats } from "./seats.mjs";

const [url, token] = process.argv.slice(2);
const word = async (promise) => {
  try {
    await promise;
    return null;
  } catch (no) {
    if (!(no instanceof Refused)) throw no;
    return no.word;
  }
};

const seats = new Seats(url, token);
const told = {};
const seat = await seats.checkOut("session 1", "علی", "pc 1", "127.0.0.1");
told.same = (await seats.checkOut("session 1", "علی", "pc 1", "127.0.0.1")) === seat;
told.full = await word(seats.checkOut("session 2", "sara", "pc 2", "127.0.0.1"));
told.outside = await word(seats.checkOut("session 2", "sara", "pc 2", "192.0.2.1"));
told.kept = [...(await seats.beat())];
await fetch(`${url}/v1/seats/${seat}`, { method: "DELETE", headers: { Authorization: `Bearer ${token}` } });
told.regained = [...(await seats.beat())];
told.customer = (await seats.licence()).customer.name;
told.screen = (await seats.screen("fa")).includes('dir="rtl"');
await seats.release("session 1");
told.free = await word(seats.checkOut("session 2", "sara", "pc 2", "127.0.0.1"));
await seats.release("session 2");
told.wrong = await word(new Seats(url, "wrong").licence());
told.silent = await word(new Seats("http://127.0.0.1:9", token).licence());
console.log(JSON.stringify(told));
