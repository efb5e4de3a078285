"use strict";
// Draws an exchange as four lanes. The list beside it says the same, and holds the headers.
const SVG = "http://www.w3.org/2000/svg";
const TOP = 34, ROW = 42, LETTER = 7.25, LINE = 16; // pixels
let drawings = 0;

function shape(tag, attributes, ...children) {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}
const cut = (text, letters) => (text.length > letters ? `${text.slice(0, Math.max(1, letters - 1))}…` : text);
// At most three lines.
function wrapped(text, letters) {
  const lines = [""];
  for (const word of text.split(" ")) {
    const longer = lines.at(-1) ? `${lines.at(-1)} ${word}` : word;
    if (longer.length <= letters || !lines.at(-1)) lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  if (lines.length > 3) lines.splice(2, lines.length, lines.slice(2).join(" "));
  return lines.map((line) => cut(line, letters));
}

// The figure, for a container that is on the page: drawing and list. It is drawn before the browser
// paints, so that nothing moves, and again when its width changes.
function drawExchange({ messages, title }, container) {
  const list = messageList(messages), figure = make("figure", { class: "exchange" }, list);
  const id = `drawing-${++drawings}`;
  const probe = container.appendChild(make("div"));
  let width = probe.clientWidth;
  probe.remove();
  figure.prepend(draw(messages, title, width, id, list));
  new ResizeObserver(([entry]) => {
    if (!entry.contentRect.width || Math.abs(entry.contentRect.width - width) < 1) return;
    width = entry.contentRect.width;
    figure.querySelector("svg")?.remove();
    figure.prepend(draw(messages, title, width, id, list));
  }).observe(figure);
  return figure;
}

function draw(messages, title, width, id, list) {
  const margin = width < 560 ? 38 : 60, gap = (width - 2 * margin) / 3, at = (lane) => margin + lane * gap;
  const parts = [], reached = new Set(messages.flatMap((message) => (message.stop ? [] : [message.from, message.to])));
  let y = TOP + 28, number = 0;
  for (const message of messages) {
    if (message.stop) {
      const [part, height] = stopShape(message, at(message.at), y, width);
      parts.push(part);
      y += height;
    } else {
      number += 1;
      parts.push(messageShape(message, number, at, y, width, list));
      y += ROW;
    }
  }
  const lanes = LANES.flatMap((name, lane) => {
    const half = Math.min(margin - 2, 48);
    return [shape("line", { x1: at(lane), x2: at(lane), y1: TOP, y2: y - 14, class: reached.has(lane) ? "" : "unreached" }),
      shape("rect", { x: at(lane) - half, y: 4, width: 2 * half, height: 26, rx: 6 }),
      shape("text", { x: at(lane), y: 22, class: "lane" }, name)];
  });
  const stop = messages.find((message) => message.stop);
  const told = stop ? `It stops at the ${LANES[stop.at].toLowerCase()}: ${stop.text}. ${stop.place} ${stop.line}` : "Nothing stops it.";
  return shape("svg", { viewBox: `0 0 ${width} ${y}`, width, height: y, role: "img", "aria-labelledby": `${id}-title ${id}-desc` },
    shape("title", { id: `${id}-title` }, title),
    shape("desc", { id: `${id}-desc` }, `${number} messages between page, browser, proxy and API. ${told} The list after the drawing has each message.`),
    ...lanes, ...parts);
}
function messageShape(message, number, at, y, width, list) {
  const from = at(message.from), to = at(message.to), right = to > from, left = Math.min(from, to);
  const tip = right ? to - 2 : to + 2, back = right ? -8 : 8;
  // The label is above its arrow. It begins at the left lane, or ends at the right one beside the edge.
  const ends = Math.max(from, to) === at(API), x = ends ? at(API) - 14 : left + 14;
  const letters = Math.floor((ends ? x : width - x) / LETTER) - 1;
  const part = shape("g", { class: message.bad ? "message bad" : "message" },
    shape("text", { x, y: y - 11, class: `label ${ends ? "left" : ""} ${message.bad ? "bad" : ""}` }, cut(message.text, letters)),
    shape("path", { class: "arrow", d: `M${from} ${y}H${tip + back / 2}` }),
    shape("path", { class: "head", d: `M${tip} ${y}l${back} -4.5v9z` }),
    shape("circle", { cx: from, cy: y, r: 8 }), shape("text", { x: from, y: y + 3.5, class: "number" }, String(number)));
  const details = list.querySelector(`[data-number="${number}"] details`);
  // The keyboard has the list itself.
  if (details) part.addEventListener("click", () => { details.open = !details.open; });
  details?.addEventListener("toggle", () => part.classList.toggle("shown", details.open));
  part.classList.toggle("shown", Boolean(details?.open));
  return part;
}
function stopShape(message, x, y, width) {
  const toLeft = x > width / 2, space = (toLeft ? x : width - x) - 30, letters = Math.floor((space - 16) / LETTER);
  const place = message.place ? `${message.place.split("/").at(-1)} ${message.line}` : "";
  const red = wrapped(message.text, letters), lines = [...red, ...(place ? wrapped(place, letters) : [])];
  const wide = Math.max(...lines.map((line) => line.length)) * LETTER + 20, height = lines.length * LINE + 12;
  const left = toLeft ? x - 18 - wide : x + 18, top = y - 20, middle = top + height / 2;
  const part = shape("g", { class: "stop" },
    shape("line", { x1: x, x2: toLeft ? left + wide : left, y1: middle, y2: middle }),
    shape("rect", { class: "stop", x: left, y: top, width: wide, height, rx: 5 }),
    ...lines.map((line, index) => shape("text", { class: index < red.length ? "stop" : "", x: left + 10, y: top + 18 + index * LINE }, line)),
    shape("circle", { class: "stop", cx: x, cy: middle, r: 11 }),
    shape("path", { class: "cross", d: `M${x - 4} ${middle - 4}l8 8m0 -8l-8 8` }));
  return [part, height + 26];
}

// Paper has no buttons: everything is open on it.
addEventListener("beforeprint", () => {
  for (const each of document.querySelectorAll(".messages details:not([open])")) {
    each.dataset.print = "yes";
    each.open = true;
  }
});
addEventListener("afterprint", () => {
  for (const each of document.querySelectorAll(".messages details[data-print]")) {
    delete each.dataset.print;
    each.open = false;
  }
});
