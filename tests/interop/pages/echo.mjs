/* A caller of the EchoTest plugin that uses the browser's own API, so that
   tests choose each offer. Tests reach it as window.Echo. */

import { Client } from './client.mjs';

function byKind(reports, type) {
  const found = {};
  for (const report of reports.values())
    if (report.type === type && (report.packetsReceived ?? 1) > 0)
      found[report.kind] = report;
  return found;
}

export class Echo {
  constructor(url, configuration = {}) {
    this.url = url;
    this.pc = new RTCPeerConnection(configuration);
    this.heard = [];
    this.pc.ontrack = ({ track }) => this.show(track);
  }

  async open() {
    this.client = await new Client(this.url).opened;
    await this.client.create();
    this.handle = await this.client.attach();
    this.pc.onicecandidate = ({ candidate }) => this.client.send({
      janus: 'trickle', transaction: 'trickle',
      session_id: this.client.session, handle_id: this.handle,
      candidate: candidate ?? { completed: true } });
    this.client.wait('a candidate', (event) => this.takeTrickle(event), 2e9);
    return this;
  }

  /* Never the one waited for: each is taken as it comes. */
  takeTrickle({ janus, candidate }) {
    if (janus === 'trickle' && candidate.candidate)
      this.addCandidate(candidate);
    return false;
  }

  async addCandidate(candidate) {
    while (!this.pc.remoteDescription)
      await new Promise((resolve) => setTimeout(resolve, 10));
    await this.pc.addIceCandidate(candidate);
  }

  /* The types of the candidates that media goes over. */
  async selectedPair() {
    const reports = await this.pc.getStats();
    const transport = [...reports.values()].find(({ type }) =>
      type === 'transport');
    const pair = reports.get(transport?.selectedCandidatePairId);
    const local = reports.get(pair?.localCandidateId);
    return { local: local?.candidateType, relay: local?.relayProtocol,
      remote: reports.get(pair?.remoteCandidateId)?.candidateType };
  }

  /* The element keeps what comes back decoded. */
  show(track) {
    const element = document.createElement(track.kind);
    element.autoplay = true;
    element.muted = track.kind === 'video';
    element.srcObject = new MediaStream([track]);
    document.body.append(element);
    element.play().catch(() => { });
    this[track.kind] = element;
  }

  async add(constraints) {
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    return stream.getTracks().map((track) => this.pc.addTrack(track, stream));
  }

  async negotiate({ body = { audio: true, video: true }, options = {},
    mangle = (sdp) => sdp, accept = (sdp) => sdp, jsep = {} } = {}) {
    await this.pc.setLocalDescription(await this.pc.createOffer(options));
    const answer = await this.client.message(this.handle, body,
      { type: 'offer', sdp: mangle(this.pc.localDescription.sdp), ...jsep });
    if (answer.jsep)
      await this.pc.setRemoteDescription({ ...answer.jsep,
        sdp: accept(answer.jsep.sdp) });
    return answer;
  }

  /* A data channel; its echoes are in this.heard as { label, data }. */
  channel(label) {
    const channel = this.pc.createDataChannel(label);
    channel.binaryType = 'arraybuffer';
    channel.onmessage = ({ data }) => this.heard.push({ label, data });
    return new Promise((resolve) => {
      channel.onopen = () => resolve(channel);
    });
  }

  async stats() {
    const reports = await this.pc.getStats();
    const received = byKind(reports, 'inbound-rtp');
    const sent = byKind(reports, 'outbound-rtp');
    const codec = (report) => reports.get(report?.codecId)?.mimeType;
    const tracks = [...reports.values()].find((report) =>
      report.type === 'track' && report.kind === 'audio' &&
      report.remoteSource);
    return {
      sent: sent.video?.framesSent ?? 0,
      decoded: received.video?.framesDecoded ?? 0,
      packets: (received.audio?.packetsReceived ?? 0) +
        (received.video?.packetsReceived ?? 0),
      energy: received.audio?.totalAudioEnergy ?? tracks?.totalAudioEnergy ??
        0,
      audioPackets: received.audio?.packetsReceived ?? 0,
      audioCodec: codec(received.audio),
      videoCodec: codec(received.video),
    };
  }

  async waitStats(what, check, timeoutMs = 20000) {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const stats = await this.stats();
      if (check(stats))
        return stats;
      if (performance.now() > deadline)
        throw new Error(`${timeoutMs} ms went by without ${what}: ` +
          `${JSON.stringify(stats)} ${this.pc.connectionState}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  /* Waits until so many more frames came back, and more sound. */
  async flows({ frames = 20, audio = true } = {}) {
    const from = await this.stats();
    return this.waitStats('an echo', (now) =>
      now.decoded >= from.decoded + frames &&
      (!audio || now.energy > from.energy));
  }

  async close() {
    this.pc.close();
    await this.client.close();
  }
}

window.Echo = Echo;
