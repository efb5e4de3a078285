"use strict";
// What to do about an answer: the change of the policy that is proposed, and commands to copy.
function diffBlock(diff) {
  return make("pre", { class: "diff" }, ...diff.split("\n").map((line) =>
    make("span", { class: line.startsWith("+") ? "plus" : line.startsWith("-") ? "minus" : "" }, `${line}\n`)));
}
function changeParts(change) {
  if (change?.diff) {
    return [make("h3", {}, "The smallest change that allows it"), diffBlock(change.diff),
      ...change.dangers.map((danger) => make("p", { class: "warn" }, `Danger: ${danger}.`))];
  }
  if (change?.withheld) return [make("p", {}, `No change is proposed: ${change.withheld}.`)];
  return change?.why_none ? [make("p", {}, `No change of the policy helps: ${change.why_none}.`)] : [];
}
function copies(explanation, file) {
  const last = explanation.steps.at(-1);
  return copyButtons({
    curl: last && curlCommand(explanation.question.url, last.request),
    "explain command": explainCommand(explanation.question, file),
    change: explanation.change?.diff && `${explanation.change.diff}\n`,
  });
}
