/* Publishers and viewers of the VideoRoom plugin that use the browser's own
   API. What a publisher sends is one colour, so that a viewer can tell whose
   picture an m-line shows. Tests reach them as window.rooms. */

import { Client } from './client.mjs';

const plugin = 'janus.plugin.videoroom';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* Waits until check() gives something, or says what was not there. */
export async function until(what, check, timeoutMs = 20000) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value)
      return value;
    if (performance.now() > deadline)
      throw new Error(`${timeoutMs} ms went by without: ${what}`);
    await pause(20);
  }
}

class Member {
  constructor(url, room) {
    Object.assign(this, { url, room, pc: new RTCPeerConnection() });
  }

  async open() {
    this.client = await new Client(this.url).opened;
    await this.client.create();
    this.handle = await this.client.attach(plugin);
    this.pc.onicecandidate = ({ candidate }) => this.client.send({
      janus: 'trickle', transaction: 'trickle',
      session_id: this.client.session, handle_id: this.handle,
      candidate: candidate ?? { completed: true } });
    return this;
  }

  /* Asks the plugin; an error is thrown. */
  async ask(body, jsep) {
    const answer = await this.client.message(this.handle, body, jsep);
    const data = answer.plugindata?.data;
    if (!data || data.error)
      throw new Error(JSON.stringify(answer));
    return { ...data, jsep: answer.jsep };
  }

  async close() {
    this.pc.close();
    await this.client.ask('destroy');
    await this.client.close();
  }
}

/* A picture of one colour with something that moves in it, and a tone. */
function paint(colour, [width, height], fps) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d');
  let count = 0;
  const draw = () => {
    context.fillStyle = colour;
    context.fillRect(0, 0, width, height);
    context.fillStyle = '#000';
    context.fillRect(count++ * 4 % width, height - 8, 8, 8);
  };
  draw();
  const timer = setInterval(draw, 1000 / fps);
  return { track: canvas.captureStream(fps).getVideoTracks()[0],
    stop: () => clearInterval(timer) };
}

function hum() {
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: 440 });
  const out = context.createMediaStreamDestination();
  tone.connect(new GainNode(context, { gain: 0.2 })).connect(out);
  tone.start();
  return { track: out.stream.getAudioTracks()[0],
    stop: () => context.close() };
}

export class Publisher extends Member {
  /* Enters the room; others are in this.others. */
  async join(display) {
    await this.open();
    const joined = await this.ask({ request: 'join', ptype: 'publisher',
      room: this.room, display });
    this.id = joined.id;
    this.others = joined.publishers;
    return this;
  }

  /* encodings: of simulcast, else one. */
  async publish(colour, { size = [320, 180], fps = 15, encodings } = {}) {
    this.sources = [hum(), paint(colour, size, fps)];
    const [audio, video] = this.sources.map(({ track }) => track);
    this.pc.addTransceiver(audio, { direction: 'sendonly' });
    this.pc.addTransceiver(video, { direction: 'sendonly',
      ...(encodings && { sendEncodings: encodings }) });
    await this.pc.setLocalDescription();
    const { jsep } = await this.ask({ request: 'configure' },
      this.pc.localDescription);
    await this.pc.setRemoteDescription(jsep);
    await this.client.event('webrtcup', this.handle);
    return this;
  }

  async close() {
    this.sources?.forEach((source) => source.stop());
    await super.close();
  }
}

export class Viewer extends Member {
  constructor(url, room) {
    super(url, room);
    this.videos = new Map();
    this.answering = Promise.resolve();
    this.pc.ontrack = ({ track, transceiver }) =>
      this.show(track, transceiver.mid);
  }

  /* Keeps when the first frame after now could be seen, as video.seenMs. */
  show(track, mid) {
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.muted = true;
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    element.play().catch(() => { });
    if (track.kind !== 'video')
      return;
    this.videos.get(mid)?.remove();
    this.videos.set(mid, element);
    element.requestVideoFrameCallback((now) => {
      element.seenMs = now;
    });
  }

  /* Whatever offer comes, asked for or not, is answered in its turn. */
  async open() {
    await super.open();
    this.client.onmessage = (message) => {
      if (message.sender === this.handle && message.jsep?.type === 'offer')
        this.answering = this.answering.then(() => this.answer(message));
    };
    return this;
  }

  async answer({ jsep, plugindata }) {
    this.streams = plugindata.data.streams ?? this.streams;
    await this.pc.setRemoteDescription(jsep);
    await this.pc.setLocalDescription();
    await this.ask({ request: 'start' }, this.pc.localDescription);
  }

  /* All streams of these publishers' ids. */
  async join(ids) {
    await this.open();
    return this.request({ request: 'join', ptype: 'subscriber',
      room: this.room, streams: ids.map((feed) => ({ feed })) });
  }

  subscribe(...ids) {
    return this.request({ request: 'subscribe',
      streams: ids.map((feed) => ({ feed })) });
  }

  async request(body) {
    this.askedMs = performance.now();
    await this.ask(body);
    await this.answering;
    return this;
  }

  /* What is fed by a publisher now: { audio, video }, each with its mid. */
  lines(feed) {
    const mine = this.streams.filter(({ feed_id: id, active }) =>
      active && id === feed);
    return Object.fromEntries(mine.map((stream) => [stream.type, stream]));
  }

  /* Frames decoded and packets by mid. */
  async counts() {
    const counts = {};
    for (const report of (await this.pc.getStats()).values())
      if (report.type === 'inbound-rtp')
        counts[report.mid] = { frames: report.framesDecoded ?? 0,
          packets: report.packetsReceived };
    return counts;
  }

  /* The colour in the middle of a publisher's picture. */
  colour(feed) {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 9;
    const context = canvas.getContext('2d');
    context.drawImage(this.videos.get(this.lines(feed).video.mid), 0, 0, 9, 9);
    return [...context.getImageData(4, 4, 1, 1).data.slice(0, 3)];
  }

  /* Waits until more of each publisher was decoded and heard. */
  async flows(ids, frames = 20) {
    const from = await this.counts();
    const more = (now, mid, key) => (now[mid]?.[key] ?? 0) -
      (from[mid]?.[key] ?? 0);
    return until('media of all', async () => {
      const now = await this.counts();
      return ids.every((id) => {
        const { audio, video } = this.lines(id);
        return video && more(now, video.mid, 'frames') >= frames &&
          audio && more(now, audio.mid, 'packets') >= frames;
      }) && now;
    });
  }

  /* From the request to the first frame of a publisher, in ms. */
  async firstFrame(feed) {
    const seen = await until(`a frame of ${feed}`, () =>
      this.videos.get(this.lines(feed).video?.mid)?.seenMs);
    return Math.round(seen - this.askedMs);
  }
}

window.rooms = { Publisher, Viewer, until };
