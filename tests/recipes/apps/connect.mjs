// Connect and gRPC-web: node connect.mjs PORT
import { Code, ConnectError } from '@connectrpc/connect';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { createServer } from 'node:http';
import { Echo } from './echo.mjs';

const routes = (router) => router.service(Echo, {
  say: ({ value }) => ({ value }),
  async *spell({ value }) {
    for (const letter of value) yield { value: letter };
  },
  fail() {
    throw new ConnectError('not today', Code.FailedPrecondition);
  },
});
createServer(connectNodeAdapter({ routes })).listen(Number(process.argv[2]), 'localhost');
