// node's own server: says in X-Read what it read of each request.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';

createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    const body = Buffer.concat(parts);
    const target = Buffer.from(request.url, 'latin1').toString('hex');
    const sum = createHash('sha256').update(body).digest('hex');
    response.writeHead(200, { 'X-Read': `${request.method} ${target} ${body.length} ${sum}`, 'Content-Length': 0 });
    response.end();
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
