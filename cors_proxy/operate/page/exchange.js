"use strict";
// What an explanation says, as messages between the four: page, browser, proxy, API.
const PAGE = 0, BROWSER = 1, PROXY = 2, API = 3, LANES = ["Page", "Browser", "Proxy", "API"];

// `seen` has the decisions that the proxy really made, if there are any: [{ kind, status, reached, fault }].
// A step that did not happen, such as a preflight that the browser had cached, is left out.
function exchangeOf(explanation, seen = null) {
  const { question } = explanation, { pathname, search } = new URL(question.url);
  const cached = seen?.length && seen.every((each) => each.kind !== "preflight");
  const messages = [{
    from: PAGE, to: BROWSER, text: `${question.method} ${pathname}${search}`, headers: question.headers,
    notes: [question.credentials ? "with credentials" : "without credentials", explanation.preflight.needed
      ? `a preflight is needed${cached ? ", and the browser has cached an earlier one" : ""}: ${explanation.preflight.because}` : "no preflight is needed"],
  }];
  for (const step of explanation.steps) {
    const really = seen?.find((each) => each.kind === step.kind);
    if (!seen || really) messages.push(...stepMessages(step, explanation, really));
  }
  const stopped = messages.some((message) => message.stop);
  if (explanation.verdict === "blocked") {
    messages.push({ from: BROWSER, to: PAGE, text: "an error without a reason", bad: true });
  } else {
    const status = messages.findLast((message) => message.status)?.status ?? explanation.script.status;
    messages.push({
      from: BROWSER, to: PAGE, bad: stopped, text: status ? `${status}, readable` : "the response",
      notes: [`headers that scripts can read: ${explanation.script.headers.join(", ") || "none"}`],
    });
  }
  return { messages, title: exchangeTitle(explanation) };
}
function exchangeTitle({ question, verdict }) {
  return `${question.method} ${question.url} from ${question.origin ?? "no other origin"}: ${verdict}`;
}
function stepMessages(step, explanation, really) {
  const text = `${step.request.method} ${step.request.target}`, refused = step.decision.action === "refuse";
  const byProxy = step.response.by === "proxy", failed = Boolean(step.failure);
  const messages = [{ from: BROWSER, to: PROXY, text, headers: step.request.headers, checks: step.proxy_checks }];
  if (refused) messages.push(stopAt(PROXY, step, explanation, step.proxy_checks));
  // Where the upstream failed, the proxy's own answer is what came.
  const reached = really?.reached ?? true, status = really?.status ?? step.response.status;
  if (!byProxy && reached) {
    messages.push({ from: PROXY, to: API, text, headers: [] });
    messages.push({ from: API, to: PROXY, text: `${status}`, headers: [], notes: ["the proxy replaces the CORS headers of this response"] });
  } else if (!byProxy) {
    messages.push({ stop: true, at: PROXY, text: `the API cannot be reached: ${really.fault || status}`, place: "", line: "" });
  }
  messages.push({
    from: PROXY, to: BROWSER, text: `${status}${step.kind === "preflight" ? " to the preflight" : ""}`, status,
    headers: step.response.headers, checks: step.browser_checks, bad: refused || failed,
    notes: step.response.known ? [] : ["the response passes as the API sent it"],
  });
  if (failed && !refused) messages.push(stopAt(BROWSER, step, explanation, step.browser_checks));
  return messages;
}
function stopAt(at, step, explanation, checks) {
  const failure = checks.find((check) => !check.passed);
  const place = failure?.rule ?? explanation.rule ?? step.decision.rule ?? "";
  const told = step.decision.detail ? `${step.decision.reason} (${step.decision.detail})` : step.decision.reason;
  const text = at === PROXY ? told : `${step.failure}`;
  return { stop: true, at, text, because: failure?.text ?? explanation.cause, place, line: lineAt(place) || explanation.lines[place] || "" };
}

// The same as a list, which has the headers and checks of each message.
function messageList(messages) {
  let number = 0;
  return make("ol", { class: "messages" }, ...messages.map((message) => {
    if (message.stop) {
      return make("li", { class: "stop" }, make("strong", { class: "bad" }, `It stops at the ${LANES[message.at].toLowerCase()}: ${message.text}`),
        ...(message.because ? [`. ${message.because}. `] : [" "]), ...(message.place ? [placeLink(message.place, message.line)] : []));
    }
    number += 1;
    return make("li", { class: message.bad ? "bad" : "", "data-number": number }, messageItem(message, number));
  }));
}
function messageItem(message, number) {
  const { headers = [], checks = [], notes = [] } = message;
  const way = `${LANES[message.from]} to ${LANES[message.to]}`;
  const first = [`${number}. `, make("code", {}, message.text), " ", make("span", { class: "way" }, way)];
  if (!headers.length && !checks.length && !notes.length) return make("div", { class: "plain" }, ...first);
  return make("details", {}, make("summary", {}, ...first),
    ...(headers.length ? [make("pre", {}, headerText(headers))] : []),
    ...notes.map((note) => make("p", { class: "soft" }, note)),
    ...(checks.length ? [checkList(LANES[message.to].toLowerCase(), checks)] : []));
}
function checkList(side, checks) {
  return make("ol", { class: "checks" }, ...checks.map((check) => make("li", {},
    make("span", { class: `mark ${check.passed ? "good" : "bad"}` }, check.passed ? "ok" : "FAIL"),
    `${side}: ${check.check}: ${check.text}`, ...(check.rule ? [" ", placeLink(check.rule)] : []))));
}
