"use strict";
const { proxy, page, stranger } = document.documentElement.dataset;
const CACHE = "https://example-com.cdn.ampproject.org";
// An exchange is recorded when it ends, which may be a moment after the browser has its response.
const TRIES = 20, PAUSE = 50; // milliseconds
const STORIES = [
  { id: "works", title: "It works", path: "/items",
    says: "The policy allows this page. The proxy replaces the API’s own “*”. Scripts cannot read"
      + " X-Internal-Note: the policy exposes only X-Total-Count." },
  { id: "preflight", title: "Preflight", method: "PUT", path: "/items/", fresh: true,
    headers: "Content-Type: application/json\nX-Demo: yes",
    says: "PUT, this Content-Type and X-Demo are not safelisted, so the browser asks first. The proxy answers"
      + " that preflight itself. Send again: the browser has cached the answer." },
  { id: "credentials", title: "Credentials", method: "PUT", path: "/items/", fresh: true, credentials: true,
    says: "The browser sends the API’s cookie, and the script may read the response: the policy has"
      + " credentials: true." },
  { id: "open", title: "Credentials on an open route", path: "/public/greeting", credentials: true,
    says: "origins: \"*\" never allows credentials. The proxy forwards the request, and the browser keeps the"
      + " response from the script." },
  { id: "origin", title: "Refused origin", from: "stranger", path: "/items",
    says: "The stranger is not in the policy, so the proxy refuses the request. A proxy that only leaves out"
      + " headers would have let it reach the API." },
  { id: "method", title: "Refused method", method: "DELETE", path: "/items/2",
    says: "The policy does not list DELETE. The proxy refuses the preflight, and the browser never sends DELETE." },
  { id: "header", title: "Missing header", path: "/items", headers: "X-Other: 1",
    says: "The policy’s headers do not list X-Other, so the proxy refuses the preflight." },
  { id: "amp", title: "AMP cached page", from: "cache", path: "/amp/greeting",
    says: "No page on this machine can have the origin of an AMP cache, so nothing is sent. This is what explain"
      + " says that a browser would do. The curl command sends a real request." },
  { id: "down", title: "Upstream down", path: "/down/now",
    says: "Nothing listens at this route’s upstream. The 502 has CORS headers too, so the script can read what"
      + " failed." },
];
const element = id => document.getElementById(id);
const form = element("request").elements;
let policy = [];

// Makes elements from text only: nothing is ever parsed as HTML.
function make(tag, kind, ...children) {
  const made = document.createElement(tag);
  if (kind) made.className = kind;
  made.append(...children);
  return made;
}
const lines = pairs => pairs.map(([name, value]) => `${name}: ${value}`).join("\n");
function rule(place) {
  const text = policy[Number(place.split(":").pop()) - 1];
  return make("pre", "rule", text === undefined ? place : `${place}: ${text.trim()}`);
}

async function json(path, options) {
  const response = await fetch(path, options);
  return response.json();
}

const caller = element("caller");
let frameLoaded; // resolves `loaded` when the stranger's frame has loaded
const loaded = new Promise(resolve => { frameLoaded = resolve; });
let onAnswer = () => {};
addEventListener("message", event => {
  if (event.origin !== stranger || event.source !== caller.contentWindow) return;
  if (event.data === "loaded") frameLoaded();
  else onAnswer(event.data);
});
async function strangerSends(call) {
  await loaded;
  const answer = new Promise(resolve => { onAnswer = resolve; });
  caller.contentWindow.postMessage(call, stranger);
  return answer;
}

function call() {
  const headers = form.headers.value.split("\n").filter(line => line.trim()).map(line => {
    const at = line.indexOf(":");
    return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  const method = form.method.value.trim();
  return { url: proxy + form.path.value, method, headers, credentials: form.credentials.checked };
}

function showBrowser(outcome) {
  const parts = [];
  if (outcome.error) {
    parts.push(make("p", "bad", outcome.unsent ? "NOT SENT" : "BLOCKED"), make("pre", "", outcome.error),
      make("p", "", outcome.unsent ? "Browsers do not let a script send this."
        : "A script learns no more than this."));
  } else {
    parts.push(make("p", "good", `READABLE: ${outcome.status}`),
      make("h3", "", "Headers that the script can read"), make("pre", "", lines(outcome.headers) || "none"),
      make("h3", "", "Body"), make("pre", "", outcome.body || "empty"));
  }
  if (outcome.left.length) {
    const names = outcome.left.join(", ");
    parts.push(make("p", "", `The browser left out: ${names}. Scripts must not set it.`));
  }
  element("browser").replaceChildren(...parts);
}

const refused = each => each.decision === "refuse";
// After a refused preflight, the browser does not send the request.
const complete = found => found.some(each => refused(each) || each.kind !== "preflight");
async function recorded(since, origin, path) {
  let found = [];
  for (let n = 0; n < TRIES && !complete(found); n++) {
    if (n) await new Promise(resolve => setTimeout(resolve, PAUSE));
    const { decisions } = await json(`/decisions?since=${since}`);
    const mine = each => each.origin === null || each.origin === origin;
    found = decisions.filter(each => each.path === path && mine(each));
  }
  return found;
}

function exchange(each) {
  const detail = each.detail ? ` (${each.detail})` : "";
  const decision = `${each.decision.toUpperCase()}: ${each.reason}${detail}`;
  const parts = [make("h3", "", `${each.kind || "request"}: ${each.method} ${each.path}`),
    make("p", refused(each) ? "bad" : "good", decision)];
  if (each.rule) parts.push(rule(each.rule));
  if (each.fault && each.fault !== each.reason) parts.push(make("p", "bad", each.fault));
  parts.push(make("p", "", `Status ${each.status}, route ${each.route}, Origin: ${each.origin ?? "none"}. `
    + (each.reached ? "It reached the API." : "It did not reach the API.")));
  const made = make("article", "", ...parts);
  made.dataset.kind = each.kind;
  return made;
}

function showProxy(found, unsent) {
  const parts = found.map(exchange);
  if (!found.length) {
    const why = unsent ? "no request was sent" : "this request did not arrive";
    parts.push(make("p", "", `Nothing: ${why}.`));
  } else if (found.every(each => each.kind !== "preflight")) {
    parts.unshift(make("p", "",
      "No preflight: none is needed, or the browser has cached an earlier one (Access-Control-Max-Age)."));
  }
  element("proxy").replaceChildren(...parts);
}

function explain({ url, method, headers, credentials }, origin) {
  const texts = headers.map(([name, value]) => `${name}: ${value}`);
  const question = { origin, where: url, method, headers: texts, credentials, upload_listener: false };
  return json("/explain", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question) });
}

// Browsers never tell a script why they blocked its request, but explain can.
async function why(asked, origin) {
  const explanation = await explain(asked, origin);
  if (explanation.error || explanation.allowed) return;
  element("browser").append(make("h3", "", "Why: what explain says"), make("p", "", explanation.cause),
    ...explanation.console.map(each => make("pre", "console", `${each.browser}: ${each.text}`)));
}

const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;
async function explained(asked) {
  const { url, method, headers } = asked;
  const explanation = await explain(asked, CACHE);
  if (explanation.error) {
    element("browser").replaceChildren(make("p", "bad", explanation.error));
    element("proxy").replaceChildren();
    return;
  }
  const curl = ["curl -i", ...(method === "GET" ? [] : [`-X ${quoted(method)}`]),
    `-H ${quoted(`Origin: ${CACHE}`)}`, ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`), quoted(url)].join(" ");
  element("browser").replaceChildren(make("p", explanation.allowed ? "good" : "bad", `EXPLAINED, NOT SENT: ${explanation.verdict}`), make("p", "", explanation.cause),
    make("h3", "", "The same, as a real request"), make("pre", "curl", curl));
  element("proxy").replaceChildren(...explanation.steps.map(step => make("article", "",
    make("h3", "", `${step.kind}: ${step.request.method} ${step.request.target}`),
    make("p", step.decision.verdict === "refuse" || step.failure ? "bad" : "good", `would ${step.decision.verdict}: ${step.decision.reason}`),
    ...(step.decision.rule ? [rule(step.decision.rule)] : []),
    make("h3", "", "Headers of its answer"), make("pre", "", lines(step.response.headers) || "none"))));
}

let busy = false;
async function go() {
  if (busy) return;
  busy = true;
  element("state").textContent = "sending…";
  const asked = call(), from = form.from.value;
  try {
    if (from === "cache") {
      await explained(asked);
    } else {
      const origin = from === "page" ? page : stranger, since = (await json("/decisions?since=0")).last;
      const outcome = await (from === "page" ? send : strangerSends)(asked);
      showBrowser(outcome);
      showProxy(outcome.unsent ? [] : await recorded(since, origin, new URL(asked.url).pathname), outcome.unsent);
      if (outcome.error && !outcome.unsent) await why(asked, origin);
    }
    element("state").textContent = `${asked.method} ${form.path.value}: done`;
  } catch (error) {
    element("state").textContent = `The demo does not answer: ${error}`;
  } finally {
    busy = false;
  }
}

function tell(story) {
  // No preflight of a new path is cached.
  form.path.value = story.path + (story.fresh ? Math.floor(Math.random() * 1e9) : "");
  form.from.value = story.from ?? "page";
  form.method.value = story.method ?? "GET";
  form.headers.value = story.headers ?? "";
  form.credentials.checked = Boolean(story.credentials);
  element("story").textContent = story.says;
  return go();
}

for (const story of STORIES) {
  const button = make("button", "", story.title);
  button.type = "button";
  button.id = `story-${story.id}`;
  button.addEventListener("click", () => tell(story));
  element("stories").append(button);
}
element("request").addEventListener("submit", event => {
  event.preventDefault();
  element("story").textContent = "";
  go();
});
fetch("/policy.yaml").then(response => response.text()).then(text => { policy = text.split("\n"); });
// Gets the API's cookie for the story of credentials.
fetch(`${proxy}/items`, { credentials: "include" }).then(() => { document.body.dataset.ready = "yes"; });
