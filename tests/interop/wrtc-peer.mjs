/* A PeerConnection without a browser: sends a tone, moving pictures and text,
   and counts what comes back. */

import process from 'node:process';
import { skip, until } from './server.mjs';

let wrtc;
try {
  wrtc = (await import('@roamhq/wrtc')).default;
} catch {
  skip('no @roamhq/wrtc: run npm ci in tests/interop');
}

const rate = 48000;
const toneHz = 440;
const width = 320;
const height = 240;

/* The module crashes when the process ends by itself. */
process.on('exit', (code) => process.reallyExit(process.exitCode ?? code));

export class WrtcPeer {
  constructor({ audio = true, video = true, data = true,
    configuration = {} } = {}) {
    this.count = { audio: 0, loud: 0, video: 0, texts: [], binary: [] };
    this.timers = [];
    this.tracks = [];
    this.sinks = [];
    this.pc = new wrtc.RTCPeerConnection(configuration);
    this.pc.ontrack = ({ track }) => this.listen(track);
    if (audio)
      this.addAudio();
    if (video)
      this.addVideo();
    if (data)
      this.addData('echo');
  }

  addAudio() {
    const source = new wrtc.nonstandard.RTCAudioSource();
    const samples = new Int16Array(rate / 100);
    let at = 0;
    this.add(source.createTrack(), 10, () => {
      for (let i = 0; i < samples.length; i++)
        samples[i] = 12000 * Math.sin(2 * Math.PI * toneHz * at++ / rate);
      source.onData({ samples, sampleRate: rate, bitsPerSample: 16,
        channelCount: 1, numberOfFrames: samples.length });
    });
  }

  addVideo() {
    const source = new wrtc.nonstandard.RTCVideoSource();
    const data = new Uint8ClampedArray(width * height * 3 / 2).fill(128);
    let shade = 0;
    this.add(source.createTrack(), 40, () => {
      data.fill(shade = (shade + 7) % 256, 0, width * height / 2);
      source.onFrame({ width, height, data });
    });
  }

  add(track, everyMs, feed) {
    this.tracks.push(track);
    this.pc.addTrack(track);
    this.timers.push(setInterval(feed, everyMs));
  }

  addData(label) {
    this.channel = this.pc.createDataChannel(label);
    this.channel.binaryType = 'arraybuffer';
    this.channel.onmessage = ({ data }) =>
      (typeof data === 'string' ? this.count.texts : this.count.binary)
        .push(data);
  }

  listen(track) {
    const { nonstandard } = wrtc;
    const sink = track.kind === 'audio' ? new nonstandard.RTCAudioSink(track) :
      new nonstandard.RTCVideoSink(track);
    sink.ondata = ({ samples }) => {
      this.count.audio++;
      if (samples.some((sample) => Math.abs(sample) > 3000))
        this.count.loud++;
    };
    sink.onframe = () => this.count.video++;
    this.sinks.push(sink);
  }

  trickle(client, handle) {
    this.pc.onicecandidate = ({ candidate }) => client.send({
      janus: 'trickle', transaction: 'trickle', session_id: client.session,
      handle_id: handle, candidate: candidate ?? { completed: true } });
  }

  /* Offers to the EchoTest plugin's handle, and takes its answer. */
  async call(client, handle, body = { audio: true, video: true }) {
    this.trickle(client, handle);
    const offer = await this.pc.createOffer();
    await this.pc.setLocalDescription(offer);
    const answer = await client.message(handle, body,
      { type: offer.type, sdp: this.change?.(offer.sdp) ?? offer.sdp });
    if (answer.jsep)
      await this.pc.setRemoteDescription(answer.jsep);
    return answer;
  }

  /* Answers a handle's offer. */
  async answer(client, handle, offer, body) {
    this.trickle(client, handle);
    await this.pc.setRemoteDescription(offer);
    const answer = await this.pc.createAnswer();
    await this.pc.setLocalDescription(answer);
    return client.message(handle, body,
      { type: answer.type, sdp: answer.sdp });
  }

  connected() {
    return until('a connection', () => this.pc.connectionState === 'connected');
  }

  /* Waits until so many frames of each medium came back. */
  async flows(frames = 10) {
    await until('an echo of the tone', () => this.count.loud >= frames);
    await until('an echo of the pictures', () => this.count.video >= frames);
  }

  close() {
    this.timers.forEach(clearInterval);
    this.sinks.forEach((sink) => sink.stop());
    this.tracks.forEach((track) => track.stop());
    this.pc.close();
  }
}
