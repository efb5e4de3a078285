"use strict";
const PARTS = {
  // The POST needs no preflight: a proxy that only leaves out headers would have let it reach the API.
  refused: [
    { id: "get", title: "a simple GET", method: "GET", path: "/items", expect: "blocked" },
    { id: "post", title: "a simple POST, which a browser sends without a preflight", method: "POST",
      path: "/orders", expect: "blocked", options: { body: "1 desk" } },
  ],
  open: [
    { id: "public", title: "the route that is open to all", method: "GET", path: "/public/greeting", expect: "allowed" },
  ],
};

addEventListener("message", async event => {
  if (event.origin === page && event.data in PARTS) parent.postMessage(await all(PARTS[event.data]), page);
});
if (parent !== window) parent.postMessage("loaded", page);
