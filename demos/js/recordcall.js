/* Recordings of one server: listing them, making one, playing one. A call is a
   handle and its connection; it knows nothing of the page and tells it
   everything through events. */

import { acceptAnswer, attach, createAnswer, createOffer, openSession,
  Refused, request } from './session.js';
import { capture } from './devices.js';

const plugin = 'janus.plugin.recordplay';

/* A result is an object with a status; the end is a bare "done" with older
   servers. */
const statusOf = ({ result }) => result?.status ?? result;

/* The session of a page, and a handle for what needs no media. */
export class Recordings {
  #handle;
  #janus;
  #opening;

  constructor(addresses, onLost) {
    this.addresses = addresses;
    this.onLost = onLost;
  }

  /* Opens the session where there is none. */
  open() {
    this.#opening ??= this.#open().catch((error) => {
      this.close();
      throw error;
    });
    return this.#opening;
  }

  async list() {
    await this.open();
    const answer = await request(this.#handle, { request: 'list' });
    if (answer?.error)
      throw new Refused(answer);
    return answer.list;
  }

  async attach(callbacks) {
    await this.open();
    return attach(this.#janus, plugin, 'recordplay', callbacks);
  }

  close() {
    this.#janus?.destroy({ cleanupHandles: true });
    this.#janus = this.#handle = this.#opening = undefined;
  }

  async #open() {
    this.#janus = await openSession(this.addresses, () => {
      this.close();
      this.onLost();
    });
    this.#handle = await attach(this.#janus, plugin, 'recordplay', {});
  }
}

class Call {
  closed = false;
  #sending = Promise.resolve();

  constructor(recordings, events) {
    this.recordings = recordings;
    this.events = events;
  }

  get connection() {
    return this.handle?.webrtcStuff.pc;
  }

  tell(name, ...values) {
    if (!this.closed)
      this.events[name]?.(...values);
  }

  async attach() {
    const handle = await this.recordings.attach({
      webrtcState: (up, reason) => up ? this.tell('onUp') :
        this.tell('onOver', reason),
      onmessage: (message, jsep) => this.take(message, jsep),
      onremotetrack: (track, mid, on) => this.tell('onRemote', track, on),
      slowLink: (uplink) => this.tell('onSlowLink', uplink),
    });
    this.handle = handle;
    if (this.closed)
      this.release();
    return !this.closed;
  }

  /* One at a time: over HTTP a later request could overtake an earlier one. */
  ask(message, jsep) {
    const send = () => request(this.handle, message, jsep);
    this.#sending = this.#sending.then(send, send);
    return this.#sending;
  }

  take(message, jsep) {
    if (message.error)
      this.tell('onFailed', new Refused(message));
    else
      this.news(statusOf(message), message, jsep);
  }

  /* No event comes after it. */
  close() {
    this.closed = true;
    this.release();
  }

  release() {
    this.handle?.detach({ success() {}, error() {} });
    this.handle = undefined;
  }
}

/* Events: onStage, onLocal, onUp, onStarted, onPaused, onStopped, onOver,
   onFailed, onSlowLink. */
export class RecordCall extends Call {
  #stream;

  /* options: name, camera, microphone, bitrate, isPrivate, simulcast,
     acodec, vcodec, vprofile, opusred. */
  async start(options) {
    this.tell('onStage', 'consent');
    this.#stream = await capture({ ...options, large: true });
    if (this.closed) {
      this.release();
      return;
    }
    this.tell('onLocal', this.#stream);
    this.tell('onStage', 'connecting');
    if (!await this.attach())
      return;
    await this.ask({ request: 'configure',
      'video-bitrate-max': options.bitrate,
      'video-keyframe-interval': 15000 });
    const jsep = await createOffer(this.handle,
      { tracks: this.#tracks(options) });
    await this.ask(this.#request(options), jsep);
  }

  pause(paused) {
    return this.ask({ request: paused ? 'pause' : 'resume' });
  }

  stop() {
    return this.ask({ request: 'stop' });
  }

  news(status, message, jsep) {
    if (jsep)
      acceptAnswer(this.handle, jsep)
        .catch((error) => this.tell('onFailed', error));
    if (status === 'recording')
      this.tell('onStarted', message.result.id);
    else if (status === 'paused' || status === 'resumed')
      this.tell('onPaused', status === 'paused');
    else if (status === 'stopped')
      this.tell('onStopped');
    else if (status === 'slow_link')
      this.tell('onSlowLink', true);
    else if (status === 'failed' || status === 'done')
      this.tell('onOver', message.result.reason);
  }

  release() {
    this.#stream?.getTracks().forEach((track) => track.stop());
    super.release();
  }

  #request({ name, isPrivate, acodec, vcodec, vprofile, opusred }) {
    return { request: 'record', name, is_private: isPrivate,
      ...(acodec && { audiocodec: acodec }),
      ...(vcodec && { videocodec: vcodec }),
      ...(vprofile && { videoprofile: vprofile }),
      ...(opusred && { opusred: true }) };
  }

  #tracks({ simulcast }) {
    return (this.#stream?.getTracks() ?? []).map((track) => ({
      type: track.kind,
      capture: track,
      recv: false,
      ...(track.kind === 'video' && simulcast && { simulcast: true }),
    }));
  }
}

/* Events: onStage, onRemote, onUp, onWarning, onStarted, onOver, onFailed,
   onPaused, onLength. */
export class PlayCall extends Call {
  async start(id) {
    this.tell('onStage', 'connecting');
    if (await this.attach())
      await this.ask({ request: 'play', id });
  }

  /* These two only where the server has them. */
  pause(paused) {
    return this.ask({ request: paused ? 'pause' : 'resume' });
  }

  seek(positionMs) {
    return this.ask({ request: 'seek', position: Math.round(positionMs) });
  }

  stop() {
    return this.ask({ request: 'stop' });
  }

  news(status, message, jsep) {
    if (message.result?.duration)
      this.tell('onLength', message.result.duration);
    if (message.result?.warning)
      this.tell('onWarning', message.result.warning);
    if (status === 'preparing' && jsep)
      this.#answer(jsep).catch((error) => this.tell('onFailed', error));
    else if (status === 'playing')
      this.tell('onStarted');
    else if (status === 'paused' || status === 'resumed')
      this.tell('onPaused', status === 'paused');
    else if (status === 'stopped' || status === 'done')
      this.tell('onOver');
  }

  async #answer(jsep) {
    const answer = await createAnswer(this.handle, jsep);
    if (!this.closed)
      await this.ask({ request: 'start' }, answer);
  }
}
