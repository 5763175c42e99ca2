/* In a page: records what the fake devices send, and plays recordings, with the
   browser's own API. window.replay has what tests use. */
import { Client } from './client.mjs';

const pollMs = 10;
const plugin = 'janus.plugin.recordplay';

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

export async function until(what, check, timeoutMs = 20000) {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value)
      return value;
    if (performance.now() > deadline)
      throw new Error(`${timeoutMs} ms went by without: ${what}`);
    await pause(pollMs);
  }
}

class Caller {
  async open(ws) {
    this.client = await new Client(ws).opened;
    await this.client.create();
    this.handle = await this.client.attach(plugin);
    this.pc = new RTCPeerConnection();
    this.pc.addEventListener('icecandidate', ({ candidate }) =>
      this.client.ask('trickle', this.handle, { candidate: candidate ?? {
        completed: true } }, { ack: true }));
    return this;
  }

  async say(body, jsep) {
    const answer = await this.client.message(this.handle, body, jsep);
    const { data } = answer.plugindata;
    if (data.error_code)
      throw new Error(`${data.error_code} ${data.error}`);
    return { ...data, jsep: answer.jsep };
  }

  /* What came without being asked for. */
  async told(status, timeoutMs) {
    const { plugindata } = await this.client.wait(status, (message) =>
      !message.transaction && message.plugindata?.data?.result?.status ===
        status, timeoutMs);
    return plugindata.data.result;
  }

  done(timeoutMs) {
    return this.told('done', timeoutMs);
  }

  async inbound(kind) {
    for (const report of (await this.pc.getStats()).values())
      if (report.type === 'inbound-rtp' && report.kind === kind)
        return report;
    return {};
  }

  async close() {
    this.pc.close();
    await this.client.close();
  }
}

/* Only this codec, and what repairs it. */
function prefer(transceiver, codec) {
  const wanted = [`video/${codec}`, 'video/rtx'];
  transceiver.setCodecPreferences(RTCRtpSender.getCapabilities('video').codecs
    .filter(({ mimeType }) => wanted.includes(mimeType.toLowerCase())));
}

class Recorder extends Caller {
  /* sendEncodings, and a codec: layers. */
  async record(body, { video = { width: 320, height: 240 }, sendEncodings,
    codec = 'vp8' } = {}) {
    const context = new AudioContext();
    const tone = new OscillatorNode(context, { frequency: 1000 });
    const out = context.createMediaStreamDestination();
    tone.connect(new GainNode(context, { gain: 0.5 })).connect(out);
    tone.start();
    const camera = await navigator.mediaDevices.getUserMedia({ video });
    this.pc.addTrack(out.stream.getTracks()[0], out.stream);
    const transceiver = this.pc.addTransceiver(camera.getTracks()[0],
      { streams: [out.stream], ...sendEncodings && { sendEncodings } });
    if (sendEncodings)
      prefer(transceiver, codec);
    await this.pc.setLocalDescription();
    const { result, jsep } = await this.say({ request: 'record', ...body },
      { type: 'offer', sdp: this.pc.localDescription.sdp,
        ...sendEncodings?.[0].scalabilityMode && { svc: [{ mindex: 1,
          mid: '1', svc: sendEncodings[0].scalabilityMode }] } });
    await this.pc.setRemoteDescription(jsep);
    await this.client.event('webrtcup', this.handle);
    return result;
  }

  /* Widths that are sent. */
  async layers() {
    return [...(await this.pc.getStats()).values()].filter((report) =>
      report.type === 'outbound-rtp' && report.kind === 'video' &&
      report.framesPerSecond > 0).map((report) => report.frameWidth);
  }
}

class Viewer extends Caller {
  async play(id, more = {}) {
    const { result, jsep } = await this.say({ request: 'play', id, ...more });
    this.video = document.createElement('video');
    this.video.muted = true;
    this.video.srcObject = new MediaStream();
    this.pc.addEventListener('track', ({ track }) => {
      this.video.srcObject.addTrack(track);
      if (track.kind === 'audio')
        this.listen(track);
    });
    await this.pc.setRemoteDescription(jsep);
    await this.pc.setLocalDescription();
    await this.say({ request: 'start' },
      { type: 'answer', sdp: this.pc.localDescription.sdp });
    this.video.play();
    return result;
  }

  listen(track) {
    this.context = new AudioContext({ latencyHint: 'interactive' });
    this.ear = new AnalyserNode(this.context, { fftSize: 2048 });
    this.context.createMediaStreamSource(new MediaStream([track]))
      .connect(this.ear);
  }

  /* Hz of what is loudest; 0 in silence. */
  frequency() {
    const levels = new Float32Array(this.ear.frequencyBinCount);
    this.ear.getFloatFrequencyData(levels);
    const top = levels.indexOf(Math.max(...levels));
    return levels[top] < -60 ? 0 :
      top * this.context.sampleRate / this.ear.fftSize;
  }

  loud() {
    const samples = new Float32Array(256);
    this.ear.getFloatTimeDomainData(samples);
    return samples.some((value) => Math.abs(value) > 0.1);
  }

  bright() {
    const canvas = this.canvas ??= new OffscreenCanvas(8, 8);
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.drawImage(this.video, 0, 0, 8, 8);
    return context.getImageData(4, 4, 1, 1).data[1] > 128;
  }

  /* Beginnings of flashes and of beeps for a while, in ms. */
  async flashesAndBeeps(ms) {
    const flashes = [];
    const beeps = [];
    let bright = true;
    let loud = true;
    const end = performance.now() + ms;
    while (performance.now() < end) {
      const now = performance.now();
      if (this.bright() !== bright && (bright = !bright))
        flashes.push(now);
      if (this.loud() !== loud && (loud = !loud))
        beeps.push(now);
      await pause(4);
    }
    return { flashes, beeps };
  }
}

window.replay = {
  until,
  recorder: (ws) => new Recorder().open(ws),
  viewer: (ws) => new Viewer().open(ws),
};
