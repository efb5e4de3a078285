"use strict";
// Small parts of the pages. Strings become text nodes, never markup.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children.map((child) => (child instanceof Node ? child : String(child ?? ""))));
  return element;
}
const headerText = (headers) => headers.map(([name, value]) => (value === null ? name : `${name}: ${value}`)).join("\n");

// For a POSIX shell.
const quoted = (text) => (/^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);
function curlCommand(url, request) {
  const { origin } = new URL(url.replace(/^ws/, "http"));
  const target = request.target.startsWith("/") ? request.target : "/";
  const headers = request.headers.filter(([name]) => name.toLowerCase() !== "host" && name.toLowerCase() !== "accept");
  const method = request.method === "GET" ? [] : request.method === "HEAD" ? ["--head"] : ["-X", quoted(request.method)];
  // Without these, curl reads brackets as many URLs, and removes `..` from a path.
  const verbatim = [...(/[[\]{}]/.test(target) ? ["--globoff"] : []), ...(/\/\./.test(target) ? ["--path-as-is"] : [])];
  return ["curl", "-i", ...verbatim, ...method, ...headers.flatMap(([name, value]) => ["-H", quoted(`${name}: ${value}`)]),
    quoted(origin + target)].join(" ");
}
function explainCommand(question, file) {
  const given = [["-c", file], ["--origin", question.origin], ["--method", question.method === "GET" ? "" : question.method],
    ...question.headers.map(([name, value]) => ["--header", value === null ? name : `${name}: ${value}`])];
  return ["cors-proxy", "explain", ...given.filter(([, value]) => value).flatMap(([option, value]) => [option, quoted(value)]),
    ...(question.credentials ? ["--credentials"] : []), ...(question.upload_listener ? ["--upload-listener"] : []),
    quoted(question.url)].join(" ");
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch { // over plain HTTP on another host there is no clipboard, but this old way works
    const field = make("textarea", { class: "unseen" }, text), before = document.activeElement;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    before?.focus();
  }
}
// The width stays the same when the button says that it has copied.
function copyButton(name, text) {
  const button = make("button", { type: "button", class: "copy" }, `Copy ${name}`);
  button.addEventListener("click", async () => {
    await copy(text);
    button.style.minWidth = `${button.offsetWidth}px`;
    button.textContent = "Copied";
    announce(`${name} copied`);
    setTimeout(() => { button.textContent = `Copy ${name}`; }, 2000);
  });
  return button;
}
const copyButtons = (texts) => make("p", { class: "buttons copies" },
  ...Object.entries(texts).filter(([, text]) => text).map(([name, text]) => copyButton(name, text)));

// For people who hear the page.
const said = make("p", { class: "unseen", role: "status" });
document.body?.append(said);
function announce(text) {
  if (!said.isConnected) document.body.append(said);
  said.textContent = text;
}
