/* Drives the demo pages in Chromium with their own buttons, against the
   server at BIFRONS_HTTP (which serves the pages too):

     BIFRONS_HTTP=http://127.0.0.1:8088 node demo-echotest.mjs

   Exits with 77 where there is no server named, no Chromium or no modules.
   BIFRONS_TEST_SIMULCAST=yes adds the simulcast test. */

import assert from 'node:assert/strict';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { base, launch, openPage, requireBrowser, until } from './lib.mjs';

await requireBrowser();

/* Chromium's fake microphone beeps twice a second, at this frequency. */
const beepHz = 400;
const spanMs = 3000;

let browser;
before(async () => {
  browser = await launch({ flags: ['--deny-permission-prompts'] });
});
after(() => browser?.close());

/* The page's own choice of transport, or the WebSockets of BIFRONS_WS. */
function addressed(path) {
  const ws = process.env.BIFRONS_WS;
  if (!ws || !path.startsWith('/echotest') || path.includes('server='))
    return path;
  return `${path}${path.includes('?') ? '&' : '?'}server=${ws}`;
}

async function withPage(path, options, use) {
  const page = await openPage(browser, addressed(path), options);
  try {
    await use(page);
  } finally {
    await page.context().close();
  }
}

function ready(page) {
  return until(page, 'a page that can start', () =>
    !document.getElementById('start').disabled);
}

async function start(page) {
  await ready(page);
  await page.click('#start');
  await until(page, 'a call that is up', () => window.bifrons.state === 'up');
  await until(page, 'video that is decoded', () =>
    window.bifrons.stats?.video?.framesDecoded > 0);
}

async function stop(page) {
  await page.click('#start');
  await until(page, 'an idle page', () => window.bifrons.state === 'idle');
}

const readFrames = async () => {
  const now = { ms: performance.now(), sent: 0, decoded: 0 };
  const stats = await window.bifrons.connection.getStats();
  for (const report of stats.values())
    if (report.type === 'outbound-rtp' && report.kind === 'video')
      now.sent += report.framesSent;
    else if (report.type === 'inbound-rtp' && report.kind === 'video')
      now.decoded += report.framesDecoded;
  return now;
};

/* Frames sent and decoded over a span of time. */
async function countFrames(page) {
  const first = await page.evaluate(readFrames);
  await until(page, 'the time to count frames', ([from, span]) =>
    performance.now() - from >= span, [first.ms, spanMs]);
  const last = await page.evaluate(readFrames);
  return {
    sent: last.sent - first.sent,
    decoded: last.decoded - first.decoded,
  };
}

/* Starts to listen to the echo: window.ear then holds the frequency of the
   last loud moment and when that was. */
function listen(page, hz) {
  return page.evaluate((beep) => {
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 4096;
    analyser.smoothingTimeConstant = 0;
    context.createMediaStreamSource(window.bifrons.remoteAudio)
      .connect(analyser);
    const bins = new Float32Array(analyser.frequencyBinCount);
    const step = context.sampleRate / analyser.fftSize;
    window.ear = { loudMs: -1, hz: 0, beep };
    setInterval(() => {
      analyser.getFloatFrequencyData(bins);
      /* Below 200 Hz is what a filter leaves of the beep's edges. */
      const low = Math.ceil(200 / step);
      const peak = bins.reduce((best, level, bin) =>
        bin >= low && level > bins[best] ? bin : best, low);
      if (bins[peak] > -45)
        Object.assign(window.ear, { loudMs: performance.now(),
          hz: peak * step });
    }, 20);
  }, hz);
}

async function hearsBeep(page) {
  const from = await page.evaluate(() => performance.now());
  const hz = await until(page, 'a beep', (since) =>
    window.ear.loudMs > since && window.ear.hz, from);
  assert.ok(Math.abs(hz - beepHz) < 30, `heard ${hz} Hz`);
}

/* True silence: three beeps would have come in that time. */
function hearsNothing(page) {
  return until(page, 'silence', () =>
    performance.now() - window.ear.loudMs > 1500);
}

/* Mean colour of a picture, as [red, green, blue]. */
function colour(page, id) {
  return page.evaluate((name) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 8;
    const context = canvas.getContext('2d');
    context.drawImage(document.getElementById(name), 0, 0, 8, 8);
    const { data } = context.getImageData(0, 0, 8, 8);
    return [0, 1, 2].map((part) => data.filter((_, i) =>
      i % 4 === part).reduce((sum, value) => sum + value, 0) / 64);
  }, id);
}

/* Waits until three measured rates in a row satisfy the bounds. */
function rateBetween(page, low, high) {
  return page.evaluate(() => {
    window.rates = [];
  }).then(() => until(page, `a video rate of ${low} to ${high} kbit/s`,
    ([from, to]) => {
      const { video } = window.bifrons.stats;
      const { rates } = window;
      if (rates.at(-1)?.at !== video.timestamp)
        rates.push({ at: video.timestamp, kbps: video.kbps });
      const last = rates.slice(-3);
      return last.length === 3 && last.every(({ kbps }) =>
        kbps >= from && kbps <= to);
    }, [low, high], 40000));
}

test('the index lists the demos', async () => {
  await withPage('/?lang=en', {}, async (page) => {
    const demos = await until(page, 'cards', () => {
      const cards = [...document.querySelectorAll('[data-demo]')];
      return cards.length > 0 && Object.fromEntries(cards.map((card) =>
        [card.dataset.demo, card.dataset.status]));
    });
    assert.equal(demos.echotest, 'ready');
    for (const name of ['videoroom', 'audiobridge', 'streaming', 'recordplay',
      'voicemail', 'textroom', 'videocall', 'sip', 'nosip', 'screensharing',
      'admin'])
      assert.ok(demos[name], `no card for ${name}`);
    await until(page, 'an answer of the server', () =>
      document.getElementById('server-line').dataset.answered === 'yes');
    await page.click('[data-demo=echotest] a');
    await page.waitForURL('**/echotest.html?lang=en');
    assert.deepEqual(page.trouble, []);
  });
});

test('every language has every string', async () => {
  const read = async (name) =>
    (await fetch(`${base}/i18n/${name}.json`)).json();
  const keys = Object.keys(await read('en'));
  for (const name of ['ko', 'zh_CN'])
    assert.deepEqual(Object.keys(await read(name)), keys, name);
  await withPage('/echotest.html', { locale: 'ko-KR' }, async (page) => {
    await until(page, 'Korean', () => document.documentElement.lang === 'ko' &&
      document.getElementById('start').textContent === '시작');
  });
});

test('picture, sound and text come back', async () => {
  await withPage('/echotest.html?lang=en', {}, async (page) => {
    await start(page);
    const frames = await countFrames(page);
    assert.ok(frames.sent >= 15, `${frames.sent} frames sent`);
    assert.ok(frames.decoded >= frames.sent * 0.8 &&
      frames.decoded <= frames.sent * 1.2, JSON.stringify(frames));
    const [local, remote] = [await colour(page, 'local'),
      await colour(page, 'remote')];
    local.forEach((value, i) => assert.ok(Math.abs(value - remote[i]) < 40,
      `sent colour ${local}, came back ${remote}`));

    await listen(page, beepHz);
    await hearsBeep(page);

    await until(page, 'an open data channel', () =>
      !document.getElementById('data-text').disabled);
    await page.fill('#data-text', 'two faces <b>');
    await page.click('#data-send');
    const text = await until(page, 'echoed text', () =>
      document.querySelector('#data-log [data-way=received]')?.textContent);
    assert.match(text,
      /Janus EchoTest here! You wrote: two faces <b>$/);
    const line = await page.innerText('#stats');
    assert.match(line, /\d+×\d+/);
    assert.match(line, /frames\/s/);
    assert.match(line, /lost \d/);
    assert.match(line, /jitter/);
    assert.match(line, /Opus/);
    assert.deepEqual(page.trouble, []);
  });
});

test('the toggles stop and start each medium', async () => {
  await withPage('/echotest.html?lang=en', {}, async (page) => {
    await start(page);
    await listen(page, beepHz);
    await hearsBeep(page);

    await page.click('#toggle-audio');
    await hearsNothing(page);
    assert.equal(await page.getAttribute('#toggle-audio', 'data-on'), 'no');
    assert.match(await page.innerText('#toggle-state'), /Audio off/);
    const muted = await countFrames(page);
    assert.ok(muted.decoded >= muted.sent * 0.8, JSON.stringify(muted));
    await page.click('#toggle-audio');
    await hearsBeep(page);

    await page.click('#toggle-video');
    await rateBetween(page, 0, 1);
    const off = await countFrames(page);
    assert.equal(off.decoded, 0, JSON.stringify(off));
    await hearsBeep(page);
    await page.click('#toggle-video');
    await until(page, 'video again', () => window.bifrons.stats.video.kbps > 50);
    assert.deepEqual(page.trouble, []);
  });
});

test('the bitrate selector caps what comes back', async () => {
  await withPage('/echotest.html?lang=en', {}, async (page) => {
    await start(page);
    await rateBetween(page, 250, 5000);
    await page.selectOption('#bitrate', '128');
    await rateBetween(page, 20, 128 * 1.25);
    assert.match(await page.innerText('#measured'), /^\d+ kbit\/s$/);
    await page.selectOption('#bitrate', '0');
    await rateBetween(page, 250, 5000);
    assert.deepEqual(page.trouble, []);
  });
});

test('codecs are obeyed, and a second start works', async () => {
  await withPage('/echotest.html?lang=en&vcodec=vp9', {}, async (page) => {
    await ready(page);
    await page.selectOption('#acodec', 'pcmu');
    await start(page);
    const used = () => page.evaluate(() => [window.bifrons.stats.audio.codec,
      window.bifrons.stats.video.codec]);
    assert.deepEqual(await used(), ['PCMU', 'VP9']);
    assert.deepEqual(page.trouble, []);
    /* From here on the console is not looked at: over HTTP janus.js may poll
       once more for the session it has just destroyed, and get a 404. */
    await stop(page);
    await page.selectOption('#acodec', 'opus');
    await page.selectOption('#vcodec', 'vp8');
    await start(page);
    await until(page, 'the other codecs', () => {
      const { audio, video } = window.bifrons.stats;
      return audio?.codec === 'opus' && video?.codec === 'VP8';
    });
  });
});

test('another camera can be chosen while it runs', async () => {
  await withPage('/echotest.html?lang=en', {}, async (page) => {
    await start(page);
    await until(page, 'named devices', () =>
      document.getElementById('camera').options.length > 2);
    const old = await page.evaluate(() =>
      document.getElementById('local').srcObject.getVideoTracks()[0].id);
    await page.selectOption('#camera', { index: 1 });
    await until(page, 'another track', (id) =>
      document.getElementById('local').srcObject?.getVideoTracks()[0].id !== id,
    old);
    const frames = await countFrames(page);
    assert.ok(frames.decoded >= frames.sent * 0.8 && frames.sent > 15,
      JSON.stringify(frames));
    assert.deepEqual(page.trouble, []);
  });
});

function reachLayer(page, layer, width, timeoutMs) {
  return until(page, `layer ${layer}`, ([value, pixels]) =>
    document.querySelector(`#layers-size button[value="${value}"]`)
      .dataset.layer === 'chosen' &&
    document.getElementById('remote').videoWidth === pixels,
  [layer, width], timeoutMs);
}

/* Presses a layer's button, again if need be: Janus 1.1.2 asks for the key
   frame of the new layer once a press, and Chromium ignores one that comes
   right after another. */
async function chooseLayer(page, layer, width, presses = 5) {
  await page.click(`#layers-size button[value="${layer}"]`);
  try {
    await reachLayer(page, layer, width, 6000);
  } catch (error) {
    if (presses <= 1)
      throw error;
    await chooseLayer(page, layer, width, presses - 1);
  }
}

test('layers can be chosen', {
  skip: process.env.BIFRONS_TEST_SIMULCAST !== 'yes' &&
    'BIFRONS_TEST_SIMULCAST is not yes',
}, async () => {
  await withPage('/echotest.html?lang=en&vcodec=vp8', {}, async (page) => {
    await ready(page);
    await page.check('#simulcast');
    await start(page);
    await reachLayer(page, 2, 1280, 30000);
    for (const [layer, width] of [[0, 320], [1, 640], [2, 1280]])
      await chooseLayer(page, layer, width);
    assert.deepEqual(page.trouble, []);
  });
});

test('a refused camera is explained', async () => {
  await withPage('/echotest.html?lang=en', { permissions: [] },
    async (page) => {
      await ready(page);
      await page.click('#start');
      await until(page, 'the error state', () =>
        window.bifrons.state === 'error');
      assert.match(await page.innerText('#notice'),
        /Camera or microphone refused[^]*try again/);
      assert.ok(await page.isEnabled('#start'));
      assert.deepEqual(page.trouble, []);
    });
});

test('an insecure page says where to go', async () => {
  const host = 'bifrons.test';
  const own = await launch({
    flags: [`--host-resolver-rules=MAP ${host} ${new URL(base).hostname}`],
  });
  try {
    const origin = `http://${host}:${new URL(base).port || 80}`;
    const page = await openPage(own, '/echotest.html?lang=en',
      { origin, permissions: [] });
    await until(page, 'the error state', () =>
      document.documentElement.dataset.state === 'error');
    assert.match(await page.innerText('#notice'), /https:\/\/bifrons\.test/);
    assert.ok(await page.isDisabled('#start'));
    assert.deepEqual(page.trouble, []);
  } finally {
    await own.close();
  }
});

test('a server that is not there, or goes away, is explained', async () => {
  await withPage('/echotest.html?lang=en&server=/nowhere', {}, async (page) => {
    await ready(page);
    await page.click('#start');
    await until(page, 'the notice', () =>
      document.getElementById('notice').dataset.reason === 'server.none');
  });
  await withPage('/echotest.html?lang=en&server=/janus', {}, async (page) => {
    await start(page);
    await page.route('**/janus/**', (route) => route.abort());
    await page.click('#toggle-audio');
    await until(page, 'the notice', () =>
      document.getElementById('notice').dataset.reason === 'server.lost',
    null, 90000);
    assert.equal(await page.evaluate(() => window.bifrons.state), 'error');
  });
});
