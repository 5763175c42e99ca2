/* Firefox: sound, pictures and data come back. Nothing drives it: the page
   calls, and reports by POST. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import process from 'node:process';
import { after, before, test } from 'node:test';
import { skip, startServer } from './server.mjs';
import { giveFile } from './serve-www.mjs';

const paths = ['/usr/bin/firefox-esr', '/usr/bin/firefox'];
const firefox = [process.env.FIREFOX ?? paths].flat().find((name) =>
  fs.existsSync(name));
if (!firefox)
  skip('no Firefox (FIREFOX names one)');

const preferences = {
  'media.navigator.streams.fake': true,
  'media.navigator.permission.disabled': true,
  'media.autoplay.default': 0,
  'media.autoplay.blocking_policy': 0,
  'media.peerconnection.ice.obfuscate_host_addresses': false,
  'media.gmp-manager.updateEnabled': false,
  'media.gmp-gmpopenh264.autoupdate': false,
  'app.update.enabled': false,
  'browser.shell.checkDefaultBrowser': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'services.settings.server': 'http://127.0.0.1:1/',
  'toolkit.telemetry.reportingpolicy.firstRun': false,
  'browser.aboutwelcome.enabled': false,
};

const folder = path.join(import.meta.dirname, 'pages');
let server;
let pages;
let take;

before(async () => {
  server = await startServer();
  pages = http.createServer((request, response) => {
    if (request.method !== 'POST') {
      giveFile(request, response, folder);
      return;
    }
    let text = '';
    request.on('data', (part) => {
      text += part;
    });
    request.on('end', () => {
      response.end();
      take?.(JSON.parse(text));
    });
  });
  await new Promise((resolve) => pages.listen(0, '127.0.0.1', resolve));
});
after(async () => {
  pages.closeAllConnections();
  pages.close();
  await server.stop();
});

/* Opens a page with a profile of its own, to what it reports. */
async function report(page, query, timeoutMs = 90000) {
  const profile = fs.mkdtempSync(path.join(os.tmpdir(), 'bifrons-firefox-'));
  fs.writeFileSync(path.join(profile, 'user.js'),
    Object.entries(preferences).map(([name, value]) =>
      `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});\n`)
      .join(''));
  const url = `http://127.0.0.1:${pages.address().port}/${page}?` +
    new URLSearchParams(query);
  const told = new Promise((resolve, reject) => {
    take = resolve;
    setTimeout(() => reject(new Error('Firefox reported nothing')),
      timeoutMs).unref();
  });
  const child = spawn(firefox, ['--headless', '--no-remote', '--profile',
    profile, url], { stdio: 'ignore', env: { ...process.env, HOME: profile,
    MOZ_DISABLE_CONTENT_SANDBOX: '1', MOZ_CRASHREPORTER_DISABLE: '1' } });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  try {
    return await told;
  } finally {
    child.kill();
    await ended;
    fs.rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

for (const [audiocodec, videocodec] of [['opus', 'vp8'], ['opus', 'vp9']])
  test(`an echo of ${audiocodec}, ${videocodec} and data`, async () => {
    const result = await report('firefox.html',
      { ws: server.ws, audiocodec, videocodec });
    assert.equal(result.error, undefined);
    const text = JSON.stringify(result);
    const { from, to } = result;
    assert.ok(to.decoded - from.decoded > 0.6 * (to.sent - from.sent), text);
    assert.ok(to.sent - from.sent > 10, text);
    /* Its fake microphone plays a tone; silence has next to no energy. */
    assert.ok(to.energy - from.energy > 0.003, text);
    assert.match(to.videoCodec.toLowerCase(), new RegExp(videocodec));
    assert.equal(result.heard[0],
      'Janus EchoTest here! You wrote: from Firefox');
    assert.equal(result.heard[1], 65536);
  });
