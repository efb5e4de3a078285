"use strict";
const { page } = document.documentElement.dataset;

addEventListener("message", async event => {
  if (event.origin === page) parent.postMessage(await send(event.data), page);
});
if (parent !== window) parent.postMessage("loaded", page);
