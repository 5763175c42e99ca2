/* Drives the voice mail page in Chromium with its own buttons, against the
   server at BIFRONS_HTTP:

     BIFRONS_HTTP=http://127.0.0.1:8088 node demo-voicemail.mjs

   Exits with 77 where there is no server named, no Chromium or no modules. */

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { base, launch, openPage, requireBrowser, until } from './lib.mjs';
import { probe } from './probe.mjs';

await requireBrowser();

const lengthSeconds = 10;
const waitMs = 40000;

let browser;
let page;
before(async () => {
  browser = await launch();
  page = await openMail();
});
after(() => browser?.close());

function openMail(query = {}, options = {}) {
  const ws = process.env.BIFRONS_WS;
  const server = ws && !query.server ? { server: ws } : {};
  return openPage(browser, `/voicemail.html?${new URLSearchParams({
    lang: 'en', ...server, ...query })}`, options);
}

const state = (one, wanted) => until(one, `the state ${wanted}`, (name) =>
  document.documentElement.dataset.state === name, wanted, waitMs);

/* The newest message's audio element, when it knows its length. */
const heard = () => until(page, 'a message with a length', () => {
  const audio = document.querySelector('#made audio');
  return audio?.readyState > 0 && { seconds: audio.duration, src: audio.src };
}, null, waitMs);

/* Ears of the page's greeting: the loudest it was, and for how long it was
   loud. */
const listen = () => page.evaluate(() => {
  const audio = document.getElementById('greeting');
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  const samples = new Float32Array(analyser.fftSize);
  const heard = window.heard = { loudest: 0, samples: 0, playing: false };
  let from;
  setInterval(() => {
    if (!audio.srcObject)
      return;
    if (from !== audio.srcObject) {
      from = audio.srcObject;
      context.createMediaStreamSource(from).connect(analyser);
    }
    analyser.getFloatTimeDomainData(samples);
    const level = Math.sqrt(samples.reduce((sum, one) => sum + one * one, 0) /
      samples.length);
    heard.loudest = Math.max(heard.loudest, level);
    heard.samples += level > 0.02;
    heard.playing ||= !audio.paused && !audio.muted && audio.volume === 1;
  }, 50);
});

test('the greeting is heard, before anything is recorded', async () => {
  await listen();
  await page.click('#start:enabled');
  await state(page, 'greeting');
  assert.match(await page.innerText('#state'), /greeting/);
  assert.equal(await page.innerText('#steps [aria-current=step]'), 'Greeting');
  assert.equal(await page.innerText('#left'), '10');
  await until(page, 'its voice', () => window.heard.samples > 10);
  assert.equal(await page.innerText('#left'), '10');
  await state(page, 'up');
  const heard = await page.evaluate(() => window.heard);
  assert.ok(heard.playing && heard.loudest > 0.05, JSON.stringify(heard));
});

test('ten seconds are counted down and kept', async () => {
  assert.equal(await page.innerText('#state'), 'Recording');
  assert.equal(await page.innerText('#steps [aria-current=step]'),
    'Your message');
  await until(page, 'a level of the beeping microphone', () =>
    document.getElementById('level').value > 0.1);
  await until(page, 'a countdown', () =>
    Number(document.getElementById('left').textContent) <= 5, null, waitMs);
  await state(page, 'over');
  const { seconds, src } = await heard();
  assert.ok(Math.abs(seconds - lengthSeconds) < 0.6, `${seconds} s`);
  const answer = await fetch(src);
  assert.equal(answer.status, 200);
  const found = probe(Buffer.from(await answer.arrayBuffer()));
  assert.equal(found.audio.codec, 'opus');
  assert.ok(Math.abs(found.audio.seconds - lengthSeconds) < 0.6,
    JSON.stringify(found));
  assert.ok(found.audio.frames > 450, JSON.stringify(found));
  assert.deepEqual(page.trouble, []);
});

test('the file plays in the page, and is one to download', async () => {
  const [seconds, download] = await page.evaluate(async () => {
    const audio = document.querySelector('#made audio');
    audio.muted = true;
    audio.playbackRate = 4;
    await audio.play();
    await new Promise((resolve) => audio.addEventListener('ended', resolve));
    return [audio.currentTime, document.querySelector('#made a').download];
  });
  assert.ok(Math.abs(seconds - lengthSeconds) < 0.6, `${seconds} s`);
  assert.equal(download, '');
});

test('a message can be stopped before', async () => {
  await page.click('#start:enabled');
  await state(page, 'up');
  await until(page, 'some seconds', () =>
    Number(document.getElementById('left').textContent) <= 7, null, waitMs);
  await page.click('#start');
  await state(page, 'over');
  assert.equal(await page.locator('#made li').count(), 2);
  const { seconds } = await heard();
  assert.ok(seconds > 2 && seconds < 5, `${seconds} s`);
});

test('stopped during the greeting, nothing is kept', async () => {
  await page.click('#start:enabled');
  await state(page, 'greeting');
  await page.click('#start');
  await state(page, 'idle');
  assert.match(await page.innerText('#state'), /before/);
  assert.equal(await page.locator('#made li').count(), 2);
  assert.deepEqual(page.trouble, []);
});

test('keys do all of it, and a question can be taken back', async () => {
  const asking = await openMail({}, { script: () => {
    navigator.mediaDevices.getUserMedia = () => new Promise(() => {});
  } });
  await asking.focus('#start:enabled');
  await asking.keyboard.press('Enter');
  await state(asking, 'starting');
  assert.equal(await asking.innerText('#start'), 'Stop');
  await asking.keyboard.press('Enter');
  await state(asking, 'idle');
  assert.equal(await asking.innerText('#start'), 'Record');
  assert.equal(await asking.evaluate(() => document.activeElement.id),
    'start');
  await asking.context().close();
});

test('the folder of messages is not listed', async () => {
  const answer = await fetch(new URL('/recordings/', base));
  assert.equal(answer.status, 404);
});

test('what is refused is explained', async () => {
  const lost = await openMail({ server: '/nowhere' });
  await lost.click('#start:enabled');
  await until(lost, 'the notice', () => document.getElementById('notice')
    .dataset.reason === 'server.none', null, waitMs);
  assert.ok(await lost.isEnabled('#start'));
  await lost.context().close();
});
