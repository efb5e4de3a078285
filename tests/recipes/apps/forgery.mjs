// What a page does with an API that checks Origin and a token against forged requests.
export async function forgery(api, header) {
  const token = await (await fetch(`${api}/token`, { credentials: 'include' })).text();
  const send = (headers) => fetch(`${api}/items`, { method: 'POST', credentials: 'include', headers });
  const without = await send({});
  const answer = await send({ [header]: token });
  return [without.status, answer.status, answer.ok && await answer.text() === api];
}

// Action Cable's first message.
export const cable = (api) => new Promise((resolve, reject) => {
  const socket = new WebSocket(`${api.replace('http', 'ws')}/cable`, 'actioncable-v1-json');
  socket.onmessage = ({ data }) => { socket.close(); resolve(JSON.parse(data).type); };
  socket.onerror = () => reject(new Error('refused'));
});
