// Listens where another bot's gateway should, speaks its protocol up to the challenge, and writes
// down all that it is told. Arguments: port, file.
const [port, file] = process.argv.slice(2);
const fs = require("fs");
const note = (text) => fs.appendFileSync(file, text + "\n");
const unmask = (data) => {
  // Frames of a client: two bytes of head, a length, four bytes of mask, the text.
  let texts = "";
  while (data.length >= 6) {
    let at = 2, length = data[1] & 127;
    if (length === 126) { length = data.readUInt16BE(2); at = 4; }
    if (length === 127) { length = Number(data.readBigUInt64BE(2)); at = 10; }
    const mask = data.subarray(at, at + 4);
    const body = data.subarray(at + 4, at + 4 + length);
    texts += Buffer.from(body.map((byte, i) => byte ^ mask[i % 4])).toString() + "\n";
    data = data.subarray(at + 4 + length);
  }
  return texts;
};
const server = require("http").createServer((request, answer) => {
  note(`${request.method} ${request.url} ${JSON.stringify(request.headers)}`);
  answer.setHeader("content-type", "application/json");
  answer.end(JSON.stringify({ ready: true, failing: [] }));
});
server.on("connection", () => note("connected"));
server.on("upgrade", (request, socket, head) => {
  note(`upgrade ${request.url} ${JSON.stringify(request.headers)}`);
  const key = request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
  const accept = require("crypto").createHash("sha1").update(key).digest("base64");
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  const text = JSON.stringify({ type: "event", event: "connect.challenge", payload: { nonce: "n", ts: Date.now() } });
  const length = text.length < 126 ? Buffer.from([0x81, text.length]) : Buffer.from([0x81, 126, text.length >> 8, text.length & 255]);
  socket.write(Buffer.concat([length, Buffer.from(text)]));
  socket.on("data", (data) => note(`told ${data.toString("hex")}\n${unmask(data)}`));
  socket.on("error", () => {});
});
server.listen(Number(port), "127.0.0.1", () => note("listening"));
