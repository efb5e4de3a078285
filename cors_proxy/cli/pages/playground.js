"use strict";
const { proxy, page, stranger } = document.documentElement.dataset;
const CACHE = "https://example-com.cdn.ampproject.org";
// An exchange is recorded when it ends, which may be a moment after the browser has its response.
const TRIES = 20, PAUSE = 50; // milliseconds
const STORIES = [
  { id: "works", path: "/items",
    says: "The policy allows this page. The proxy replaces the API’s own “*”. Scripts cannot read"
      + " X-Internal-Note: the policy exposes only X-Total-Count." },
  { id: "preflight", method: "PUT", path: "/items/", fresh: true,
    headers: "Content-Type: application/json\nX-Demo: yes",
    says: "PUT, this Content-Type and X-Demo are not safelisted, so the browser asks first. The proxy answers"
      + " that preflight itself. Send again: the browser has cached the answer." },
  { id: "credentials", method: "PUT", path: "/items/", fresh: true, credentials: true,
    says: "The browser sends the API’s cookie, and the script may read the response: the policy has"
      + " credentials: true." },
  { id: "open", path: "/public/greeting", credentials: true,
    says: "origins: \"*\" never allows credentials. The proxy forwards the request, and the browser keeps the"
      + " response from the script." },
  { id: "origin", from: "stranger", path: "/items",
    says: "The stranger is not in the policy, so the proxy refuses the request. A proxy that only leaves out"
      + " headers would have let it reach the API." },
  { id: "method", method: "DELETE", path: "/items/2",
    says: "The policy does not list DELETE. The proxy refuses the preflight, and the browser never sends DELETE." },
  { id: "header", path: "/items", headers: "X-Other: 1",
    says: "The policy’s headers do not list X-Other, so the proxy refuses the preflight." },
  { id: "amp", from: "cache", path: "/amp/greeting",
    says: "No page on this machine can have the origin of an AMP cache, so nothing is sent. This is what explain"
      + " says that a browser would do. The curl command sends a real request." },
  { id: "down", path: "/down/now",
    says: "Nothing listens at this route’s upstream. The 502 has CORS headers too, so the script can read what"
      + " failed." },
];
const element = id => document.getElementById(id);
const form = element("request").elements;

const POLICY = "demo.yaml";
const refused = each => each.decision === "refuse";
const text = (kind, words) => make("p", { class: kind }, words);
const titled = (title, words, kind = "") => [make("h3", {}, title), make("pre", { class: kind }, words)];

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
// Only now: its first message must not come before somebody listens.
caller.src = `${stranger}/caller`;
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

function browserParts(outcome) {
  const parts = [];
  if (outcome.error) {
    parts.push(text("bad", outcome.unsent ? "NOT SENT" : "BLOCKED"), make("pre", {}, outcome.error),
      text("", outcome.unsent ? "Browsers do not let a script send this." : "A script learns no more than this."));
  } else {
    parts.push(text("good", `READABLE: ${outcome.status}`),
      ...titled("Headers that the script can read", headerText(outcome.headers) || "none"),
      ...titled("Body", outcome.body || "empty"));
  }
  if (outcome.left.length) parts.push(text("", `The browser left out: ${outcome.left.join(", ")}. Scripts must not set it.`));
  return parts;
}

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

function decided(each) {
  const detail = each.detail ? ` (${each.detail})` : "";
  const parts = [make("h3", {}, `${each.kind || "request"}: ${each.method} ${each.path}`),
    text(refused(each) ? "bad" : "good", `${each.decision.toUpperCase()}: ${each.reason}${detail}`)];
  if (each.rule) parts.push(make("p", {}, placeLink(each.rule)));
  if (each.fault && each.fault !== each.reason) parts.push(text("bad", each.fault));
  parts.push(text("", `Status ${each.status}, route ${each.route}, Origin: ${each.origin ?? "none"}. `
    + (each.reached ? "It reached the API." : "It did not reach the API.")));
  return make("article", { "data-kind": each.kind }, ...parts);
}

function proxyParts(found, unsent) {
  if (!found.length) return [text("", `Nothing: ${unsent ? "no request was sent" : "this request did not arrive"}.`)];
  const parts = found.map(decided);
  if (found.every(each => each.kind !== "preflight")) {
    parts.unshift(text("", "No preflight: none is needed, or the browser has cached an earlier one (Access-Control-Max-Age)."));
  }
  return parts;
}

// All of it is new: nothing that is already there moves.
function showResults(drawing, browser, proxy) {
  const side = (id, title, parts) => make("section", { "aria-labelledby": `${id}-title` },
    make("h2", { id: `${id}-title` }, title), make("div", { id, class: "parts" }, ...parts));
  element("results").replaceChildren(...drawing,
    make("div", { class: "sides" }, side("browser", "What the browser did", browser), side("proxy", "What the proxy decided", proxy)));
  element("shown").hidden = false;
}

function explain({ url, method, headers, credentials }, origin) {
  const texts = headers.map(([name, value]) => `${name}: ${value}`);
  const question = { origin, where: url, method, headers: texts, credentials, upload_listener: false };
  return json("/explain", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(question) });
}

// The exchange, and what can be copied.  `seen` are the decisions of the proxy, null where nothing was sent.
function drawn(explanation, seen) {
  element("shown").hidden = false; // only then it has a width
  return [make("h2", {}, seen ? "The exchange" : "The exchange, explained"), drawExchange(exchangeOf(explanation, seen), element("results")),
    copies(explanation, "policy.yaml"), ...changeParts(explanation.change)];
}

// Browsers never tell a script why they blocked its request, but explain can.
function whyParts(explanation) {
  if (explanation.error || explanation.allowed) return [];
  return [make("h3", {}, "Why: what explain says"), text("", explanation.cause),
    ...explanation.console.map(each => make("pre", { class: "console" }, `${each.browser}: ${each.text}`))];
}

function showExplained(explanation) {
  if (explanation.error) {
    showResults([], [text("bad", explanation.error)], []);
    return;
  }
  const curl = curlCommand(explanation.question.url, explanation.steps.at(-1).request);
  showResults(drawn(explanation, null), [
    text(explanation.allowed ? "good" : "bad", `EXPLAINED, NOT SENT: ${explanation.verdict}`), text("", explanation.cause),
    ...titled("The same, as a real request", curl, "curl"),
  ], explanation.steps.map(step => make("article", {},
    make("h3", {}, `${step.kind}: ${step.request.method} ${step.request.target}`),
    text(step.decision.verdict === "refuse" || step.failure ? "bad" : "good", `would ${step.decision.verdict}: ${step.decision.reason}`),
    ...(step.decision.rule ? [make("p", {}, placeLink(step.decision.rule))] : []),
    ...titled("Headers of its answer", headerText(step.response.headers) || "none"))));
  if (explanation.rule) goToLine(explanation.rule);
}

async function showSent(asked, from) {
  const origin = from === "page" ? page : stranger, since = (await json("/decisions?since=0")).last;
  const outcome = await (from === "page" ? send : strangerSends)(asked);
  const found = outcome.unsent ? [] : await recorded(since, origin, new URL(asked.url).pathname);
  // Without what the browser left out.
  const sent = { ...asked, headers: asked.headers.filter(([name]) => !outcome.left.includes(name)) };
  const explanation = outcome.unsent ? { error: "not sent" } : await explain(sent, origin);
  const why = outcome.error && !outcome.unsent ? whyParts(explanation) : [];
  showResults(explanation.error ? [] : drawn(explanation, found),
    [...browserParts(outcome), ...why], proxyParts(found, outcome.unsent));
  const rule = found.at(-1)?.rule || explanation.rule;
  if (rule) goToLine(rule);
}

let busy = false;
async function go() {
  if (busy) return;
  busy = true;
  element("state").textContent = "sending…";
  const asked = call(), from = form.from.value;
  try {
    if (from === "cache") showExplained(await explain(asked, CACHE));
    else await showSent(asked, from);
    element("state").textContent = `${asked.method} ${form.path.value}: done`;
  } catch (error) {
    element("state").textContent = `The demo does not answer: ${error}`;
  } finally {
    busy = false;
  }
}

function mark(told) {
  for (const story of STORIES) element(`story-${story.id}`).setAttribute("aria-pressed", story === told);
}
function tell(story) {
  // No preflight of a new path is cached.
  form.path.value = story.path + (story.fresh ? Math.floor(Math.random() * 1e9) : "");
  form.from.value = story.from ?? "page";
  form.method.value = story.method ?? "GET";
  form.headers.value = story.headers ?? "";
  form.credentials.checked = Boolean(story.credentials);
  element("story").textContent = story.says;
  mark(story);
  return go();
}

for (const story of STORIES) element(`story-${story.id}`).addEventListener("click", () => tell(story));
element("request").addEventListener("submit", event => {
  event.preventDefault();
  mark(null);
  element("story").textContent = "A request of your own.";
  go();
});
element("story").textContent = STORIES[0].says;
// Gets the API's cookie for the story of credentials, and tells the first story.
async function begin() {
  const got = await fetch("/policy.yaml");
  showPolicyText(element("policy-text"), POLICY, (await got.text()).trimEnd().split("\n"));
  await fetch(`${proxy}/items`, { credentials: "include" });
  await tell(STORIES[0]);
  document.body.dataset.ready = "yes";
}
begin();
