// The API of the recipes for Express: node express.mjs PORT FONT
import express from 'express';
import { fileURLToPath } from 'node:url';

const [port, font] = process.argv.slice(2);
const app = express();
const allow = { dotfiles: 'allow' };  // the packages are in a folder with a dot

app.get('/login', (_, answer) => answer.cookie('user', '7').json({}));
app.get('/items', ({ headers }, answer) => answer.json({
  host: headers.host, forwarded: headers['x-forwarded-for'], proto: headers['x-forwarded-proto'], trace: headers['x-amzn-trace-id'],
}));
app.put(/\/me$/, (request, answer) => answer.json({ user: request.headers['x-forwarded-user'] ?? null }));
app.put('/items/1', express.json(), (request, answer) => answer.json({ name: request.body.name, cookie: request.headers.cookie ?? null }));
app.post('/upload', (request, answer) => {
  let size = 0;
  request.on('data', (part) => { size += part.length; });
  request.on('end', () => answer.status(201).location('/uploads/1').json({ size }));
});

// One event for each connection, so that EventSource has to connect again.
app.get('/events', (request, answer) => {
  const last = Number(request.headers['last-event-id'] ?? 0);
  answer.type('text/event-stream').end(`retry: 10\nid: ${last + 1}\ndata: ${last}\n\n`);
});
// The second event comes only when the page has read the first.
let arrived;
app.get('/live', (_, answer) => {
  answer.type('text/event-stream').write('data: first\n\n');
  arrived = () => answer.end('data: second\n\n');
});
app.get('/live/arrived', (_, answer) => { arrived(); answer.end(); });

app.get('/fragment', (_, answer) => answer.set('HX-Trigger', 'saved').send('<b>saved</b>'));
app.get('/file', (_, answer) => answer.download(fileURLToPath(import.meta.url), 'report.mjs', allow));
app.get('/assets/module.js', (_, answer) => answer.type('text/javascript').send('export default 42;'));
app.get('/assets/font.woff2', (_, answer) => answer.sendFile(font, allow));

app.listen(Number(port), 'localhost');
