"use strict";
const { proxy, page, stranger } = document.documentElement.dataset;
const CACHE = "https://example-com.cdn.ampproject.org";
const TRIES = 20, PAUSE = 50; // an exchange is recorded when it is over: it may come a moment after the browser's answer
const STORIES = [
  { id: "works", title: "It works", path: "/items",
    says: "The policy allows this page. The API’s careless * is replaced, and its X-Internal-Note stays hidden: only X-Total-Count is exposed." },
  { id: "preflight", title: "Preflight", method: "PUT", path: "/items/", fresh: true, headers: "Content-Type: application/json\nX-Demo: yes",
    says: "PUT, this Content-Type and X-Demo are not safelisted: the browser asks first. The proxy answers that itself. Send once more: the browser remembers." },
  { id: "credentials", title: "Credentials", method: "PUT", path: "/items/", fresh: true, credentials: true,
    says: "The API’s cookie goes along, and the script may read the answer: the policy has credentials: true." },
  { id: "open", title: "Credentials on an open route", path: "/public/greeting", credentials: true,
    says: "origins: \"*\" never goes with credentials: the request is forwarded, and the browser keeps its answer from the script." },
  { id: "origin", title: "Refused origin", from: "stranger", path: "/items",
    says: "The stranger is not in the policy: the request ends at the proxy. A proxy that only left out headers would have let it reach the API." },
  { id: "method", title: "Refused method", method: "DELETE", path: "/items/2", says: "The policy does not list DELETE: its preflight is refused, and DELETE itself is never sent." },
  { id: "header", title: "Missing header", path: "/items", headers: "X-Other: 1", says: "X-Other is missing in the policy’s headers: the preflight is refused." },
  { id: "amp", title: "AMP cached page", from: "cache", path: "/amp/greeting",
    says: "No page on this machine can have a cache’s origin, so nothing is sent: this is what explain says a browser would do. The curl line is a real request." },
  { id: "down", title: "Upstream down", path: "/down/now", says: "Nobody listens behind this route. The 502 carries the grant too, so the script can read what went wrong." },
];
const element = id => document.getElementById(id);
const form = element("request").elements;
let policy = [];

// Text becomes text: nothing here is ever parsed as markup.
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
let here; // the stranger's frame has loaded
const loaded = new Promise(resolve => { here = resolve; });
let heard = () => {};
addEventListener("message", event => {
  if (event.origin !== stranger || event.source !== caller.contentWindow) return;
  if (event.data === "loaded") here();
  else heard(event.data);
});
async function strangerSends(call) {
  await loaded;
  const answer = new Promise(resolve => { heard = resolve; });
  caller.contentWindow.postMessage(call, stranger);
  return answer;
}

function call() {
  const headers = form.headers.value.split("\n").filter(line => line.trim()).map(line => {
    const at = line.indexOf(":");
    return at < 0 ? [line.trim(), ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  });
  return { url: proxy + form.path.value, method: form.method.value.trim(), headers, credentials: form.credentials.checked };
}

function showBrowser(outcome) {
  const parts = [];
  if (outcome.error) {
    parts.push(make("p", "bad", outcome.unsent ? "NOT SENT" : "BLOCKED"), make("pre", "", outcome.error),
      make("p", "", outcome.unsent ? "The browser takes no such request from a script."
        : "That is all a script learns."));
  } else {
    parts.push(make("p", "good", `READABLE: ${outcome.status}`), make("h3", "", "Headers that the script can read"),
      make("pre", "", lines(outcome.headers) || "none"), make("h3", "", "Body"), make("pre", "", outcome.body || "empty"));
  }
  if (outcome.left.length) parts.push(make("p", "", `The browser left out: ${outcome.left.join(", ")}. No script may set that.`));
  element("browser").replaceChildren(...parts);
}

// In debug mode a preflight may be answered by what the policy does list: the browser's console then names what is missing.
const ends = each => each.decision === "refuse" || (each.kind === "preflight" && each.reason !== "preflight-allowed");
const over = found => found.some(each => ends(each) || each.kind !== "preflight");
async function recorded(since, origin, path) {
  let found = [];
  for (let n = 0; n < TRIES && !over(found); n++) {
    if (n) await new Promise(resolve => setTimeout(resolve, PAUSE));
    found = (await json(`/decisions?since=${since}`)).decisions.filter(each => each.path === path && (each.origin === null || each.origin === origin));
  }
  return found;
}

function exchange(each) {
  const parts = [make("h3", "", `${each.kind || "request"}: ${each.method} ${each.path}`),
    make("p", ends(each) ? "bad" : "good", `${ends(each) ? "REFUSE" : each.decision.toUpperCase()}: ${each.reason}${each.detail ? ` (${each.detail})` : ""}`)];
  if (ends(each) && each.decision === "answer") {
    parts.push(make("p", "", "Answered with what the policy lists (debug: true), so that the browser’s console names what is missing; the request itself never comes."));
  }
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
  if (!found.length) parts.push(make("p", "", unsent ? "Nothing: no request was sent." : "Nothing: no request of this came by."));
  else if (found.every(each => each.kind !== "preflight")) {
    parts.unshift(make("p", "", "No preflight: none is needed, or the browser remembers an earlier one (Access-Control-Max-Age)."));
  }
  element("proxy").replaceChildren(...parts);
}

function explain({ url, method, headers, credentials }, origin) {
  return json("/explain", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({
    origin, where: url, method, headers: headers.map(([name, value]) => `${name}: ${value}`), credentials, upload_listener: false }) });
}

// Why the browser blocked it: no script is told, but the same question can be explained.
async function why(asked, origin) {
  const told = await explain(asked, origin);
  if (told.error || told.allowed) return;
  element("browser").append(make("h3", "", "Why: what explain says"), make("p", "", told.cause),
    ...told.console.map(each => make("pre", "console", `${each.browser}: ${each.text}`)));
}

const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;
async function explained(asked) {
  const { url, method, headers } = asked, told = await explain(asked, CACHE);
  if (told.error) {
    element("browser").replaceChildren(make("p", "bad", told.error));
    element("proxy").replaceChildren();
    return;
  }
  const curl = ["curl -i", ...(method === "GET" ? [] : [`-X ${quoted(method)}`]), `-H ${quoted(`Origin: ${CACHE}`)}`,
    ...headers.map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`), quoted(url)].join(" ");
  element("browser").replaceChildren(make("p", told.allowed ? "good" : "bad", `EXPLAINED, NOT SENT: ${told.verdict}`), make("p", "", told.cause),
    make("h3", "", "The same, as a real request"), make("pre", "curl", curl));
  element("proxy").replaceChildren(...told.steps.map(step => make("article", "",
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
  // A new path has no remembered preflight.
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
// The API's cookie, for the story of credentials.
fetch(`${proxy}/items`, { credentials: "include" }).then(() => { document.body.dataset.ready = "yes"; });
