/* Sends pictures that flash while a tone beeps, to be recorded by RecordPlay or
   EchoTest; tests reach it as window.Flash. */

import { Client } from './client.mjs';

const flashMs = 200;
const toneHz = 1000;

/* Every periodMs the picture is white and the tone is on, for flashMs. */
export function flashAndBeep({ periodMs = 1000, fps = 30, width = 320,
  height = width * 3 / 4 } = {}) {
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const drawing = canvas.getContext('2d');
  const context = new AudioContext({ latencyHint: 'interactive' });
  const tone = new OscillatorNode(context, { frequency: toneHz });
  const gain = new GainNode(context, { gain: 0 });
  const out = context.createMediaStreamDestination();
  tone.connect(gain).connect(out);
  tone.start();
  let lit;
  let count = 0;
  const start = performance.now();
  const draw = () => {
    const on = (performance.now() - start) % periodMs < flashMs;
    if (on !== lit)
      gain.gain.value = on ? 0.5 : 0;
    lit = on;
    drawing.fillStyle = on ? '#fff' : '#000';
    drawing.fillRect(0, 0, width, height);
    drawing.fillStyle = '#555';
    drawing.fillRect(count++ * 4 % width, height - 8, 8, 8);
  };
  const timer = setInterval(draw, 1000 / fps);
  const [video] = canvas.captureStream(fps).getTracks();
  const [audio] = out.stream.getTracks();
  return { audio, video, stop() {
    clearInterval(timer);
    video.stop();
    audio.stop();
    context.close();
  } };
}

export class Flash {
  constructor(ws, plugin) {
    Object.assign(this, { ws, plugin, pc: new RTCPeerConnection() });
  }

  async open() {
    this.client = await new Client(this.ws).opened;
    await this.client.create();
    this.handle = await this.client.attach(`janus.plugin.${this.plugin}`);
    this.pc.onicecandidate = ({ candidate }) => this.client.send({
      janus: 'trickle', transaction: 'trickle',
      session_id: this.client.session, handle_id: this.handle,
      candidate: candidate ?? { completed: true } });
  }

  /* Offers to the plugin with a request of its own; codec: of the video; mode:
     its layers, of a larger picture. */
  async start(body, codec, mode) {
    await this.open();
    this.source = flashAndBeep({ width: mode ? 640 : 320 });
    this.pc.addTransceiver(this.source.audio);
    this.prefer(this.pc.addTransceiver(this.source.video,
      { sendEncodings: [mode ? { scalabilityMode: mode } : {}] }), codec);
    return this.offer(body);
  }

  async offer(body) {
    await this.pc.setLocalDescription();
    const answer = await this.ask(body, this.pc.localDescription);
    await this.pc.setRemoteDescription(answer.jsep);
    await this.client.event('webrtcup', this.handle);
    return answer.plugindata.data;
  }

  prefer(transceiver, codec) {
    if (!codec)
      return;
    const all = RTCRtpSender.getCapabilities('video').codecs;
    transceiver.setCodecPreferences(all.filter(({ mimeType }) =>
      [`video/${codec}`, 'video/rtx'].includes(mimeType.toLowerCase())));
  }

  async ask(body, jsep) {
    const answer = await this.client.message(this.handle, body, jsep);
    if (answer.plugindata?.data?.error || answer.janus === 'error')
      throw new Error(JSON.stringify(answer));
    return answer;
  }

  /* What was sent of each kind until now. */
  async sent() {
    const found = {};
    for (const one of (await this.pc.getStats()).values())
      if (one.type === 'outbound-rtp')
        found[one.kind] = { packets: one.packetsSent, bytes: one.bytesSent,
          frames: one.framesEncoded, mode: one.scalabilityMode };
    return found;
  }

  /* Results of events the plugin sent by itself or in answer. */
  results() {
    return this.client.events.map(({ plugindata }) =>
      plugindata?.data?.result).filter(Boolean);
  }

  async close() {
    this.source.stop();
    this.pc.close();
    await this.client.ask('destroy');
    await this.client.close();
  }
}

/* What a <video> element makes of a file: plays all of it. */
export async function watch(address) {
  const video = document.createElement('video');
  video.muted = true;
  video.playbackRate = 2;
  video.src = address;
  document.body.append(video);
  const ended = new Promise((resolve, reject) => {
    video.addEventListener('ended', resolve);
    video.addEventListener('error', () =>
      reject(new Error(`${video.error.code} ${video.error.message}`)));
  });
  await video.play();
  await ended;
  const { totalVideoFrames: frames } = video.getVideoPlaybackQuality();
  return { frames, seconds: video.currentTime, width: video.videoWidth };
}

Object.assign(window, { Flash, watch });
