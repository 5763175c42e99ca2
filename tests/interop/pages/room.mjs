/* Video with layers, to EchoTest and back, or through a room: the browser's own
   API, so that tests choose codec and encodings. Tests reach it as
   window.Layers. */

import { Client } from './client.mjs';

const size = { width: 1280, height: 720, frameRate: 30 };

export class Layers {
  constructor(ws) {
    this.ws = ws;
  }

  async attach(plugin) {
    const client = await new Client(this.ws).opened;
    await client.create();
    const handle = await client.attach(`janus.plugin.${plugin}`);
    const pc = new RTCPeerConnection();
    pc.onicecandidate = ({ candidate }) => client.send({
      janus: 'trickle', transaction: 'trickle', session_id: client.session,
      handle_id: handle, candidate: candidate ?? { completed: true } });
    pc.ontrack = ({ track }) => {
      const element = document.createElement('video');
      element.autoplay = element.muted = true;
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
    };
    return { client, handle, pc };
  }

  /* Offers video of one codec, sent in those encodings. */
  async offer(call, body, { codec, encodings, direction }) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: size });
    const transceiver = call.pc.addTransceiver(stream.getVideoTracks()[0],
      { direction, sendEncodings: encodings, streams: [stream] });
    const all = RTCRtpSender.getCapabilities('video').codecs;
    const wanted = all.filter(({ mimeType }) =>
      mimeType.toLowerCase() === `video/${codec}`);
    const rtx = all.filter(({ mimeType }) => mimeType === 'video/rtx');
    transceiver.setCodecPreferences([...wanted, ...rtx]);
    await call.pc.setLocalDescription();
    const mode = encodings[0].scalabilityMode;
    const answer = await call.client.message(call.handle, body, {
      type: 'offer', sdp: call.pc.localDescription.sdp,
      ...(mode && encodings.length === 1 ?
        { svc: [{ mindex: 0, mid: '0', svc: mode }] } : {}) });
    await call.pc.setRemoteDescription(answer.jsep);
    return answer.plugindata.data;
  }

  async echo(settings) {
    const call = await this.attach('echotest');
    await this.offer(call, { video: true, videocodec: settings.codec },
      { direction: 'sendrecv', ...settings });
    this.receiver = call;
    this.streams = (body) => body;
    return this;
  }

  async room(settings) {
    const call = await this.attach('videoroom');
    const { plugindata } = await call.client.message(call.handle,
      { request: 'create', videocodec: settings.codec, publishers: 3 });
    const room = plugindata.data.room;
    const joined = await call.client.message(call.handle,
      { request: 'join', ptype: 'publisher', room });
    const feed = joined.plugindata.data.id;
    this.published = await this.offer(call, { request: 'publish' },
      { direction: 'sendonly', ...settings });
    await call.client.event('webrtcup');
    this.publisher = call;
    this.receiver = await this.subscribe(room, feed);
    this.streams = (body) => ({ request: 'configure',
      streams: [{ mid: '0', ...body }] });
    return this;
  }

  async subscribe(room, feed) {
    const call = await this.attach('videoroom');
    const offer = await call.client.message(call.handle, { request: 'join',
      ptype: 'subscriber', room, streams: [{ feed }] });
    this.attached = offer.plugindata.data;
    await call.pc.setRemoteDescription(offer.jsep);
    await call.pc.setLocalDescription();
    await call.client.message(call.handle, { request: 'start' },
      { type: 'answer', sdp: call.pc.localDescription.sdp });
    return call;
  }

  configure(body) {
    const { client, handle } = this.receiver;
    return client.message(handle, this.streams(body));
  }

  /* What is decoded, and how often over the last second. */
  async measure() {
    const read = async () => [...(await this.receiver.pc.getStats()).values()]
      .find(({ type, kind }) => type === 'inbound-rtp' && kind === 'video');
    const from = await read();
    await new Promise((resolve) => setTimeout(resolve, 1000));
    const to = await read();
    return { width: to?.frameWidth, loss: to?.packetsLost,
      freezes: to?.freezeCount, plis: to?.pliCount,
      rate: (to?.framesDecoded ?? 0) - (from?.framesDecoded ?? 0) };
  }

  /* Measures until check() likes it; resolves to the last, either way. */
  async settle(check, timeoutMs = 15000) {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const now = await this.measure();
      if (check(now))
        return { ...now, ok: true };
      if (performance.now() > deadline)
        return { ...now, ok: false };
    }
  }

  /* Members of events that tell of layers. */
  news() {
    return this.receiver.client.events
      .map(({ plugindata }) => plugindata?.data)
      .filter((data) => data && ['substream', 'temporal', 'spatial_layer',
        'temporal_layer'].some((name) => name in data));
  }
}

window.Layers = Layers;
