// node socketio.mjs PORT
import { Server } from 'socket.io';
import { createServer } from 'node:http';

const http = createServer();
new Server(http).on('connection', (socket) => socket.on('echo', (text, answer) => answer(text)));
http.listen(Number(process.argv[2]), 'localhost');
