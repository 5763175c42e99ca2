/* The page of recordings: the form, the screen and the list around a
   RecordCall or a PlayCall, one at a time. */

import { canCapture, fillDevices, mediaErrorName, secureAddress }
  from './devices.js';
import { put, t, translatePage } from './i18n.js';
import { byId, hideNotice, setState, showNotice, toast } from './page.js';
import { foreignHosts, serverAddresses } from './places.js';
import { takePoster } from './posters.js';
import { PlayCall, RecordCall, Recordings } from './recordcall.js';
import { buttonOf, clock, enableList, markPlaying, showList, showNoList }
  from './recordings.js';
import { initJanus } from './session.js';
import { watchStats } from './stats.js';

const query = new URLSearchParams(location.search);
const flag = (name) => ['yes', 'true'].includes(query.get(name));
const addresses = serverAddresses(query);
const recordings = new Recordings(addresses, onLost);

const caps = [[256, '256 kbit/s'], [512, '512 kbit/s'], [1024, '1 Mbit/s'],
  [2000, '2 Mbit/s'], [4000, '4 Mbit/s']];
const tickMs = 200;
const posterMs = 1000;
/* Keys move the position by a second where that is little. */
const longMs = 10000;
/* A recording appears in the list once its files are closed. */
const listTries = 20;
const listWaitMs = 300;

/* What runs now: { kind: 'record' or 'play', call, id, item }. */
let now;
let stopStats = () => {};
let items = [];

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/* The time that runs while something does, and stands while it is paused. */
const timer = {
  elapsedMs: 0, since: undefined,
  start() {
    this.since ??= performance.now();
  },
  hold() {
    this.elapsedMs = this.value;
    this.since = undefined;
  },
  set(ms) {
    this.elapsedMs = ms;
    if (this.since !== undefined)
      this.since = performance.now();
  },
  reset() {
    this.elapsedMs = 0;
    this.since = undefined;
  },
  get value() {
    return this.elapsedMs +
      (this.since === undefined ? 0 : performance.now() - this.since);
  },
};

/* The screen */

function showPicture(stream, own) {
  const video = byId('picture');
  video.srcObject = stream;
  video.hidden = !stream;
  video.muted = own;
  byId('picture-empty').hidden = Boolean(stream);
}

function showTime() {
  const ms = timer.value;
  byId('timer').hidden = !now;
  const total = now?.durationMs;
  byId('timer').textContent = total > 0 ?
    `${clock(Math.min(ms, total))} / ${clock(total)}` : clock(ms);
  if (total > 0 && !byId('seek').matches(':active'))
    byId('seek').value = Math.min(ms, total);
  if (total > 0)
    byId('seek').setAttribute('aria-valuetext',
      t('rec.at', { time: clock(byId('seek').value), all: clock(total) }));
  if (now && timer.since !== undefined && ms >= posterMs)
    keepPoster();
}

function keepPoster() {
  if (!now.posted && now.id !== undefined && !now.isPrivate)
    now.posted = takePoster(now.id, byId('picture'));
}

function showPaused(paused) {
  put(byId('pause'), paused ? 'rec.resume' : 'rec.pause');
  byId('pause').dataset.paused = paused ? 'yes' : 'no';
  byId('red').dataset.paused = paused ? 'yes' : 'no';
  const doing = now?.kind === 'record' ? 'rec.recording' : 'rec.playing';
  const word = paused ? 'rec.paused' : doing;
  put(byId('red-word'), word);
  put(byId('state'), word);
  if (paused)
    timer.hold();
  else
    timer.start();
}

function showRate(stats) {
  const kbps = stats.video?.kbps ?? stats.audio?.kbps;
  byId('rate').hidden = kbps === undefined;
  byId('rate').textContent = t('unit.kbps', { value: Math.round(kbps ?? 0) });
}

/* Pausing and seeking while playing is an addition of ours: a server that
   tells how long a recording is has them. */
const canMove = () => now?.kind === 'play' && now.durationMs > 0;

function setDoing(kind) {
  document.documentElement.dataset.doing = kind ?? 'nothing';
  const busy = Boolean(kind);
  byId('bar').hidden = !busy;
  byId('red').hidden = true;
  byId('seek').hidden = !canMove();
  byId('seek').max = now?.durationMs ?? 0;
  byId('seek').step = now?.durationMs > longMs ? 1000 : 100;
  byId('pause').hidden = kind === 'play' && !canMove();
  byId('pause').disabled = byId('stop').disabled = busy;
  for (const id of ['name', 'camera', 'microphone', 'bitrate', 'private',
    'record', 'number', 'play-number'])
    byId(id).disabled = busy;
  enableList(!busy);
  byId('screen-name').textContent = now?.name ?? '';
  markPlaying(kind === 'play' ? now.id : undefined);
}

/* Begins and ends */

/* What began, and is disabled now, leaves the keyboard to the button that ends;
   on a phone that is far away. */
function moveToScreen() {
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  byId('stop').focus({ preventScroll: true });
  document.querySelector('.screen').scrollIntoView({ block: 'nearest',
    behavior: still ? 'auto' : 'smooth' });
}

function moveBack({ kind, id }) {
  if (![byId('stop'), byId('pause'), byId('seek'), document.body]
    .includes(document.activeElement))
    return;
  const place = kind === 'play' && buttonOf(id);
  (place || byId('record')).focus({ preventScroll: true });
}

function begin(next) {
  hideNotice();
  byId('made').hidden = true;
  now = next;
  timer.reset();
  setDoing(next.kind);
  byId('stop').disabled = false;
  moveToScreen();
}

function finish(state = 'idle', key = 'state.idle') {
  const ended = now;
  now?.call.close();
  now = undefined;
  stopStats();
  stopStats = () => {};
  byId('rate').hidden = true;
  byId('sound').srcObject = null;
  showPicture(null, true);
  put(byId('picture-empty'), 'rec.noPicture');
  timer.reset();
  setDoing();
  showTime();
  setState(state, key);
  if (ended)
    moveBack(ended);
}

function fail(name, values) {
  finish('error', 'state.error');
  showNotice(name, values);
}

function onLost() {
  fail('rec.lost', { reason: '' });
  showNoList();
}

function refused(error) {
  const id = now?.id;
  if (error.code === 416)
    fail('rec.unknown', { id });
  else if (error.code === 417)
    fail('rec.broken', { reason: error.message });
  else
    fail('server.failed', { reason: error.message });
}

const shared = {
  onStage: (stage) => {
    now.stage = stage;
    setState('starting', `state.${stage}`);
  },
  onPaused: showPaused,
  onFailed: refused,
};

function started() {
  setState('up', 'state.up');
  byId('red').hidden = false;
  byId('pause').disabled = false;
  showPaused(false);
}

function explain(error) {
  if (now?.stage === 'consent')
    fail(mediaErrorName(error), { reason: error.message || error.name });
  else
    fail('server.none', { reason: error.message });
}

async function run(call, ...what) {
  try {
    await call.start(...what);
  } catch (error) {
    if (now?.call === call)
      explain(error);
  }
}

/* Recording */

async function recorded() {
  const { id, isPrivate } = now;
  finish('over', 'state.over');
  byId('made').textContent = t('rec.made', { id });
  byId('made').hidden = false;
  for (let i = 0; i < listTries; i++) {
    await refresh();
    if (isPrivate || items.some((item) => item.id === id))
      return;
    await pause(listWaitMs);
  }
}

const recordEvents = {
  ...shared,
  onLocal: (stream) => {
    const [video] = stream.getVideoTracks();
    showPicture(video ? new MediaStream([video]) : null, true);
    if (!video)
      put(byId('picture-empty'), 'rec.soundOnly');
    fillDevices(byId('camera'), byId('microphone'));
  },
  onStarted: (id) => {
    now.id = id;
  },
  onUp: started,
  onStopped: () => recorded(),
  onOver: (reason) => {
    if (now.stopping) {
      recorded();
      return;
    }
    fail('rec.failed', { reason: reason ?? '' });
    refresh();
  },
  onSlowLink: () => toast('slow.up'),
};

function record(event) {
  event.preventDefault();
  const camera = byId('camera').value;
  const microphone = byId('microphone').value;
  if (camera === 'none' && microphone === 'none') {
    showNotice('rec.nothing');
    return;
  }
  const name = byId('name').value.trim();
  const isPrivate = byId('private').checked;
  const call = new RecordCall(recordings, recordEvents);
  begin({ kind: 'record', call, name, isPrivate });
  run(call, { name, isPrivate, camera, microphone,
    bitrate: Number(byId('bitrate').value) * 1000,
    simulcast: flag('simulcast'), opusred: flag('opusred'),
    acodec: query.get('acodec'), vcodec: query.get('vcodec'),
    vprofile: query.get('vprofile') });
}

/* Playing */

const playEvents = {
  ...shared,
  onRemote: (track, on) => {
    if (!on)
      return;
    if (track.kind === 'video')
      showPicture(new MediaStream([track]), true);
    else
      byId('sound').srcObject = new MediaStream([track]);
    if (!byId('picture').srcObject)
      put(byId('picture-empty'), 'rec.soundOnly');
  },
  onUp: () => {
    started();
    stopStats = watchStats(now.call.connection, showRate);
  },
  onLength: (ms) => {
    now.durationMs = ms;
    setDoing('play');
    byId('stop').disabled = false;
  },
  onWarning: (reason) => toast('rec.warning', { reason }),
  onOver: () => {
    finish('over', 'state.over');
    refresh();
  },
};

function play(item) {
  const call = new PlayCall(recordings, playEvents);
  begin({ kind: 'play', call, id: item.id, name: item.name });
  run(call, item.id);
}

function playNumber(event) {
  event.preventDefault();
  const id = Number(byId('number').value);
  play(items.find((item) => item.id === id) ?? { id, name: String(id) });
}

/* Controls */

async function attempt(action) {
  try {
    await action();
  } catch (error) {
    toast('echotest.requestFailed', { reason: error.message });
  }
}

function pauseOrResume() {
  attempt(() => now?.call.pause(byId('pause').dataset.paused !== 'yes'));
}

function stop() {
  const { kind, call, id, stage } = now;
  if (kind === 'play' || id === undefined || stage === 'consent') {
    finish();
    return;
  }
  now.stopping = true;
  byId('stop').disabled = byId('pause').disabled = true;
  attempt(() => call.stop());
}

function seek() {
  const position = Number(byId('seek').value);
  timer.set(position);
  attempt(() => now?.call.seek(position));
}

async function refresh() {
  try {
    items = await recordings.list();
    showList(items, play);
    setDoing(now?.kind);
  } catch (error) {
    showNoList();
    showNotice('server.none', { reason: error.message });
  }
}

/* Setting up */

function fillSetup() {
  for (const [cap, name] of caps)
    byId('bitrate').append(new Option(name, cap, false, cap === 1024));
  byId('name').value = query.get('name') ?? '';
  const foreign = foreignHosts(addresses).join(', ');
  byId('elsewhere').hidden = !foreign;
  byId('elsewhere').textContent = t('echotest.elsewhere', { hosts: foreign });
}

function connectControls() {
  byId('form').addEventListener('submit', record);
  byId('by-number').addEventListener('submit', playNumber);
  byId('pause').addEventListener('click', pauseOrResume);
  byId('stop').addEventListener('click', stop);
  byId('seek').addEventListener('change', seek);
  byId('refresh').addEventListener('click', () => {
    hideNotice();
    refresh();
  });
  setInterval(showTime, tickMs);
}

/* What a test of the page may look at. */
function exposeHooks() {
  window.bifrons = {
    get state() {
      return document.documentElement.dataset.state;
    },
    get now() {
      return now && { kind: now.kind, id: now.id,
        durationMs: now.durationMs };
    },
    get elapsedMs() {
      return timer.value;
    },
    get connection() {
      return now?.call.connection;
    },
    get items() {
      return items;
    },
  };
}

async function main() {
  await translatePage();
  setState('idle', 'state.idle');
  fillSetup();
  connectControls();
  exposeHooks();
  if (!window.RTCPeerConnection) {
    setState('error', 'state.error');
    showNotice('browser.old');
    return;
  }
  await fillDevices(byId('camera'), byId('microphone'));
  await initJanus();
  byId('refresh').disabled = byId('play-number').disabled = false;
  await refresh();
  if (!canCapture()) {
    showNotice('page.insecure', {}, secureAddress());
    byId('record').disabled = true;
  }
}

await main();
