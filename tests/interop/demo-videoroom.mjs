/* Drives the video room page in Chromium with its own buttons, six people in
   one room, against the server at BIFRONS_HTTP:

     BIFRONS_HTTP=http://127.0.0.1:8088 node demo-videoroom.mjs

   Exits with 77 where there is no server named, no Chromium or no modules. */

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { base, launch, openPage, requireBrowser, smallCamera, until }
  from './lib.mjs';

await requireBrowser();

const room = 5678;
const names = ['Ann', 'Ben', 'Cho', 'Dee', 'Eve', 'Fay'];
const startMs = 40000;

let browser;
const pages = [];
before(async () => {
  browser = await launch({ flags: ['--deny-permission-prompts'] });
});
after(() => browser?.close());

/* Before the page's own scripts: a small camera, and a way to cut all
   WebSockets, new ones too. */
const script = `(${smallCamera})();
  const sockets = new Set();
  let cut = false;
  window.WebSocket = class extends WebSocket {
    constructor(address, protocol) {
      super(cut ? 'ws://127.0.0.1:9' : address, protocol);
      sockets.add(this);
    }
  };
  window.cutOff = (off) => {
    cut = off;
    sockets.forEach((socket) => off && socket.close());
  };`;

function openRoom(query, options = {}) {
  const ws = process.env.BIFRONS_WS;
  const server = ws && !query.server ? { server: ws } : {};
  return openPage(browser, `/videoroom.html?${new URLSearchParams({
    lang: 'en', ...server, ...query })}`, { script, ...options });
}

async function join(page) {
  await until(page, 'a page that can join', () =>
    !document.getElementById('join').disabled);
  await page.click('#join');
}

const up = (page) => until(page, 'a page in the room', () =>
  window.bifrons.state === 'up', null, startMs);

const reason = (page, name) => until(page, `the notice ${name}`, (wanted) =>
  document.getElementById('notice').dataset.reason === wanted, name, startMs);

/* Waits until a page has these others, with pictures or without. */
function sees(page, wanted, live = true) {
  return until(page, `${wanted} on the page`, ([list, picture]) => {
    const tiles = window.bifrons.others;
    return tiles.length === list.length && list.every((name) =>
      tiles.some((tile) => tile.name.textContent === name &&
        (!picture || (tile.live && tile.stats?.audio?.kbps > 0))));
  }, [wanted, live], startMs);
}

const others = (name) => names.filter((other) => other !== name);

const tileOf = (name) =>
  `.tile:has(.name:text-is("${name}"))`;

/* Requests without a handle's media, over HTTP. */
async function ask(body) {
  const post = async (path, message) => (await fetch(`${base}/janus${path}`, {
    method: 'POST', headers: { connection: 'close' },
    body: JSON.stringify({ transaction: 'x', ...message }) })).json();
  const { data: { id: session } } = await post('', { janus: 'create' });
  const { data: { id } } = await post(`/${session}`, { janus: 'attach',
    plugin: 'janus.plugin.videoroom' });
  const answer = await post(`/${session}/${id}`, { janus: 'message', body });
  await post(`/${session}`, { janus: 'destroy' });
  return answer.plugindata.data;
}

test('a room that is not there can be made', async () => {
  const page = await openRoom({ room, name: names[0] });
  pages.push(page);
  await join(page);
  await reason(page, 'room.none');
  assert.match(await page.innerText('#notice'), /no room 5678/);
  await page.click('#create');
  await up(page);
  assert.equal((await ask({ request: 'exists', room })).exists, true);
});

test('six people see and hear each other, each over one connection',
  async () => {
    for (const name of names.slice(1)) {
      const page = await openRoom({ room, name });
      pages.push(page);
      await join(page);
      await up(page);
    }
    for (const [i, page] of pages.entries())
      await sees(page, others(names[i]));
    for (const page of pages) {
      const { count, columns, lines } = await page.evaluate(() => ({
        count: document.querySelectorAll('#grid .tile').length,
        columns: getComputedStyle(document.getElementById('grid'))
          .gridTemplateColumns.split(' ').length,
        lines: window.bifrons.receiving.getTransceivers().length }));
      assert.deepEqual({ count, columns, lines },
        { count: 6, columns: 3, lines: 10 });
      assert.deepEqual(page.trouble, []);
    }
  });

test('who talks is marked', async () => {
  await until(pages[0], 'somebody who talks', () =>
    document.querySelector('.tile[data-talking=yes]:not([data-own])'));
});

test('muted sound and picture are seen by the others', async () => {
  const [ann, ben] = pages;
  const tile = ben.locator(tileOf('Ann'));
  await ann.click('#mute-video');
  await tile.getByText('Video is off').waitFor();
  await until(ben, 'no more frames of Ann', () => {
    const { stats } = window.bifrons.others.find((one) =>
      one.name.textContent === 'Ann');
    return stats.video.fresh === false;
  });
  await ann.click('#mute-audio');
  await tile.getByText('muted').waitFor();
  assert.equal(await ann.innerText('#mute-audio'), 'Unmute');
  await ann.click('#mute-audio');
  await ann.click('#mute-video');
  await tile.getByText('Video is off').waitFor({ state: 'hidden' });
  await sees(ben, others('Ben'));
});

test('the bitrate selector caps what is sent', async () => {
  const [ann, ben] = pages;
  const below = (page, kbps) => until(page, `less than ${kbps} kbit/s`,
    (most) => {
      const tile = window.bifrons.others.find((one) =>
        one.name.textContent === 'Ann');
      const rates = window.rates ??= [];
      rates.push(tile.stats.video.kbps);
      const last = rates.slice(-20);
      return last.length === 20 && last.every((rate) => rate > 0) &&
        last.reduce((sum, rate) => sum + rate) / 20 < most;
    }, kbps, startMs);
  await ann.selectOption('#bitrate', '128');
  await below(ben, 160);
  await ann.selectOption('#bitrate', '0');
});

test('numbers of a tile are shown with the keyboard', async () => {
  const [, ben] = pages;
  const pick = ben.locator(`${tileOf('Ann')} .pick`);
  assert.equal(await pick.getAttribute('aria-label'), 'About Ann');
  await pick.focus();
  await ben.keyboard.press('Enter');
  assert.equal(await pick.getAttribute('aria-pressed'), 'true');
  await until(ben, 'the size', () =>
    /\d+×\d+/.test(document.getElementById('details').innerText));
  assert.match(await ben.innerText('#details'), /^Ann/);
});

test('a screen is one more person', async () => {
  const [ann, ben] = pages;
  await ann.evaluate(() => {
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [320, 180];
    const context = canvas.getContext('2d');
    let count = 0;
    setInterval(() => {
      context.fillStyle = `hsl(${count++ % 360} 80% 50%)`;
      context.fillRect(0, 0, 320, 180);
    }, 100);
    navigator.mediaDevices.getDisplayMedia = async () =>
      canvas.captureStream(10);
  });
  await ann.click('#screen');
  const tile = ben.locator(tileOf('Ann’s screen'));
  await tile.waitFor();
  await until(ben, 'a picture of the screen', () =>
    window.bifrons.others.find((one) =>
      one.name.textContent === 'Ann’s screen')?.live);
  assert.equal(await ann.locator('#grid .tile').count(), 6);
  await ann.click('#screen');
  await tile.waitFor({ state: 'detached' });
});

test('who leaves goes from the grid, and comes back', async () => {
  const [ann, ben] = pages;
  await ben.click('#join');
  await until(ben, 'an idle page', () => window.bifrons.state === 'idle');
  await sees(ann, names.slice(2));
  assert.equal(await ben.inputValue('#name'), 'Ben');
  await join(ben);
  await up(ben);
  await sees(ann, others('Ann'));
  await sees(ben, others('Ben'));
  const lines = await ann.evaluate(() =>
    window.bifrons.receiving.getTransceivers().length);
  /* Five others and a screen at most, two m-lines each, one for the screen. */
  assert.ok(lines <= 11, `${lines} m-lines`);
  assert.deepEqual(ann.trouble, []);
});

test('a server that goes away and comes back is rejoined', {
  skip: !process.env.BIFRONS_WS && 'BIFRONS_WS says no WebSocket address',
}, async () => {
  const page = pages.at(-1);
  await page.evaluate(() => window.cutOff(true));
  await reason(page, 'room.lost');
  await sees(pages[0], names.slice(1, -1));
  await page.evaluate(() => window.cutOff(false));
  await up(page);
  await sees(page, others(names.at(-1)));
  await sees(pages[0], others('Ann'));
});

test('six leave', async () => {
  for (const page of pages)
    await page.context().close();
  const deadline = Date.now() + startMs;
  for (;;) {
    const { participants } = await ask({ request: 'listparticipants', room });
    if (participants.length === 0)
      return;
    assert.ok(Date.now() < deadline, JSON.stringify(participants));
    await setTimeout(100);
  }
});

test('a PIN is asked for, and its mistakes are explained', async () => {
  await ask({ request: 'create', room: room + 1, pin: 'sesame' });
  const page = await openRoom({ room: room + 1, name: 'Gus' });
  await join(page);
  await reason(page, 'room.needsPin');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'pin');
  await page.fill('#pin', 'wrong');
  await page.keyboard.press('Enter');
  await reason(page, 'room.wrongPin');
  await page.fill('#pin', 'sesame');
  await page.keyboard.press('Enter');
  await up(page);
  assert.match(page.url(), new RegExp(`room=${room + 1}`));
  assert.deepEqual(page.trouble, []);
  await page.context().close();
});

test('a full room is watched', async () => {
  await ask({ request: 'create', room: room + 2, publishers: 1 });
  const first = await openRoom({ room: room + 2, name: 'Hal' });
  await join(first);
  await up(first);
  const second = await openRoom({ room: room + 2, name: 'Ida' });
  await join(second);
  await second.getByText('Nobody else can send').waitFor();
  await sees(second, ['Hal']);
  await first.context().close();
  await second.context().close();
});

test('a refused camera and a silent server are explained', async () => {
  const page = await openRoom({ room, name: 'Jon' }, { permissions: [] });
  await join(page);
  await reason(page, 'media.refused');
  await page.context().close();
  const lost = await openRoom({ room, name: 'Kim', server: '/nowhere' });
  await join(lost);
  await reason(lost, 'server.none');
  await lost.context().close();
});
