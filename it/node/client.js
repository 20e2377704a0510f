// A WebSocket client by the library `ws`: node client.js URL. Prints `ok` when everything came back as it was sent.
const { WebSocket } = require('ws');
const assert = require('assert');

const socket = new WebSocket(process.argv[2]);
const large = Buffer.alloc(1 << 20, 'fairlead');
const got = [];
socket.on('open', () => {
  socket.ping('are you there');
  socket.send('text');
  socket.send(large);
});
socket.on('pong', data => got.push('pong ' + data));
socket.on('message', (data, isBinary) => {
  got.push(isBinary ? data : data.toString());
  if (isBinary) socket.close(1000, 'thanks');
});
socket.on('error', error => { console.log('error ' + error.message); process.exit(1); });
socket.on('close', code => {
  assert.deepStrictEqual(got.slice(0, 2).sort(), ['pong are you there', 'text']);
  assert.ok(large.equals(got[2]));
  assert.strictEqual(code, 1000);
  console.log('ok');
});
