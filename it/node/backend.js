// A WebSocket server by the library `ws`, and a page that talks to it. Prints `port N` when it listens, and
// `result TEXT` when the page has told how it went.
const http = require('http');
const { WebSocketServer } = require('ws');

const PAGE = `<!doctype html><title>websocket</title><script>
const socket = new WebSocket('ws://' + location.host + '/chat');
socket.binaryType = 'arraybuffer';
const large = new Uint8Array(300000).map((_, i) => i * 7);
const got = [];
const tell = text => fetch('/result?' + encodeURIComponent(text));
socket.onopen = () => { socket.send('h\\u00e9llo'); socket.send(large); };
socket.onerror = () => tell('error');
socket.onmessage = event => {
  got.push(event.data);
  if (got.length === 2) socket.close(4001, 'done');
};
socket.onclose = event => {
  const same = got[0] === 'h\\u00e9llo' && new Uint8Array(got[1]).every((b, i) => b === large[i]);
  tell(same + ' ' + event.code + ' ' + event.wasClean);
};
</script>`;

const server = http.createServer((request, response) => {
  if (request.url.startsWith('/result?')) {
    console.log('result ' + decodeURIComponent(request.url.slice('/result?'.length)));
    response.end();
  } else {
    response.setHeader('Content-Type', 'text/html');
    response.end(PAGE);
  }
});
new WebSocketServer({ server, path: '/chat' }).on('connection', socket => {
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on('error', () => {});
});
server.listen(0, '127.0.0.1', () => console.log('port ' + server.address().port));
