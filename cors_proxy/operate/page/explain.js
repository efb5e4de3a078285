"use strict";
// The explainer: the form, and "Why?" at a decision.
const $ = (id) => document.getElementById(id);

function verdictText(explanation) {
  const each = explanation.browsers.map(({ browser, verdict }) => `${verdict.toUpperCase()} in ${browser}`);
  return each.join(", ") || explanation.verdict.toUpperCase();
}
function showExplanation(explanation) {
  const parts = [make("h3", { class: explanation.allowed ? "good" : "bad" }, verdictText(explanation)),
    make("p", {}, `${explanation.cause} `, ...(explanation.rule ? [placeLink(explanation.rule, explanation.lines[explanation.rule])] : [])),
    drawExchange(exchangeOf(explanation), $("answer")), copies(explanation, policyFile), ...changeParts(explanation.change)];
  if (explanation.console.length) {
    const messages = explanation.console.map((message) => `${message.browser} ${message.name}\n${message.text}`);
    parts.push(make("h3", {}, "The console says"), make("pre", {}, messages.join("\n\n")));
  }
  for (const note of [explanation.local_network, ...explanation.notes]) {
    if (note) parts.push(make("p", { class: "warn" }, `${note}.`));
  }
  parts.push(...explanation.unknown.map((each) => make("p", { class: "soft" }, `Unknown: ${each}.`)));
  $("answer").replaceChildren(...parts);
  if (explanation.rule) goToLine(explanation.rule);
}
const showError = (text) => $("answer").replaceChildren(make("p", { class: "bad" }, text));
// `asked` is the form, or { decision }.  Returns the explanation, or nothing after an error.
async function ask(asked) {
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch("/explain", { method: "POST", headers, body: JSON.stringify(asked) });
    const explanation = await response.json();
    if (!explanation.error) {
      showExplanation(explanation);
      return explanation;
    }
    showError(explanation.error);
  } catch (error) {
    showError(`cannot explain: ${error.message}`);
  }
}
$("question").addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target.elements;
  ask({
    origin: form.origin.value.trim(), method: form.method.value.trim(), where: form.where.value.trim(),
    headers: form.headers.value.split("\n").filter((line) => line.trim()),
    credentials: form.credentials.checked, upload_listener: form.upload_listener.checked,
  });
});
// The server rebuilds the page's request from a decision; the form then holds it for further questions.
async function explainDecision(decision) {
  const form = $("question").elements;
  const explanation = await ask({ decision });
  if (explanation) {
    const question = explanation.question;
    form.origin.value = question.origin ?? "";
    form.method.value = question.method;
    form.where.value = question.url;
    form.headers.value = headerText(question.headers);
    form.credentials.checked = question.credentials;
    form.upload_listener.checked = question.upload_listener;
  }
  $("explain").scrollIntoView();
  form.origin.focus({ preventScroll: true });
}
async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status}`);
  return response.json();
}
async function showPolicy() {
  const selected = $("by-route").value;
  try {
    const [text, policy] = await Promise.all([get("/policy"), get("/effective")]);
    showPolicyText($("policy-text"), text.file, text.lines);
    $("policy-name").textContent = text.why || text.file;
    $("policy-text").hidden = !text.lines.length;
    $("as-data").open ||= !text.lines.length;
    $("effective").textContent = JSON.stringify(policy, null, 2);
    routeNames = [...new Set(policy.routes.map((route) => route.name))];
    $("by-route").replaceChildren(make("option", { value: "" }, "all"), ...routeNames.map((name) => make("option", {}, name)));
    $("by-route").value = selected;
  } catch (error) {
    $("policy-name").textContent = error.message;
  }
}
let routeNames = [];
$("refresh").addEventListener("click", showPolicy);
