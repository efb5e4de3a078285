// node apollo.mjs PORT
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const schema = buildSchema(`
  type Query { hello: String! }
  type Mutation { rename(name: String!): String! }
  type Subscription { count(target: Int!): Int! }
`);
const rootValue = { hello: 'world', rename: ({ name }) => name.toUpperCase() };
const subscription = {
  async *count({ target }) {
    for (let count = 0; count < target; count++) yield { count };
  },
};

const server = new ApolloServer({ schema, rootValue });
await server.start();
const app = express().use('/graphql', express.json(), expressMiddleware(server));
const http = createServer(app);
useServer({ schema, roots: { subscription } }, new WebSocketServer({ server: http, path: '/graphql' }));
http.listen(Number(process.argv[2]), 'localhost');
