"use strict";
// Counters, and a time line of each route: columns of refused, answered and forwarded requests.
const POINTS = 60, PARTS = ["forward", "answer", "refuse"]; // from the bottom to the top of a column
const routeHistory = new Map(); // by route: the last counts, and one object of differences per poll

function timeline(route, columns) {
  const height = Math.max(1, ...columns.map((column) => PARTS.reduce((sum, part) => sum + column[part], 0)));
  const total = (part) => columns.reduce((sum, column) => sum + column[part], 0);
  const svg = shape("svg", { class: "timeline", viewBox: `0 0 ${POINTS} 20`, preserveAspectRatio: "none", role: "img",
    "aria-label": `${route}, the last two minutes: ${total("refuse")} refused, ${total("answer")} answered, ${total("forward")} forwarded; ${height} in two seconds at most` });
  columns.forEach((column, index) => {
    let y = 20;
    for (const part of PARTS) {
      const size = (column[part] / height) * 19;
      y -= size;
      if (size) svg.append(shape("rect", { class: part, x: POINTS - columns.length + index + 0.1, y, width: 0.8, height: size }));
    }
  });
  return svg;
}
function fill(id, rows, none) {
  const empty = make("tr", {}, make("td", { colspan: 5, class: "empty" }, none));
  $(id).replaceChildren(...(rows.length ? rows : [empty]));
}
// Adds a number to one field of a row.
function add(map, key, field, number) {
  const row = map.get(key) ?? {};
  row[field] = (row[field] ?? 0) + number;
  map.set(key, row);
}
function routeRow(route, counts) {
  const record = routeHistory.get(route) ?? { counts, columns: [] };
  const column = Object.fromEntries(PARTS.map((part) => [part, Math.max(0, (counts[part] ?? 0) - (record.counts[part] ?? 0))]));
  record.columns = [...record.columns, column].slice(-POINTS);
  record.counts = counts;
  routeHistory.set(route, record);
  return make("tr", {}, cell("Route", route), make("td", {}, timeline(route, record.columns)),
    cell("Refused", counts.refuse ?? 0, counts.refuse ? "number bad" : "number"), cell("Answered", counts.answer ?? 0, "number"),
    cell("Forwarded", counts.forward ?? 0, "number"));
}
function reasonRow(key, counts) {
  const [route, kind, reason, mode] = JSON.parse(key);
  return make("tr", {}, cell("Route", route), cell("Kind", kind), cell("Reason", reason), cell("Mode", mode),
    cell("Number", counts.number, "number"));
}
function reportRow(key, counts) {
  const [route, reason] = JSON.parse(key);
  return make("tr", {}, cell("Route", route), cell("Reason", reason),
    cell("Would refuse", counts.refused ?? 0, "number"), cell("Differences", counts.differences ?? 0, "number"));
}
function upstreamRow([upstream, address, up, requests, failures]) {
  return make("tr", {}, cell("Upstream", upstream), cell("Address", address),
    cell("State", up ? "up" : "down", up ? "good" : "bad"), cell("Requests", requests, "number"),
    cell("Failures", failures, "number"));
}
function showCounters(counters) {
  const routes = new Map(routeNames.map((name) => [name, {}])), reasons = new Map(), reported = new Map();
  for (const [route, kind, decision, reason, mode, number] of counters.decisions) {
    add(routes, route, decision, number);
    if (decision === "refuse") add(reasons, JSON.stringify([route, kind, reason, mode]), "number", number);
    if (decision === "refuse" && mode === "report") add(reported, JSON.stringify([route, reason]), "refused", number);
  }
  for (const [route, reason, number] of counters.differences) {
    add(reported, JSON.stringify([route, reason]), "differences", number);
  }
  fill("counters", [...routes].map(([route, counts]) => routeRow(route, counts)), "No request came yet.");
  fill("upstreams", counters.upstreams.map(upstreamRow), "No upstream was used yet.");
  fill("reasons", [...reasons].map(([key, counts]) => reasonRow(key, counts)), "Nothing was refused.");
  fill("reported", [...reported].map(([key, counts]) => reportRow(key, counts)), "No route with mode: report has anything to tell.");
  $("load").textContent = `version ${counters.version}; ${counters.in_flight} requests in flight,`
    + ` ${counters.connections} connections`;
}
async function poll() {
  try {
    if (!document.hidden) showCounters(await get("/counters"));
  } catch (error) {
    $("load").textContent = error.message;
  }
  setTimeout(poll, EVERY);
}
