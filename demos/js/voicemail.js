/* The voice mail page: the server's greeting, where it has one, then ten
   seconds of sound with a countdown and a level, then the file that the server
   made of them. */

import { canCapture, capture, fillDevices, mediaErrorName, secureAddress }
  from './devices.js';
import { put, t, translatePage, when } from './i18n.js';
import { byId, hideNotice, setState, showNotice } from './page.js';
import { foreignHosts, serverAddresses } from './places.js';
import { acceptAnswer, attach, createOffer, initJanus, openSession, request }
  from './session.js';

const query = new URLSearchParams(location.search);
const addresses = serverAddresses(query);
const plugin = 'janus.plugin.voicemail';
const lengthMs = 10000;
const tickMs = 100;

/* The message that is being recorded: { janus, handle, stream, context,
   startedMs, stage }; stage: consent, connecting, greeting, recording,
   stopping. */
let mail;
let count = 0;

/* Level and countdown */

function listen(stream) {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  mail.context = context;
  mail.level = () => {
    analyser.getFloatTimeDomainData(samples);
    return Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) /
      samples.length);
  };
}

/* Ears hear ratios: -60 dB is the left end, 0 dB the right one. */
function meterValue(level) {
  return Math.min(1, Math.max(0, 1 + Math.log10(Math.max(level, 1e-6)) / 3));
}

function tick() {
  byId('level').value = mail?.level ? meterValue(mail.level()) : 0;
  const gone = mail?.startedMs ? performance.now() - mail.startedMs : 0;
  const left = Math.max(0, lengthMs - gone);
  const text = String(Math.ceil(left / 1000));
  if (byId('left').textContent !== text)
    byId('left').textContent = text;
  byId('progress').value = (lengthMs - left) / 1000;
}

/* Marks one of greeting, recording and done; none without a name. */
function showStep(name) {
  const steps = [...byId('steps').children];
  const now = steps.findIndex((step) => step.dataset.step === name);
  steps.forEach((step, i) => {
    step.toggleAttribute('data-past', i < now);
    if (i === now)
      step.setAttribute('aria-current', 'step');
    else
      step.removeAttribute('aria-current');
  });
}

/* Messages that were made */

function addMessage(address) {
  const place = document.createElement('li');
  const name = t('mail.one', { number: ++count, when: when(new Date()) });
  const title = document.createElement('strong');
  title.textContent = name;
  const audio = document.createElement('audio');
  audio.controls = true;
  audio.preload = 'metadata';
  audio.setAttribute('aria-label', name);
  const link = document.createElement('a');
  link.className = 'download';
  link.textContent = t('rec.download');
  link.setAttribute('aria-label', t('rec.downloadOne', { name }));
  link.href = address;
  link.download = '';
  audio.addEventListener('error', () => {
    title.textContent = `${name} – ${t('mail.unserved')}`;
  });
  audio.src = address;
  place.append(title, audio, link);
  byId('made').prepend(place);
  byId('made-none').hidden = true;
}

/* A message, from start to end */

function release({ stream, janus, context }) {
  stream?.getTracks().forEach((track) => track.stop());
  janus?.destroy({ cleanupHandles: true });
  context?.close();
}

function finish(state = 'idle', key = 'mail.ready') {
  const ended = mail;
  mail = undefined;
  byId('greeting').srcObject = null;
  if (ended)
    release(ended);
  put(byId('start'), 'mail.record');
  byId('start').dataset.running = 'no';
  showStep(state === 'over' ? 'done' : undefined);
  byId('microphone').disabled = false;
  setState(state, key);
}

function fail(name, values) {
  finish('error', 'state.error');
  showNotice(name, values);
}

/* Who stops before the tone has said nothing. */
function done(mine, recording) {
  const said = mine.startedMs !== undefined && recording;
  finish(said ? 'over' : 'idle', said ? 'mail.kept' : 'mail.nothing');
  if (said)
    addMessage(new URL(recording, location.href).href);
}

/* What the server sends is its greeting. */
function hear(mine, track, on) {
  if (mail !== mine || track.kind !== 'audio' || !on)
    return;
  byId('greeting').srcObject = new MediaStream([track]);
  byId('greeting').play().catch(() => {});  /* forbidden: then unheard */
}

function takeStatus(mine, { status, recording }) {
  if (status === 'greeting') {
    mine.stage = status;
    showStep('greeting');
    setState('greeting', 'mail.greeting');
  } else if (status === 'started') {
    mine.stage = 'recording';
    mine.startedMs = performance.now();
    showStep('recording');
    setState('up', 'rec.recording');
  } else if (status === 'done') {
    done(mine, recording);
  }
}

function onMessage(mine, message, jsep) {
  if (mail !== mine)
    return;
  if (jsep)
    acceptAnswer(mine.handle, jsep).catch((error) => mail === mine &&
      fail('server.failed', { reason: error.message }));
  if (message.error)
    fail('server.failed', { reason: message.error });
  else
    takeStatus(mine, message);
}

async function connect(mine) {
  setState('starting', 'state.connecting');
  const still = () => mail === mine;
  mine.janus = await openSession(addresses,
    () => still() && fail('server.lost'));
  if (!still()) {
    release(mine);
    return;
  }
  mine.handle = await attach(mine.janus, plugin, 'voicemail', {
    onmessage: (message, jsep) => onMessage(mine, message, jsep),
    onremotetrack: (track, mid, on) => hear(mine, track, on),
    webrtcState: (up, reason) => !up && still() &&
      fail('mail.over', { reason: reason ?? '' }),
  });
  const [track] = mine.stream.getAudioTracks();
  const jsep = await createOffer(mine.handle,
    { tracks: [{ type: 'audio', capture: track, recv: true }] });
  if (still())
    await request(mine.handle, { request: 'record' }, jsep);
}

async function record() {
  const mine = mail = { stage: 'consent' };
  hideNotice();
  put(byId('start'), 'mail.stop');
  byId('start').dataset.running = 'yes';
  byId('microphone').disabled = true;
  showStep();
  setState('starting', 'mail.consent');
  try {
    mine.stream = await capture({ camera: 'none',
      microphone: byId('microphone').value });
    if (mail !== mine) {
      release(mine);
      return;
    }
    listen(mine.stream);
    mine.stage = 'connecting';
    await connect(mine);
  } catch (error) {
    if (mail !== mine)
      return;
    if (mine.stage === 'consent')
      fail(mediaErrorName(error), { reason: error.message || error.name });
    else
      fail('server.none', { reason: error.message });
  }
}

/* The button is never disabled between: it would lose the keyboard. */
function recordOrStop() {
  if (!mail) {
    record();
    return;
  }
  const { stage } = mail;
  mail.stage = 'stopping';
  if (stage === 'stopping')
    return;
  if (stage === 'consent' || stage === 'connecting') {
    finish();
    return;
  }
  request(mail.handle, { request: 'stop' })
    .catch((error) => fail('server.failed', { reason: error.message }));
}

/* Setting up */

async function fillMicrophones() {
  const camera = document.createElement('select');
  await fillDevices(camera, byId('microphone'));
  byId('microphone').querySelector('[value=none]').remove();
}

async function main() {
  await translatePage();
  setState('idle', 'mail.ready');
  const foreign = foreignHosts(addresses).join(', ');
  byId('elsewhere').hidden = !foreign;
  byId('elsewhere').textContent = t('echotest.elsewhere', { hosts: foreign });
  byId('start').addEventListener('click', recordOrStop);
  setInterval(tick, tickMs);
  await fillMicrophones();
  if (!window.RTCPeerConnection) {
    setState('error', 'state.error');
    showNotice('browser.old');
  } else if (!canCapture()) {
    setState('error', 'state.error');
    showNotice('page.insecure', {}, secureAddress());
  } else {
    await initJanus();
    byId('start').disabled = false;
  }
}

await main();
