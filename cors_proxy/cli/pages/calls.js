"use strict";
// Makes the calls of a page, and shows what the browser allowed.  Both pages use it.
const { proxy, page, stranger } = document.documentElement.dataset;

async function attempt(call) {
  try {
    const response = await fetch(proxy + call.path, { method: call.method, ...call.options });
    const body = await response.text();
    return { verdict: "allowed", result: call.show ? call.show(response) : `${response.status} ${body.slice(0, 120)}` };
  } catch (error) {
    return { verdict: "blocked", result: String(error) };
  }
}

function show(call, { verdict, result }) {
  const item = document.createElement("li");
  item.id = `case-${call.id}`;
  item.dataset.verdict = verdict;
  item.dataset.expected = String(verdict === call.expect);
  for (const [name, text] of [["verdict", verdict], ["title", call.title], ["call", `${call.method} ${proxy}${call.path}`], ["result", result]]) {
    const part = document.createElement(name === "verdict" ? "strong" : "div");
    part.className = name;
    part.textContent = text;
    item.append(part);
  }
  document.getElementById("cases").append(item);
  return verdict === call.expect;
}

// Makes the calls one after the other, and returns how many ended as expected.
async function all(calls) {
  let right = 0;
  for (const call of calls) right += show(call, await attempt(call));
  return right;
}
