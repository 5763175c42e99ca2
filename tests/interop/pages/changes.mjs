/* Calls that change while they are recorded: m-lines that come later, mutes,
   payload that is encrypted; tests reach them as window.changes. */

import { Client } from './client.mjs';
import { Flash, flashAndBeep } from './flash.mjs';

/* What decoders and packetisers look at stays clear. */
const clearBytes = { audio: 1, video: 10 };

function scramble(kind, { readable, writable }) {
  readable.pipeThrough(new TransformStream({ transform(frame, controller) {
    const bytes = new Uint8Array(frame.data.slice(0));
    for (let i = clearBytes[kind]; i < bytes.length; i++)
      bytes[i] ^= 0x5a;
    frame.data = bytes.buffer;
    controller.enqueue(frame);
  } })).pipeTo(writable);
}

class Call extends Flash {
  constructor(ws, plugin, { encrypted = false } = {}) {
    super(ws, plugin);
    this.encrypted = encrypted;
    if (encrypted)
      this.pc = new RTCPeerConnection({ encodedInsertableStreams: true });
  }

  async open() {
    this.client = await new Client(this.ws).opened;
    await this.client.create();
    this.handle = await this.client.attach(`janus.plugin.${this.plugin}`);
    this.pc.onicecandidate = ({ candidate }) => this.client.send({
      janus: 'trickle', transaction: 'trickle',
      session_id: this.client.session, handle_id: this.handle,
      candidate: candidate ?? { completed: true } });
    return this;
  }

  /* Sends "audio" or "video" from the next offer on. */
  add(kind) {
    this.source ??= flashAndBeep();
    const { sender } = this.pc.addTransceiver(this.source[kind]);
    if (this.encrypted)
      scramble(kind, sender.createEncodedStreams());
    return this;
  }

  transceiver(kind) {
    return this.pc.getTransceivers().find(({ receiver, stopped }) =>
      receiver.track.kind === kind && !stopped);
  }

  /* Offers with a request of its own; resolves to the answer's data. port: of
     what stands between the server and here. */
  async offer(body, { port, ...options } = {}) {
    if (port)
      this.pc.onicecandidate = null;
    const update = Boolean(this.pc.currentLocalDescription);
    await this.pc.setLocalDescription(await this.pc.createOffer(options));
    const { type, sdp } = this.pc.localDescription;
    const answer = await this.ask(body, { type, sdp,
      ...update && { update }, ...this.encrypted && { e2ee: true } });
    if (port)
      answer.jsep.sdp = answer.jsep.sdp.replace(
        /^a=candidate:.* tcp .*\r\n/gmi, '').replace(
        /^(a=candidate:\S+ \d udp \d+ \S+ )\d+/gmi, `$1${port}`);
    await this.pc.setRemoteDescription(answer.jsep);
    if (!update)
      await this.client.event('webrtcup', this.handle);
    return { ...answer.plugindata.data, jsep: answer.jsep };
  }

  /* Takes what the plugin offers; resolves to its jsep. */
  async play(id) {
    const { jsep } = await this.ask({ request: 'play', id });
    this.pc.ontrack = ({ track, receiver }) => {
      if (this.encrypted)
        scramble(track.kind, receiver.createEncodedStreams());
    };
    await this.pc.setRemoteDescription(jsep);
    await this.pc.setLocalDescription();
    const { type, sdp } = this.pc.localDescription;
    await this.ask({ request: 'start' }, { type, sdp });
    return jsep;
  }

  /* Reports of a type, of this kind. */
  async reports(type, kind) {
    return [...(await this.pc.getStats()).values()].filter((one) =>
      one.type === type && (!kind || one.kind === kind));
  }

  async close() {
    this.source ??= { stop() {} };
    await super.close();
  }
}

window.changes = {
  call: (...all) => new Call(...all).open(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
};
