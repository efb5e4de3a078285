"use strict";
const CALLS = [
  { id: "get", title: "a simple GET", method: "GET", path: "/items", expect: "allowed" },
  { id: "exposed", title: "a header that is exposed to scripts, and one that is not", method: "GET",
    path: "/items", expect: "allowed",
    show: r => ["X-Total-Count", "X-Internal-Note"].map(name => `${name}: ${r.headers.get(name)}`).join(", ") },
  { id: "put", title: "a preflighted PUT with a cookie and a custom header", method: "PUT",
    path: "/items/2", expect: "allowed",
    options: { credentials: "include", headers: { "Content-Type": "application/json", "X-Demo": "yes" },
      body: '{"name":"stool"}' } },
  { id: "delete", title: "a method that the policy does not list", method: "DELETE",
    path: "/items/2", expect: "blocked" },
  { id: "header", title: "a header that the policy does not list", method: "GET",
    path: "/items", expect: "blocked",
    options: { headers: { "X-Other": "no" } } },
  { id: "public", title: "the route that is open to all", method: "GET",
    path: "/public/greeting", expect: "allowed" },
];
const STRANGERS = 3;
const frame = document.getElementById("frame");
const element = id => document.getElementById(id);

// The stranger sends one message when it has loaded, and one after each part that it runs.
function nextMessage() {
  return new Promise(resolve => addEventListener("message", function listen(event) {
    if (event.origin !== stranger || event.source !== frame.contentWindow) return;
    removeEventListener("message", listen);
    resolve(event.data);
  }));
}

function ask(part) {
  const answer = nextMessage();
  frame.contentWindow.postMessage(part, stranger);
  return answer;
}

async function reached() {
  return (await (await fetch(`${proxy}/requests`)).json()).requests;
}

async function run() {
  element("again").disabled = true;
  element("cases").replaceChildren();
  delete document.body.dataset.done;
  // Gets the API's cookie, which the PUT sends.
  await fetch(`${proxy}/items`, { credentials: "include" });
  let right = await all(CALLS);
  const loaded = nextMessage();
  frame.src = `${stranger}/`;
  await loaded;
  element("before").textContent = await reached();
  right += await ask("refused");
  element("after").textContent = await reached();
  right += await ask("open");
  element("summary").textContent = `${right} of ${CALLS.length + STRANGERS} calls ended as the policy says`;
  document.body.dataset.done = String(right);
  element("again").disabled = false;
}

element("again").addEventListener("click", run);
fetch("/policy.yaml").then(response => response.text()).then(text => {
  showPolicyText(element("text"), "demo.yaml", text.trimEnd().split("\n"));
});
run();
