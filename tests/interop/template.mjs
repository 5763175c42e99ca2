/* A user's own template: media runs through elements, later and changed, and
   the other tracks stay on the relay. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { runInPage, servePages } from './raw-page.mjs';
import { withServer } from './server.mjs';

await requireBrowser();

const delayMs = 800;
const peer = 'webrtcbin name=peer bundle-policy=max-bundle latency=100';
const relay = 'bifrelay name=relay';
const late = `rtpopusdepay name=in ! opusdec ! audioconvert ! queue
  max-size-time=0 max-size-bytes=0 max-size-buffers=0
  min-threshold-time=${delayMs}000000
  ! audioconvert ! audioresample ! opusenc ! rtpopuspay name=out`;
const grey = `rtpvp8depay name=in ! vp8dec ! videoconvert
  ! videobalance saturation=0 ! videoconvert ! vp8enc deadline=1 cpu-used=8
  keyframe-max-dist=10000 ! rtpvp8pay name=out`;

function makeTemplate({ audio = relay, video = relay }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-template-'));
  fs.writeFileSync(path.join(folder, 'echotest.gst'),
    `[peer]\n${peer}\n[audio]\n${audio}\n[video]\n${video}\n`);
  return folder;
}

/* Runs use(run) with a server that has the template. */
async function withTemplate(sections, use) {
  const folder = makeTemplate(sections);
  try {
    await withServer({ env: { BIFRONS_PIPELINE_PATH: folder } },
      async (server) => {
        const pages = await servePages(server);
        try {
          await use((inPage, argument) =>
            runInPage(browser, pages, server, inPage, argument), server);
        } finally {
          await pages.close();
        }
      });
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

/* In the page: how long bursts of a tone take to come back, in ms. */
const measureDelay = async ([ws]) => {
  const echo = await new Echo(ws).open();
  const context = new AudioContext();
  const tone = new OscillatorNode(context, { frequency: 1000 });
  const gate = new GainNode(context, { gain: 0 });
  const out = context.createMediaStreamDestination();
  tone.connect(gate).connect(out);
  tone.start();
  echo.pc.addTrack(out.stream.getAudioTracks()[0], out.stream);
  await echo.add({ video: true });
  await echo.negotiate();
  await echo.flows({ frames: 5, audio: false });

  const ear = new AnalyserNode(context, { fftSize: 256 });
  context.createMediaStreamSource(echo.audio.srcObject).connect(ear);
  const samples = new Float32Array(ear.fftSize);
  const waitFor = async (loud) => {
    const deadline = performance.now() + 10000;
    for (;;) {
      ear.getFloatTimeDomainData(samples);
      if (samples.some((value) => Math.abs(value) > 0.1) === loud)
        return performance.now();
      if (performance.now() > deadline)
        throw new Error(loud ? 'no tone came back' : 'the tone stays');
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };

  const delays = [];
  for (let burst = 0; burst < 4; burst++) {
    const from = performance.now();
    gate.gain.setValueAtTime(0.8, context.currentTime);
    delays.push(await waitFor(true) - from);
    gate.gain.setValueAtTime(0, context.currentTime);
    await waitFor(false);
    /* Silence long enough that no tail is taken for the next burst. */
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return delays.sort((a, b) => a - b)[1];
};

test('sound comes back later through a delay', async () => {
  let plain;
  let delayed;
  await withTemplate({}, async (run) => {
    plain = await run(measureDelay);
  });
  await withTemplate({ audio: late }, async (run) => {
    delayed = await run(measureDelay);
  });
  const more = delayed - plain;
  assert.ok(plain < 500, `${plain} ms over the relay`);
  assert.ok(more > delayMs * 0.8 && more < delayMs + 700,
    `${plain} ms, then ${delayed} ms`);
});

/* In the page: the picture's strongest colour, and frames over a while. */
const watchPicture = async ([ws]) => {
  const echo = await new Echo(ws).open();
  await echo.add({ audio: true, video: { width: 320, height: 240 } });
  await echo.negotiate();
  const first = performance.now();
  await echo.flows({ frames: 1, audio: false });
  const startMs = performance.now() - first;
  const from = await echo.stats();
  await new Promise((resolve) => setTimeout(resolve, 3000));
  const to = await echo.stats();
  /* Back from a pause, the decoder needs a keyframe of the encoder, which
     makes none by itself. */
  await echo.client.message(echo.handle, { video: false });
  await new Promise((resolve) => setTimeout(resolve, 500));
  await echo.client.message(echo.handle, { video: true });
  await echo.flows({ frames: 20 });
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [32, 24];
  const context = canvas.getContext('2d');
  const colour = (element) => {
    context.drawImage(element, 0, 0, 32, 24);
    const { data } = context.getImageData(0, 0, 32, 24);
    let most = 0;
    for (let i = 0; i < data.length; i += 4)
      most = Math.max(most, Math.max(data[i], data[i + 1], data[i + 2]) -
        Math.min(data[i], data[i + 1], data[i + 2]));
    return most;
  };
  return { startMs, colour: colour(echo.video), width: echo.video.videoWidth,
    sent: to.sent - from.sent, decoded: to.decoded - from.decoded,
    energy: to.energy - from.energy };
};

test('pictures come back without their colours', async () => {
  await withTemplate({}, async (run) => {
    const plain = await run(watchPicture);
    assert.ok(plain.colour > 100, JSON.stringify(plain));
  });
  await withTemplate({ video: grey }, async (run) => {
    for (let call = 0; call < 2; call++) {
      const seen = await run(watchPicture);
      const text = JSON.stringify(seen);
      assert.ok(seen.colour < 40, text);
      assert.ok(seen.startMs < 5000, text);
      assert.ok(seen.decoded > seen.sent * 0.7, text);
      assert.ok(seen.energy > 0, text);
    }
  });
});
