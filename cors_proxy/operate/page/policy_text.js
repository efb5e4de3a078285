"use strict";
// The policy's own text with line numbers, and links to its lines.
let policyFile = "", policyLines = [];
const lineId = (number) => `policy-line-${number}`;

// `list` is an empty <ol>.
function showPolicyText(list, file, lines) {
  policyFile = file;
  policyLines = lines;
  list.replaceChildren(...lines.map((line, index) => make("li", { id: lineId(index + 1), tabindex: "-1" }, line)));
}
// The text at a place, "" where it is not on this page.
function lineAt(place) {
  const at = place.lastIndexOf(":");
  return place.slice(0, at) === policyFile ? (policyLines[Number(place.slice(at + 1)) - 1] ?? "").trim() : "";
}
// A place such as `policy.yaml:7`: a link where the line is on this page, else the text that is given.
function placeLink(place, text = "") {
  const at = place.lastIndexOf(":"), file = place.slice(0, at), number = Number(place.slice(at + 1));
  const short = `${file.split("/").at(-1)}:${number}`;
  if (file !== policyFile || !(number <= policyLines.length)) return make("code", { class: "soft" }, `${short} ${text}`);
  const link = make("a", { href: `#${lineId(number)}`, class: "mono jump" }, `${short}: ${policyLines[number - 1].trim()}`);
  link.addEventListener("click", (event) => {
    event.preventDefault();
    goToLine(place).focus({ preventScroll: true });
    document.getElementById(lineId(number)).scrollIntoView({ block: "nearest" });
  });
  return link;
}
// Marks the line and scrolls the list to it, but not the page.
function goToLine(place) {
  for (const each of document.querySelectorAll(".policy-text .named")) each.classList.remove("named");
  const at = place.lastIndexOf(":");
  const line = place.slice(0, at) === policyFile && document.getElementById(lineId(place.slice(at + 1)));
  if (!line) return null;
  line.classList.add("named");
  const list = line.parentElement;
  list.scrollTop += line.getBoundingClientRect().top - list.getBoundingClientRect().top - list.clientHeight / 3;
  return line;
}
