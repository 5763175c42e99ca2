/* Recordings of a room's publishers in Chromium: who asks for them and how, in
   which ways they end, and what is in the files. */

import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { launch, requireBrowser } from './lib.mjs';
import { probe, widths } from './probe.mjs';
import { canSend } from './raw-page.mjs';
import { checkFile, checkInBrowser, checkOffsets } from
  './recording-checks.mjs';
import { assertWhole, closedFiles, list, seconds, withRooms } from
  './room-recordings.mjs';

await requireBrowser();

const lengthSeconds = 6;
const quickFrames = 25;

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser?.close());

test('a room with "record" records its publisher, in step', () =>
  withRooms(browser, 'webm', async (rooms) => {
    const folder = await rooms.create(1, { record: true });
    const publisher = await rooms.publish(1);
    await seconds(lengthSeconds);
    const made = await publisher.made();
    await publisher.ask({ request: 'leave' });
    const [file] = await closedFiles(rooms.server, folder, 1);
    assert.match(path.basename(file),
      new RegExp(`^videoroom-1-user-${publisher.id}-\\d{16}\\.webm$`));
    assertWhole(file);
    const found = checkFile(file, made);
    checkOffsets(file);
    await checkInBrowser(browser, folder, file, found);
  }));

/* How a publisher stops. */
const ends = {
  'leave': (rooms, one) => one.ask({ request: 'leave' }),
  'unpublish': (rooms, one) => one.ask({ request: 'unpublish' }),
  'kick': (rooms, one) => rooms.ask({ request: 'kick', room: 2, id: one.id }),
  'hangup': (rooms, one) => one.call('asks', 'hangup'),
  'detach': (rooms, one) => one.call('asks', 'detach'),
  'destroy': (rooms, one) => one.call('asks', 'destroy'),
  'the PeerConnection': (rooms, one) => one.call('hang'),
  'the room': (rooms) => rooms.ask({ request: 'destroy', room: 2 }),
};

test('however a publisher ends, the file is whole', () =>
  withRooms(browser, 'webm', async (rooms) => {
    const folder = await rooms.create(2, { record: true });
    const names = Object.keys(ends);
    const publishers = [];
    for (const name of names)
      publishers.push(await rooms.publish(2, { fps: 10, width: 160,
        height: 120, join: { display: name } }));
    for (const [i, name] of names.entries()) {
      await publishers[i].sends(quickFrames);
      await ends[name](rooms, publishers[i]);
    }
    const files = await closedFiles(rooms.server, folder, names.length);
    for (const [i, name] of names.entries()) {
      const file = files.find((one) => one.includes(`-${publishers[i].id}-`));
      const { audio, video } = assertWhole(file);
      assert.ok(audio.frames > 20 && video.frames > quickFrames - 10,
        `${name}: ${JSON.stringify({ audio, video })}`);
    }
  }));

test('"configure" starts and stops; the next file leaves the first whole', () =>
  withRooms(browser, 'webm', async (rooms) => {
    const folder = await rooms.create(3);
    const publisher = await rooms.publish(3);
    await publisher.sends(10);
    assert.deepEqual(list(folder), []);
    const record = (value, more) => publisher.ask({ request: 'configure',
      record: value, ...more });
    await record(true, { filename: 'named' });
    await publisher.sends(2 * quickFrames);
    await record(false);
    const [first] = await closedFiles(rooms.server, folder, 1);
    assert.equal(path.basename(first), 'named.webm');
    const before = fs.readFileSync(first);
    const { video } = assertWhole(first);
    assert.ok(video.startsWithKey && video.frames >= quickFrames);
    /* Again at once, in the same breath, and by another with the same name. */
    await record(true);
    const other = await rooms.publish(3, { body: { record: true,
      filename: 'named' } });
    await other.sends(quickFrames);
    await other.ask({ request: 'leave' });
    await publisher.sends(quickFrames);
    await record(false);
    await record(true);
    await publisher.sends(quickFrames);
    await publisher.ask({ request: 'unpublish' });
    const files = await closedFiles(rooms.server, folder, 4);
    assert.deepEqual(fs.readFileSync(first), before);
    for (const file of files) {
      assert.match(path.basename(file), /^named(-\d{16})?\.webm$/);
      assert.ok(assertWhole(file).video.frames >= quickFrames - 10, file);
    }
  }));

test('"enable_recording" is for all of the room', () =>
  withRooms(browser, 'webm', async (rooms) => {
    const folder = await rooms.create(4, { secret: 'key' });
    const small = { fps: 10, width: 160, height: 120 };
    const publishers = [await rooms.publish(4, small),
      await rooms.publish(4, small)];
    const enable = (record) => rooms.ask({ request: 'enable_recording',
      room: 4, secret: 'key', record });
    assert.deepEqual(await enable(true), { videoroom: 'success',
      record: true });
    for (const one of publishers)
      await one.sends(quickFrames);
    publishers.push(await rooms.publish(4, small));
    await publishers[2].sends(quickFrames);
    await enable(false);
    const files = await closedFiles(rooms.server, folder, 3);
    files.forEach(assertWhole);
    await publishers[0].sends(5);
    assert.equal(list(folder).length, 3);
  }));

test('"lock_record" wants the secret, but not of who joins', () =>
  withRooms(browser, 'webm', async (rooms) => {
    const folder = await rooms.create(5, { lock_record: true, secret: 'key' });
    const publisher = await rooms.publish(5, { body: { record: true } });
    const configure = async (more) => {
      const { plugindata } = await publisher.ask({ request: 'configure',
        ...more });
      assert.equal(plugindata.data.configured, 'ok');
      await publisher.sends(quickFrames);
    };
    await configure({ record: true });
    await configure({ record: true, secret: 'wrong', filename: 'no' });
    assert.deepEqual(list(folder), []);
    await configure({ record: true, secret: 'key', filename: 'yes' });
    await configure({ record: false });
    assert.deepEqual(list(folder), ['yes.webm']);
    await configure({ record: false, secret: 'key' });
    const [file] = await closedFiles(rooms.server, folder, 1);
    assert.ok(assertWhole(file).video.frames > quickFrames);
    const joined = await rooms.enter(5, { request: 'joinandconfigure',
      record: true, filename: 'joined' });
    await joined.call('publish');
    await joined.sends(quickFrames);
    await joined.ask({ request: 'leave' });
    await closedFiles(rooms.server, folder, 2);
    assertWhole(path.join(folder, 'joined.webm'));
  }));

test('two videos are in one file, words beside it', () =>
  withRooms(browser, 'webm', async (rooms) => {
    const folder = await rooms.create(6, { record: true });
    const publisher = await rooms.publish(6, { videos: 2, data: true, fps: 15,
      body: { filename: 'many' } });
    await publisher.call('say', 'first words');
    await publisher.sends(3 * quickFrames);
    await publisher.call('say', 'last words');
    await publisher.sends(quickFrames);
    const sent = await publisher.call('tracks');
    await publisher.ask({ request: 'unpublish' });
    /* Words are there as subtitles, and as messages that can be sent again. */
    const files = await closedFiles(rooms.server, folder, 3);
    console.log(`# ${files.map((file) => path.basename(file))}`);
    const { tracks } = assertWhole(path.join(folder, 'many.webm'));
    const videos = tracks.filter(({ kind }) => kind === 'video');
    assert.equal(videos.length, 2);
    assert.equal(tracks.length, 3);
    for (const [i, one] of sent.filter(({ kind }) => kind === 'video')
      .entries())
      assert.ok(videos[i].startsWithKey &&
        videos[i].frames > 0.9 * one.frames - 15,
      JSON.stringify({ sent, tracks }));
    const words = files.filter((file) => !file.endsWith('.webm'))
      .map((file) => fs.readFileSync(file, 'utf8'));
    for (const text of words)
      assert.ok(text.includes('first words') && text.includes('last words'),
        text);
  }));

test('of simulcast the best layer is recorded, whatever there is of it', () =>
  withRooms(browser, 'webm', async (rooms) => {
    const folder = await rooms.create(7, { record: true });
    const publisher = await rooms.publish(7, { width: 640, height: 480,
      fps: 20, body: { filename: 'layers' }, encodings: [
        { rid: 'h', maxBitrate: 600000 },
        { rid: 'l', maxBitrate: 100000, scaleResolutionDownBy: 4 }] });
    const active = (rid, on) => publisher.call('activate', rid, on);
    await publisher.sends(1);
    await seconds(4);
    await active('h', false);
    await seconds(4);
    await active('h', true);
    await seconds(4);
    const made = await publisher.made();
    await publisher.ask({ request: 'leave' });
    const [file] = await closedFiles(rooms.server, folder, 1);
    const { video } = assertWhole(file);
    const sizes = widths(file);
    console.log(`# ${JSON.stringify({ video, sizes, made })}`);
    assert.ok(sizes.includes(640) && sizes.includes(160), sizes.join());
    assert.equal(sizes.at(-1), 640);
    assert.ok(video.gap < 2, JSON.stringify(video));
    await checkInBrowser(browser, folder, file, probe(file));
  }));

test('another codec is another part', async (t) => {
  if (!await canSend(browser, 'vp9')) {
    t.skip('this Chromium sends no VP9');
    return;
  }
  await withRooms(browser, 'webm', async (rooms) => {
    const folder = await rooms.create(8, { record: true });
    const publisher = await rooms.publish(8, { codec: 'vp8',
      body: { filename: 'codecs' } });
    await publisher.sends(3 * quickFrames);
    await publisher.call('change', 'vp9');
    await publisher.sends(3 * quickFrames);
    await publisher.ask({ request: 'leave' });
    const files = await closedFiles(rooms.server, folder, 2);
    const found = files.map(assertWhole);
    console.log(`# ${JSON.stringify(found)}`);
    assert.deepEqual(found.map(({ video }) => video.codec).sort(),
      ['vp8', 'vp9']);
    for (const { audio, video } of found)
      assert.ok(audio.frames > 20 && video.frames > quickFrames &&
        video.startsWithKey);
  });
});
