"use strict";
// The decisions, newest first: the last refusals, which the proxy keeps, or all as they come.
const ROWS = 200, EVERY = 2000; // milliseconds
let decisions = [], refusals = [], skipped = 0, paused = false, missed = 0, live = false;
const tone = (decision) => ({ refuse: "bad", forward: "good", answer: "good" })[decision] ?? "warn";
const cell = (name, value, kind = "") => make("td", { "data-name": name, class: kind }, value);
const same = (one, other) => one.ended === other.ended && one.method === other.method && one.path === other.path;

function matchesFilters(decision) {
  const route = $("by-route").value, origin = $("by-origin").value, kind = $("by-decision").value;
  return (!route || decision.route === route) && (!origin || (decision.origin ?? "").includes(origin))
    && (!kind || decision.decision === kind) && (!$("by-passed").checked || !decision.enforced);
}
function decisionRow(decision) {
  const button = make("button", { type: "button", "aria-label": `Why? ${decision.method} ${decision.path}` }, "Why?");
  button.addEventListener("click", () => explainDecision(decision));
  const passed = decision.enforced ? "" : " (let pass)";
  const reason = [decision.reason, decision.detail && `(${decision.detail})`, decision.fault,
    decision.difference && `differs: ${decision.difference}`, decision.hint].filter(Boolean).join(" ");
  return make("tr", {},
    cell("Time", new Date(decision.time * 1000).toLocaleTimeString(), "keep"),
    cell("Status", decision.status || "none"),
    cell("Request", `${decision.method} ${decision.path}`), cell("Origin", decision.origin ?? "none"),
    cell("Decision", decision.decision + passed, tone(decision.decision)),
    cell("Reason", reason), cell("Rule", decision.rule.split("/").at(-1), "keep"),
    cell("Route", `${decision.route} ${decision.mode}`), make("td", {}, button));
}
function emptyText(number) {
  if (number) return "No decision matches these filters.";
  return live ? "Waiting for requests. They are shown here as they come."
    : "Nothing was refused since the proxy started. The last 200 refusals are kept here, however much traffic comes.";
}
function drawRows() {
  const all = live ? decisions : refusals, shown = all.filter(matchesFilters);
  waiting = false;
  $("stream").replaceChildren(...(shown.length ? shown.map(decisionRow)
    : [make("tr", { class: "none" }, make("td", { colspan: 9, class: "empty" }, emptyText(all.length)))]));
  tellSummary(shown.length, all.length);
}
function tellSummary(shown, all) {
  $("stream-summary").textContent = `${shown} of ${all} ${live ? "decisions" : "refusals"}`
    + (live && skipped ? `; ${skipped} more came too fast to show` : "") + (missed ? `; ${missed} came during the pause` : "")
    + (waiting ? "; newer ones come when you have left the table" : "");
}
// Rows must not move away under a pointer that moves, nor take the focus with them.
const QUIET = 2000; // milliseconds after the last movement
let waiting = false, movedAt = -QUIET, focused = false;
function drawUnlessInside() {
  if (!focused && performance.now() - movedAt >= QUIET) {
    drawRows();
    return;
  }
  if (!waiting) setTimeout(drawWaiting, QUIET / 4);
  waiting = true;
  tellSummary($("stream").querySelectorAll("button").length, (live ? decisions : refusals).length);
}
function drawWaiting() {
  if (!waiting) return;
  waiting = false;
  drawUnlessInside();
}
$("stream").addEventListener("pointermove", () => { movedAt = performance.now(); });
$("stream").addEventListener("focusin", () => { focused = true; });
$("stream").addEventListener("focusout", () => { focused = false; });
async function readRefusals() {
  try {
    const kept = (await get("/refusals")).decisions.reverse();
    const newer = refusals.filter((each) => each.ended > (kept[0]?.ended ?? 0) && !kept.some((other) => same(each, other)));
    refusals = [...newer, ...kept].slice(0, ROWS);
    drawUnlessInside();
  } catch (error) {
    $("stream-summary").textContent = error.message;
  }
}
function follow() {
  const source = new EventSource("/decisions");
  source.addEventListener("open", async () => {
    await readRefusals(); // also those of the time without a connection
    $("state").textContent = "live";
    $("state").className = "good";
  });
  source.addEventListener("error", () => {
    $("state").textContent = "offline";
    $("state").className = "bad";
    if (source.readyState === EventSource.CLOSED) setTimeout(follow, EVERY); // 503: too many pages follow the decisions
  });
  source.addEventListener("message", (event) => {
    const batch = JSON.parse(event.data), newest = batch.decisions.reverse();
    if (paused) {
      missed += newest.length;
      drawUnlessInside();
      return;
    }
    decisions = [...newest, ...decisions].slice(0, ROWS);
    skipped += batch.skipped;
    const refused = newest.filter((each) => each.decision === "refuse" && !refusals.some((other) => same(each, other)));
    refusals = [...refused, ...refusals].slice(0, ROWS);
    if (batch.skipped) readRefusals();
    drawUnlessInside();
  });
}
function choose(all) {
  live = all;
  $("show-live").setAttribute("aria-pressed", all);
  $("show-refusals").setAttribute("aria-pressed", !all);
  $("by-decision").value = "";
  $("by-decision").disabled = $("clear").disabled = !all;
  drawRows();
}
for (const id of ["by-route", "by-decision", "by-passed"]) $(id).addEventListener("change", drawRows);
$("by-origin").addEventListener("input", drawRows);
$("show-live").addEventListener("click", () => choose(true));
$("show-refusals").addEventListener("click", () => choose(false));
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").setAttribute("aria-pressed", paused);
  $("pause").textContent = paused ? "Resume" : "Pause";
  if (!paused) readRefusals();
});
$("clear").addEventListener("click", () => { decisions = []; skipped = missed = 0; drawRows(); });
