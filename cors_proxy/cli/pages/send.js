"use strict";
// Sends one request as the page that loaded this would; what its script learns is all that it tells.
async function send({ url, method, headers, credentials }) {
  try {
    const request = new Request(url, { method, headers, credentials: credentials ? "include" : "omit" });
    // Some names are the browser's own: it leaves them out and says nothing.
    const left = headers.map(([name]) => name).filter(name => !request.headers.has(name));
    try {
      const response = await fetch(request);
      return { left, status: response.status, headers: [...response.headers], body: (await response.text()).slice(0, 500) };
    } catch (error) {
      return { left, error: String(error) };
    }
  } catch (error) {
    return { left: [], error: String(error), unsent: true };
  }
}
