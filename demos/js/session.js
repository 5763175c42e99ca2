/* What every demo needs of janus.js: a session, a handle, requests. Loads
   after vendor/adapter.js, which janus.js finds as a global. */

import Janus from '../vendor/janus.es.js';

const connectTimeoutMs = 3000;

/* An error that a plugin answered with; code as in its table. */
export class Refused extends Error {
  constructor(data) {
    super(data.error);
    this.code = data.error_code;
  }
}

/* A WebSocket that a silent firewall cannot hold up: janus.js takes the next
   address of its list only when this one says that it failed. */
class ImpatientWebSocket extends WebSocket {
  constructor(address, protocol) {
    super(address, protocol);
    const timer = setTimeout(() => this.close(), connectTimeoutMs);
    const done = () => clearTimeout(timer);
    this.addEventListener('open', done);
    this.addEventListener('close', done);
  }
}

/* Makes janus.js ready. Only its warnings and errors reach the console. */
export function initJanus() {
  return new Promise((resolve) => {
    Janus.init({
      debug: ['warn', 'error'],
      dependencies:
        Janus.useDefaultDependencies({ WebSocket: ImpatientWebSocket }),
      callback: resolve,
    });
  });
}

/* Opens a session; onLost runs once if the server goes away later. No STUN
   server is asked: it would be somebody else's, and the server sees our
   address anyway. */
export function openSession(addresses, onLost) {
  return new Promise((resolve, reject) => {
    let opened = false;
    const janus = new Janus({
      server: addresses,
      iceServers: [],
      success() {
        /* A second success is janus.js going on to the next address after
           the first was lost: the old session is gone either way. */
        if (opened)
          onLost();
        opened = true;
        resolve(janus);
      },
      error(cause) {
        if (opened)
          onLost();
        else
          reject(new Error(String(cause?.message ?? cause)));
      },
    });
  });
}

/* Attaches to a plugin; callbacks are those of janus.js. */
export function attach(janus, plugin, name, callbacks) {
  return new Promise((resolve, reject) => {
    janus.attach({
      plugin,
      opaqueId: `${name}-${Janus.randomString(12)}`,
      success: resolve,
      error: (cause) => reject(new Error(String(cause))),
      ...callbacks,
    });
  });
}

/* Sends a request; resolves when the server has it. */
export function request(handle, message, jsep) {
  return new Promise((resolve, reject) => {
    handle.send({
      message,
      jsep,
      success: resolve,
      error: (cause) => reject(new Error(String(cause))),
    });
  });
}

export function createOffer(handle, options) {
  return new Promise((resolve, reject) => {
    handle.createOffer({ ...options, success: resolve, error: reject });
  });
}

/* Answers an offer of the server, to receive what it has. */
export function createAnswer(handle, jsep) {
  return new Promise((resolve, reject) => {
    handle.createAnswer({ jsep, success: resolve, error: reject });
  });
}

export function acceptAnswer(handle, jsep) {
  return new Promise((resolve, reject) => {
    handle.handleRemoteJsep({ jsep, success: resolve, error: reject });
  });
}

export function replaceTrack(handle, track) {
  return new Promise((resolve, reject) => {
    handle.replaceTracks({
      tracks: [{ type: track.kind, capture: track, recv: true }],
      success: resolve,
      error: reject,
    });
  });
}
