/* One call to the echo test: captured media, session, handle, connection.
   It knows nothing of the page and tells it everything through events. */

import { acceptAnswer, attach, createOffer, openSession, replaceTrack, request }
  from './session.js';
import { capture } from './devices.js';

/* Thrown out of start when stop came in between. */
export class Stopped extends Error {}

/* Adds parameters to the format line of Opus in an offer. */
export function addOpusParameters(sdp, parameters) {
  if (parameters.length === 0)
    return sdp;
  const types = [...sdp.matchAll(/^a=rtpmap:(\d+) opus\/48000\/2/gim)];
  return types.reduce((text, [, type]) => text.replace(
    new RegExp(`^(a=fmtp:${type} [^\\r\\n]*)`, 'm'),
    `$1;${parameters.join(';')}`), sdp);
}

export class EchoCall {
  #closed = false;
  #events;
  #handle;
  #janus;
  #options;
  #sending = Promise.resolve();
  #stream;
  #switching = Promise.resolve();

  /* options: addresses, plugin, camera, microphone, acodec, vcodec, vprofile,
     simulcast, svc, stereo, dtx, opusred. events: onStage, onLocal, onRemote,
     onUp, onOver, onLost, onFailed, onNews, onDataOpen, onData, onSlowLink. */
  constructor(options, events) {
    this.#options = options;
    this.#events = events;
  }

  get connection() {
    return this.#handle?.webrtcStuff.pc;
  }

  /* Captures, connects and offers; the rest comes as events. */
  async start() {
    this.#tell('onStage', 'consent');
    this.#stream = await capture({ ...this.#options, large: this.#isLayered });
    this.#check();
    this.#tell('onStage', 'connecting');
    this.#janus = await openSession(this.#options.addresses,
      () => this.#tell('onLost'));
    this.#check();
    this.#handle = await attach(this.#janus, this.#options.plugin, 'echotest',
      this.#callbacks());
    this.#check();
    await this.#offer();
  }

  /* Ends everything; no event comes after it. */
  stop() {
    if (this.#closed)
      return;
    this.#closed = true;
    this.#release();
  }

  /* One at a time: over HTTP a later request could overtake an earlier one. */
  configure(message) {
    const send = () => request(this.#handle, message);
    this.#sending = this.#sending.then(send, send);
    return this.#sending;
  }

  sendText(text) {
    return new Promise((resolve, reject) => {
      this.#handle.data({ text, success: resolve, error: reject });
    });
  }

  /* Uses another device from now on; one change runs at a time. */
  switchDevice(kind, device) {
    const change = () => this.#switchDevice(kind, device);
    this.#switching = this.#switching.then(change, change);
    return this.#switching;
  }

  sends(kind) {
    return Boolean(this.#trackOf(kind));
  }

  get #isLayered() {
    return Boolean(this.#options.simulcast || this.#options.svc);
  }

  #trackOf(kind) {
    return this.#stream?.getTracks().find((track) => track.kind === kind);
  }

  #tell(name, ...values) {
    if (!this.#closed)
      this.#events[name]?.(...values);
  }

  #check() {
    if (!this.#closed)
      return;
    this.#release();
    throw new Stopped();
  }

  #release() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    this.#janus?.destroy({ cleanupHandles: true });
    this.#janus = undefined;
  }

  async #switchDevice(kind, device) {
    if (this.#closed)
      return;
    /* Phones open one camera at a time: the old one goes first. */
    this.#trackOf(kind)?.stop();
    const stream = await capture({
      camera: kind === 'video' ? device : 'none',
      microphone: kind === 'audio' ? device : 'none',
      large: this.#isLayered,
    });
    const [track] = stream.getTracks();
    if (this.#closed) {
      track.stop();
      return;
    }
    this.#stream.removeTrack(this.#trackOf(kind));
    this.#stream.addTrack(track);
    await replaceTrack(this.#handle, track);
  }

  async #offer() {
    const body = this.#settings();
    await request(this.#handle, body);
    this.#check();
    const jsep = await createOffer(this.#handle, {
      tracks: this.#tracks(),
      customizeSdp: (offer) => {
        offer.sdp = addOpusParameters(offer.sdp, this.#opusParameters());
      },
    });
    this.#check();
    await request(this.#handle, body, jsep);
  }

  #settings() {
    const { acodec, vcodec, vprofile, opusred } = this.#options;
    return {
      audio: true,
      video: true,
      ...(acodec && { audiocodec: acodec }),
      ...(vcodec && { videocodec: vcodec }),
      ...(vprofile && { videoprofile: vprofile }),
      ...(opusred && { opusred: true }),
    };
  }

  #opusParameters() {
    const { stereo, dtx } = this.#options;
    return [stereo && 'stereo=1', dtx && 'usedtx=1'].filter(Boolean);
  }

  #tracks() {
    const { simulcast, svc } = this.#options;
    const tracks = (this.#stream?.getTracks() ?? []).map((track) => ({
      type: track.kind,
      capture: track,
      recv: true,
      ...(track.kind === 'video' && simulcast && { simulcast: true }),
      ...(track.kind === 'video' && !simulcast && svc && { svc }),
    }));
    return [...tracks, { type: 'data' }];
  }

  #callbacks() {
    return {
      webrtcState: (up, reason) => up ? this.#tell('onUp') :
        this.#tell('onOver', reason),
      onmessage: (message, jsep) => this.#onMessage(message, jsep),
      onlocaltrack: (track, on) => this.#tell('onLocal', track, on),
      onremotetrack: (track, mid, on) => this.#tell('onRemote', track, on),
      slowLink: (uplink) => this.#tell('onSlowLink', uplink),
      ondataopen: () => this.#tell('onDataOpen'),
      ondata: (data) => this.#tell('onData', data),
    };
  }

  #onMessage(message, jsep) {
    if (jsep)
      acceptAnswer(this.#handle, jsep)
        .catch((error) => this.#tell('onFailed', error));
    if (message.error)
      this.#tell('onFailed', new Error(message.error));
    else if (message.result === 'done')
      this.#tell('onOver');
    else if (message.event === 'slow_link')
      this.#tell('onSlowLink', true);
    else
      this.#tell('onNews', message);
  }
}
