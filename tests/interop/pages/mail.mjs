/* In a page: leaves messages with voicemail and hears its greeting, with the
   browser's own API. window.mail has what tests use. */
import { Client } from './client.mjs';

const pollMs = 20;
const callerHz = 700;

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

class Caller {
  heard = [];                   /* { at, hz } of each moment that is loud */

  async open(ws) {
    this.client = await new Client(ws).opened;
    await this.client.create();
    this.handle = await this.client.attach('janus.plugin.voicemail');
    this.context = new AudioContext();
    this.pc = new RTCPeerConnection();
    this.pc.addEventListener('track', ({ track }) => this.listen(track));
    this.pc.addEventListener('icecandidate', ({ candidate }) =>
      this.client.ask('trickle', this.handle, { candidate: candidate ?? {
        completed: true } }, { ack: true }));
    return this;
  }

  /* A tone to send. */
  tone() {
    const tone = new OscillatorNode(this.context, { frequency: callerHz });
    const out = this.context.createMediaStreamDestination();
    tone.connect(new GainNode(this.context, { gain: 0.5 })).connect(out);
    tone.start();
    return out.stream.getAudioTracks()[0];
  }

  /* Chromium decodes for those who have an element, too. */
  listen(track) {
    const stream = new MediaStream([track]);
    this.audio = new Audio();
    this.audio.srcObject = stream;
    this.audio.play();
    this.ear = new AnalyserNode(this.context, { fftSize: 2048,
      smoothingTimeConstant: 0 });
    this.context.createMediaStreamSource(stream).connect(this.ear);
    this.timer = setInterval(() => this.note(), pollMs);
  }

  note() {
    const levels = new Float32Array(this.ear.frequencyBinCount);
    this.ear.getFloatFrequencyData(levels);
    const top = levels.indexOf(Math.max(...levels));
    if (levels[top] > -50)
      this.heard.push({ at: performance.now(),
        hz: top * this.context.sampleRate / this.ear.fftSize });
  }

  /* The direction of the answer. silent: nothing is sent, after all. */
  async record({ direction = 'sendrecv', silent = false } = {}) {
    const { sender } = this.pc.addTransceiver(this.tone(), { direction });
    if (silent)
      await sender.replaceTrack(null);
    await this.pc.setLocalDescription();
    const { plugindata, jsep } = await this.client.message(this.handle,
      { request: 'record' },
      { type: 'offer', sdp: this.pc.localDescription.sdp });
    if (plugindata.data.status !== 'starting')
      throw new Error(JSON.stringify(plugindata));
    await this.pc.setRemoteDescription(jsep);
    return /^a=(sendrecv|recvonly|sendonly|inactive)/m.exec(jsep.sdp)[1];
  }

  /* Resolves to when the event came. */
  async status(name, timeoutMs) {
    const message = await this.client.wait(name, ({ plugindata }) =>
      plugindata?.data?.status === name, timeoutMs);
    return { at: performance.now(), ...message.plugindata.data };
  }

  has(name) {
    return this.client.events.some(({ plugindata }) =>
      plugindata?.data?.status === name);
  }

  async stop() {
    const { plugindata } = await this.client.message(this.handle,
      { request: 'stop' });
    return plugindata.data;
  }

  async close() {
    clearInterval(this.timer);
    this.pc.close();
    await this.client.close();
  }
}

window.mail = { pause, caller: (ws) => new Caller().open(ws) };
