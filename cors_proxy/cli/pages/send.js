"use strict";
// Sends one request from the page that loads this, and returns what a script can learn of it.
async function send({ url, method, headers, credentials }) {
  try {
    const request = new Request(url, { method, headers, credentials: credentials ? "include" : "omit" });
    // The browser silently leaves out headers that only it may set (Fetch, forbidden request-header).
    const left = headers.map(([name]) => name).filter(name => !request.headers.has(name));
    try {
      const response = await fetch(request);
      const body = (await response.text()).slice(0, 500);
      return { left, status: response.status, headers: [...response.headers], body };
    } catch (error) {
      return { left, error: String(error) };
    }
  } catch (error) {
    return { left: [], error: String(error), unsent: true };
  }
}
