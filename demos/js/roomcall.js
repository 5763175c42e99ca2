/* One stay in a video room: what is sent, on a connection of its own (and the
   screen on another), and everybody who is received, on one more. It knows
   nothing of the page and tells it everything through events. */

import { acceptAnswer, attach, createAnswer, createOffer, openSession,
  Refused, request } from './session.js';
import { capture } from './devices.js';
import { Stopped } from './echocall.js';

const plugin = 'janus.plugin.videoroom';
const gone = ['leaving', 'unpublished', 'kicked'];

/* What a room that is made here can hold. */
const newRoom = { publishers: 24, audiolevel_event: true };

export { Refused };

/* A publisher's handle: joins, sends its tracks, hears of the others. */
class Sender {
  #answers = [];

  constructor(onNews, onUp, onOver) {
    Object.assign(this, { onNews, onUp, onOver });
  }

  async open(janus) {
    this.handle = await attach(janus, plugin, 'videoroom', {
      onmessage: (message, jsep) => this.#onMessage(message, jsep),
      webrtcState: (up, reason) => up ? this.onUp?.() : this.onOver?.(reason),
    });
  }

  get connection() {
    return this.handle?.webrtcStuff.pc;
  }

  /* Sends a request; resolves to its event, which may be an error. */
  async ask(message, jsep) {
    const waiting = {};
    const answer = new Promise((resolve, reject) =>
      Object.assign(waiting, { resolve, reject }));
    this.#answers.push(waiting);
    answer.catch(() => {});
    const early = await request(this.handle, message, jsep);
    if (early?.error) {
      this.#answers.splice(this.#answers.indexOf(waiting), 1);
      throw new Refused(early);
    }
    return answer;
  }

  async join(wishes) {
    const joined = await this.ask({ request: 'join', ptype: 'publisher',
      ...wishes });
    this.id = joined.id;
    this.privateId = joined.private_id;
    return joined;
  }

  async publish(tracks, bitrate) {
    const jsep = await createOffer(this.handle, { tracks });
    const has = (kind) => tracks.some(({ type }) =>
      type === kind || (kind === 'video' && type === 'screen'));
    await this.ask({ request: 'configure', audio: has('audio'),
      video: has('video'), ...(bitrate && { bitrate }) }, jsep);
  }

  #onMessage(message, jsep) {
    if (jsep)
      acceptAnswer(this.handle, jsep).catch((error) => this.onOver?.(error));
    const answers = message.error || message.videoroom === 'joined' ||
      message.configured || message.leaving === 'ok' ||
      message.unpublished === 'ok';
    const waiting = answers && this.#answers.shift();
    if (waiting && message.error)
      waiting.reject(new Refused(message));
    else if (waiting)
      waiting.resolve(message);
    if (!waiting || message.publishers || message.reason)
      this.onNews(message);
  }
}

/* The one handle that receives everybody. */
class Receiver {
  #queue = Promise.resolve();
  #wanted = new Map();

  constructor(room, onStreams, onLayer) {
    Object.assign(this, { room, onStreams, onLayer, streams: [] });
  }

  get connection() {
    return this.handle?.webrtcStuff.pc;
  }

  /* Wants streams of a publisher that are not wanted yet. */
  add({ id, streams }, privateId, janus) {
    const known = this.#wanted.get(id) ?? new Set();
    const fresh = streams.filter(({ mid, disabled }) =>
      !disabled && !known.has(mid)).map(({ mid }) => ({ feed: id, mid }));
    this.#wanted.set(id, new Set([...known, ...fresh.map(({ mid }) => mid)]));
    if (fresh.length > 0)
      this.#then(() => this.#subscribe(fresh, privateId, janus));
  }

  remove(id) {
    this.#wanted.delete(id);
  }

  configure(message) {
    return request(this.handle, { request: 'configure', ...message });
  }

  /* The m-line with a kind of a publisher's media. */
  find(id, kind) {
    return this.streams.find(({ active, feed_id: feed, type }) =>
      active && feed === id && type === kind);
  }

  /* One after another, since each may change the offers. */
  #then(step) {
    this.#queue = this.#queue.then(step).catch((error) =>
      this.onFailed?.(error));
    return this.#queue;
  }

  async #subscribe(streams, privateId, janus) {
    /* Some may have gone while this waited; asking would refuse all. */
    const left = streams.filter(({ feed }) => this.#wanted.has(feed));
    if (left.length === 0)
      return;
    if (!this.handle) {
      this.handle = await attach(janus, plugin, 'videoroom', {
        onmessage: (message, jsep) => this.#onMessage(message, jsep),
      });
      await request(this.handle, { request: 'join', ptype: 'subscriber',
        ...this.room, private_id: privateId, streams: left });
    } else {
      await request(this.handle, { request: 'subscribe', streams: left });
    }
  }

  #onMessage(message, jsep) {
    if (message.error)
      this.onFailed?.(new Refused(message));
    if (message.streams)
      this.streams = message.streams;
    if (jsep)
      this.#then(() => this.#answer(jsep));
    else if (message.mid !== undefined)
      this.onLayer(this.streams.find(({ mid }) => mid === message.mid),
        message);
  }

  async #answer(offer) {
    const jsep = await createAnswer(this.handle, offer);
    await request(this.handle, { request: 'start' }, jsep);
    this.onStreams(this.streams);
  }
}

export class RoomCall {
  #closed = false;
  #events;
  #janus;
  #me;
  #options;
  #receiver;
  #screen;
  #stream;

  /* options: addresses, room, pin, display, create, camera, microphone,
     simulcast, bitrate. events: onStage, onLocal, onJoined, onUp, onPerson,
     onNamed, onGone, onTrack, onTalking, onLayer, onFull, onScreenOver,
     onSlowLink, onOver, onLost, onFailed. */
  constructor(options, events) {
    this.#options = options;
    this.#events = events;
  }

  get connection() {
    return this.#me?.connection;
  }

  get receiving() {
    return this.#receiver?.connection;
  }

  get id() {
    return this.#me?.id;
  }

  /* Captures, connects, enters the room and sends. */
  async start() {
    this.#tell('onStage', 'consent');
    this.#stream = await capture({ ...this.#options,
      large: this.#options.simulcast });
    this.#check();
    this.#tell('onLocal', this.#stream);
    this.#tell('onStage', 'connecting');
    this.#janus = await openSession(this.#options.addresses,
      () => this.#tell('onLost'));
    this.#check();
    this.#me = new Sender((news) => this.#onNews(news),
      () => this.#tell('onUp'), (reason) => this.#tell('onOver', reason));
    await this.#me.open(this.#janus);
    this.#check();
    await this.#enter();
  }

  /* Ends everything; no event comes after it. */
  stop() {
    if (this.#closed)
      return;
    this.#closed = true;
    this.#release();
  }

  sends(kind) {
    return Boolean(this.#trackOf(kind));
  }

  /* Stops or goes on sending a kind, and lets the others know. */
  async mute(kind, muted) {
    const track = this.#trackOf(kind);
    track.enabled = !muted;
    await this.#me.ask({ request: 'configure', [kind]: !muted,
      metadata: this.#metadata() });
  }

  setBitrate(bitrate) {
    return this.#me.ask({ request: 'configure', bitrate });
  }

  /* wish: substream, temporal, spatial_layer or temporal_layer. */
  chooseLayer(id, wish) {
    const stream = this.#receiver?.find(id, 'video');
    return stream && this.#receiver.configure({
      streams: [{ mid: stream.mid, ...wish }] });
  }

  /* Sends the screen, as another publisher. */
  async shareScreen(display) {
    const stream = await navigator.mediaDevices.getDisplayMedia();
    const [track] = stream.getVideoTracks();
    const screen = new Sender(() => {});
    const stop = () => {
      track.stop();
      screen.handle?.detach();
      if (this.#screen?.track === track)
        this.#screen = undefined;
      this.#tell('onScreenOver');
    };
    this.#screen = { track, screen, stop };
    track.addEventListener('ended', stop);
    try {
      await screen.open(this.#janus);
      await screen.join({ ...this.#room(), display });
      await screen.publish([{ type: 'screen', capture: track, recv: false }]);
    } catch (error) {
      stop();
      throw error;
    }
  }

  stopScreen() {
    this.#screen?.stop();
  }

  #room() {
    const { room, pin } = this.#options;
    return { room, ...(pin && { pin }) };
  }

  #metadata() {
    const on = (kind) => this.#trackOf(kind)?.enabled ?? false;
    return { audio: on('audio'), video: on('video') };
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
    this.#screen?.track.stop();
    this.#janus?.destroy({ cleanupHandles: true });
    this.#janus = undefined;
  }

  async #enter() {
    const { create, room, display, bitrate } = this.#options;
    if (create) {
      const made = await request(this.#me.handle, { request: 'create', room,
        ...newRoom });
      if (made?.error)
        throw new Refused(made);
    }
    this.#receiver = new Receiver(this.#room(),
      (streams) => this.#onStreams(streams),
      (stream, news) => stream && this.#tell('onLayer', stream.feed_id, news));
    this.#receiver.onFailed = (error) => this.#onReceiverFailed(error);
    const joined = await this.#me.join({ ...this.#room(), display,
      metadata: this.#metadata() });
    this.#check();
    this.#tell('onJoined', joined);
    if (this.#stream)
      await this.#publish(bitrate);
  }

  async #publish(bitrate) {
    const tracks = this.#stream.getTracks().map((track) => ({
      type: track.kind,
      capture: track,
      recv: false,
      ...(track.kind === 'video' && this.#options.simulcast &&
        { simulcast: true }),
    }));
    try {
      await this.#me.publish(tracks, bitrate);
    } catch (error) {
      if (error.code !== 432)
        throw error;
      this.#tell('onFull');
    }
  }

  /* A feed that went before it was asked for is no failure. */
  #onReceiverFailed(error) {
    if (error.code !== 428)
      this.#tell('onFailed', error);
  }

  #onNews(news) {
    if (this.#closed)
      return;
    if (news.videoroom === 'talking' || news.videoroom === 'stopped-talking')
      this.#tell('onTalking', news.id, news.videoroom === 'talking');
    else if (news.videoroom === 'destroyed' || news.reason === 'kicked')
      this.#tell('onOver', news.reason ?? news.videoroom);
    else if (news.videoroom === 'slow_link')
      this.#tell('onSlowLink', true);
    else if (news.id !== undefined && !news.publishers)
      this.#tell('onNamed', news.id, news);
    for (const person of news.publishers ?? [])
      this.#meet(person);
    for (const what of gone)
      if (news[what] !== undefined && news[what] !== 'ok')
        this.#part(news[what]);
  }

  #meet(person) {
    if (person.id === this.#screen?.screen.id)
      return;
    this.#tell('onPerson', person);
    this.#receiver.add(person, this.#me.privateId, this.#janus);
  }

  #part(id) {
    this.#receiver.remove(id);
    this.#tell('onGone', id);
  }

  #onStreams(streams) {
    const transceivers = this.receiving?.getTransceivers() ?? [];
    for (const { active, feed_id: feed, type, mid } of streams) {
      const found = transceivers.find((one) => one.mid === mid);
      if (active && found && type !== 'data')
        this.#tell('onTrack', feed, found.receiver.track, mid);
    }
  }
}
