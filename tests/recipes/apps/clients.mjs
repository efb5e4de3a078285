// What the pages of the recipes do.  Each function takes the API's URL, and gives what it got.
import { createClient as createConnectClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-web';
import axios from 'axios';
import { createClient as createGraphQLClient } from 'graphql-ws';
import htmx from 'htmx.org';
import { io } from 'socket.io-client';
import * as tus from 'tus-js-client';
import { apollo } from './apolloclient.mjs';
import { Echo } from './echo.mjs';
import { cable, forgery } from './forgery.mjs';
import { presigned, s3 } from './s3.mjs';

const once = (add) => new Promise((resolve, reject) => add(resolve, reject));

const recipes = {
  apollo,
  cable,
  forgery,
  presigned,
  s3,
  async user(api, path) {
    const type = { 'Content-Type': 'application/json' };
    const answer = await fetch(api + path, { method: 'PUT', credentials: 'include', headers: type, body: '{}' });
    return [answer.status, answer.ok ? (await answer.json()).user : null];
  },

  items: async (api) => (await fetch(`${api}/items`)).json(),

  async axios(api) {
    const client = axios.create({ baseURL: api, withCredentials: true, withXSRFToken: true });
    document.cookie = 'XSRF-TOKEN=1';
    await client.get('/login');
    let progress = 0;
    const upload = await client.post('/upload', 'x'.repeat(3_000_000), {
      headers: { 'Content-Type': 'text/plain' },
      onUploadProgress: (event) => { progress = event.loaded; },
    });
    const { name, cookie } = (await client.put('/items/1', { name: 'a' })).data;
    return [upload.data.size, progress, upload.headers.location, name, /user=7/.test(cookie)];
  },

  async graphql(api) {
    const answer = await fetch(`${api}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'Apollo-Require-Preflight': '1' },
      body: JSON.stringify({ query: '{ hello }' }),
    });
    return (await answer.json()).data.hello;
  },
  async subscription(api) {
    const client = createGraphQLClient({ url: `${api.replace('http', 'ws')}/graphql`, retryAttempts: 0 });
    const numbers = [];
    for await (const each of client.iterate({ query: 'subscription { count(target: 3) }' })) numbers.push(each.data.count);
    return numbers;
  },

  async socketio(api, transport) {
    const socket = io(api, { transports: [transport], reconnection: false, withCredentials: true });
    const echo = () => once((resolve) => socket.emit('echo', 'hi', resolve));
    await once((resolve, reject) => { socket.on('connect', resolve); socket.on('connect_error', reject); });
    const said = await echo();
    socket.close();
    window.stop();  // otherwise a poll may go on after the page has been left, and the proxy waits for it
    return said;
  },

  async events(api) {
    const source = new EventSource(`${api}/events`);
    const data = await once((resolve, reject) => {
      source.onmessage = (event) => event.data === '2' && resolve(event.data);
      source.onerror = () => source.readyState === EventSource.CLOSED && reject(new Error('closed'));
    });
    source.close();
    return data;
  },
  async live(api) {
    const reader = (await fetch(`${api}/live`, { headers: { 'Last-Event-ID': '0' } })).body.getReader();
    const read = async () => new TextDecoder().decode((await reader.read()).value).trim();
    const first = await read();
    await fetch(`${api}/live/arrived`);
    return [first, await read()];
  },

  async htmx(api) {
    htmx.config.selfRequestsOnly = false;
    document.body.innerHTML = `<button hx-get="${api}/fragment" hx-target="#here">save</button><p id="here">`;
    htmx.process(document.body);
    const settled = once((resolve, reject) => {
      document.body.addEventListener('htmx:sendError', reject, { once: true });
      const saved = once((done) => document.body.addEventListener('saved', done, { once: true }));
      const swapped = once((done) => document.body.addEventListener('htmx:afterSettle', done, { once: true }));
      Promise.all([saved, swapped]).then(resolve);
    });
    document.querySelector('button').click();
    await settled;
    return document.querySelector('#here').innerHTML;
  },

  async download(api) {
    const whole = await fetch(`${api}/file`, { method: 'HEAD' });
    // The second range makes a preflight.
    const part = await fetch(`${api}/file`, { headers: { Range: 'bytes=3-5', 'If-Range': whole.headers.get('etag') } });
    return [whole.headers.get('content-disposition'), part.status, part.headers.get('content-range').split('/')[0], await part.text()];
  },

  async assets(api) {
    const face = await new FontFace('recipe', `url(${api}/assets/font.woff2)`).load();
    return [face.status, (await import(`${api}/assets/module.js`)).default];
  },

  async connect(api, kind) {
    const create = kind === 'connect' ? createConnectTransport : createGrpcWebTransport;
    const client = createConnectClient(Echo, create({ baseUrl: api }));
    const { value } = await client.say({ value: 'hi' }, { timeoutMs: 9000 });
    const letters = [];
    for await (const each of client.spell({ value: 'abc' })) letters.push(each.value);
    const failure = await client.fail({}).catch((error) => error.rawMessage);
    return [value, letters, failure];
  },

  async tus(api) {
    const found = await once((resolve, reject) => {
      const upload = new tus.Upload(new Blob(['x'.repeat(300_000)]), {
        endpoint: `${api}/files`, chunkSize: 100_000, retryDelays: null, metadata: { filename: 'a.txt' },
        onSuccess: () => resolve(upload.url), onError: reject,
      });
      upload.start();
    });
    return found.startsWith(`${api}/files/`);
  },
};

// The last argument is WebDriver's.
window.run = (name, ...rest) => {
  const done = rest.pop();
  recipes[name](...rest).then(
    (value) => done({ value }),
    (error) => done({ error: String(error?.message ?? error?.type ?? error) }),
  );
};
