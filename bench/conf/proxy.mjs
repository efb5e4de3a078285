// http-proxy-middleware behind cors, as their guides put them together, with connections to the API that are kept.
import http from "node:http";
import { createRequire } from "node:module";

const require = createRequire(process.argv[2] + "/");
const cors = require("cors")({
  origin: ["https://app.example.com", /^https:\/\/[a-z0-9.-]+\.preview\.example\.com$/],
  methods: ["GET", "HEAD", "POST", "PUT", "DELETE"],
  allowedHeaders: ["Content-Type", "Authorization"],
  exposedHeaders: ["X-Total-Count", "ETag"],
  credentials: true,
  maxAge: 600,
});
const proxy = require("http-proxy-middleware").createProxyMiddleware({
  target: "http://127.0.0.1:@UPSTREAM@",
  agent: new http.Agent({ keepAlive: true, maxFreeSockets: 64 }),
  xfwd: true,
});
const failed = (response) => () => response.writeHead(500).end();
const server = http.createServer((request, response) =>
  cors(request, response, () => proxy(request, response, failed(response))),
);
server.keepAliveTimeout = 75000;
server.listen({ port: @PORT@, host: "127.0.0.1", backlog: 4096 });
