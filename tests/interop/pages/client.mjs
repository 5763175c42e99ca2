/* A small client of the API over a WebSocket, for pages and for node alike:
   it sends exactly what it is told to. */

let count = 0;

export class Client {
  /* WebSocketClass: of a browser, or of the package ws. */
  constructor(url, WebSocketClass = globalThis.WebSocket,
    protocol = 'janus-protocol') {
    this.waiting = [];
    this.events = [];
    this.socket = new WebSocketClass(url, protocol);
    this.opened = new Promise((resolve, reject) => {
      this.socket.addEventListener('open', () => resolve(this));
      this.socket.addEventListener('error', () =>
        reject(new Error(`no WebSocket to ${url}`)));
    });
    this.closed = new Promise((resolve) =>
      this.socket.addEventListener('close', resolve));
    this.socket.addEventListener('message', ({ data }) =>
      this.take(JSON.parse(data)));
  }

  /* onmessage, where set, sees every message before those who wait. */
  take(message) {
    this.events.push(message);
    this.onmessage?.(message);
    for (const waiter of [...this.waiting])
      if (waiter.check(message)) {
        this.waiting.splice(this.waiting.indexOf(waiter), 1);
        waiter.resolve(message);
      }
  }

  /* The first message that satisfies check, past ones included. */
  wait(what, check, timeoutMs = 20000) {
    const past = this.events.find(check);
    if (past)
      return Promise.resolve(past);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${timeoutMs} ms went ` +
        `by without: ${what}; had ${JSON.stringify(this.events.slice(-5))}`)),
      timeoutMs);
      this.waiting.push({ check, resolve: (message) => {
        clearTimeout(timer);
        resolve(message);
      } });
    });
  }

  event(janus, sender, timeoutMs) {
    return this.wait(janus, (message) => message.janus === janus &&
      (!sender || message.sender === sender), timeoutMs);
  }

  send(message) {
    this.socket.send(JSON.stringify(message));
  }

  /* Resolves to the answer; an ack is one only where acks are wanted. */
  request(message, { ack = false, timeoutMs } = {}) {
    const transaction = `t${++count}`;
    this.send({ transaction, ...message });
    return this.wait(`answer to ${message.janus}`, (answer) =>
      answer.transaction === transaction && (ack || answer.janus !== 'ack'),
    timeoutMs);
  }

  async create() {
    const { data } = await this.request({ janus: 'create' });
    this.session = data.id;
    return data.id;
  }

  async attach(plugin = 'janus.plugin.echotest') {
    const { data } = await this.request({ janus: 'attach',
      session_id: this.session, plugin });
    return data.id;
  }

  ask(janus, handle, more, options) {
    return this.request({ janus, session_id: this.session,
      ...(handle ? { handle_id: handle } : {}), ...more }, options);
  }

  /* A plugin's message, to its answer or event. */
  message(handle, body, jsep) {
    return this.ask('message', handle, { body, ...(jsep ? { jsep } : {}) });
  }

  close() {
    this.socket.close();
    return this.closed;
  }
}
