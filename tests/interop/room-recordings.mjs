/* Publishers of rooms in Chromium, and what is recorded of them: shared by the
   tests of rooms' recordings. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import WebSocket from 'ws';
import { openPage } from './lib.mjs';
import { Client } from './pages/client.mjs';
import { probe } from './probe.mjs';
import { servePages } from './raw-page.mjs';
import { makeFolder } from './recording-checks.mjs';
import { startServer, until } from './server.mjs';

const plugin = 'janus.plugin.videoroom';

/* One publisher of a page; its methods are those of FlashRoom there. */
class Publisher {
  constructor(page, index) {
    Object.assign(this, { page, index, startedMs: Date.now() });
  }

  call(name, ...args) {
    return this.page.evaluate(async ([index, method, values]) => {
      const flash = window.flashes[index];
      const result = await flash[method](...values);
      return result === flash ? flash.id : result;
    }, [this.index, name, args]);
  }

  ask(body) {
    return this.call('ask', body);
  }

  /* What checkFile() wants, as of now. */
  async made() {
    const sent = await this.call('sent');
    return { sent, seconds: (Date.now() - this.startedMs) / 1000 };
  }

  /* Waits until so many frames more were sent of each video. */
  async sends(frames) {
    const from = await this.call('tracks');
    const of = (all, { mid, rid }) =>
      all.find((one) => one.mid === mid && one.rid === rid)?.frames ?? 0;
    return until(`${frames} frames`, async () => {
      const now = await this.call('tracks');
      return now.some(({ kind }) => kind === 'video') &&
        now.every((one) => one.kind !== 'video' || one.rid ||
          of(now, one) - of(from, one) >= frames) && now;
    }, 60000);
  }
}

/* Rooms, their owner, and pages with publishers. */
class Rooms {
  constructor(browser, server, folder) {
    Object.assign(this, { browser, server, folder, opened: [] });
  }

  async open() {
    this.pages = await servePages(this.server);
    this.client = await new Client(this.server.ws, WebSocket).opened;
    await this.client.create();
    this.handle = await this.client.attach(plugin);
    return this;
  }

  async ask(body) {
    const { plugindata } = await this.client.message(this.handle, body);
    assert.equal(plugindata.data.error, undefined, JSON.stringify(plugindata));
    return plugindata.data;
  }

  /* A room whose recordings are in a folder of its own. */
  async create(room, more = {}) {
    const dir = path.join(this.folder, String(room));
    await this.ask({ request: 'create', room, publishers: 10, rec_dir: dir,
      videocodec: 'vp8,vp9,h264,av1', ...more });
    return dir;
  }

  async page() {
    if (this.shown)
      return this.shown;
    this.shown = await openPage(this.browser, '/flash-room.html',
      { origin: this.pages.origin });
    await this.shown.waitForFunction(() => window.FlashRoom);
    return this.shown;
  }

  /* Enters the room, with a request of its own. */
  async enter(room, body) {
    const page = await this.page();
    const index = await page.evaluate(([ws, number]) =>
      window.flashes.push(new window.FlashRoom(ws, number)) - 1,
    [this.server.ws, room]);
    const publisher = new Publisher(page, index);
    publisher.id = await publisher.call('join', body);
    return publisher;
  }

  async publish(room, { body, join, ...settings } = {}) {
    const publisher = await this.enter(room, join);
    publisher.startedMs = Date.now();
    await publisher.call('publish', body, settings);
    return publisher;
  }

  async closePage() {
    await this.shown?.context().close();
    this.shown = undefined;
  }

  /* Kills the server in the middle of it all. */
  async crash() {
    this.crashed = true;
    this.server.child.kill('SIGKILL');
    await this.server.ended;
  }

  async close() {
    await this.closePage();
    await this.client.close();
    await this.pages.close();
  }
}

/* Runs use(rooms) with a server that writes this format. settings: of
   "recordings" in bifrons.jcfg. */
export async function withRooms(browser, format, use, settings = {}) {
  const folder = makeFolder();
  const config = {
    bifrons: { recordings: { recording_format: format, ...settings } },
    janus: { general: { session_timeout: 0 } },
  };
  const server = await startServer({ config });
  const rooms = await new Rooms(browser, server, folder).open();
  try {
    await use(rooms);
  } catch (error) {
    error.message += `\nserver: ${server.tail()}`;
    server.child.kill('SIGKILL');
    throw error;
  } finally {
    await rooms.close();
  }
  if (!rooms.crashed)
    await server.stop();
  fs.rmSync(folder, { recursive: true });
}

export const list = (folder) =>
  fs.existsSync(folder) ? fs.readdirSync(folder).sort() : [];

/* Does a process have a file of this folder open? */
function isOpen(server, folder) {
  const place = `/proc/${server.pid}/fd`;
  return fs.readdirSync(place).some((name) => {
    try {
      return fs.readlinkSync(path.join(place, name)).startsWith(folder);
    } catch {
      return false;
    }
  });
}

/* Waits until there are so many files with this ending, and none is written any
   more; resolves to their paths. */
export async function closedFiles(server, folder, count, ending = '') {
  const mine = () => list(folder).filter((name) => name.endsWith(ending));
  await until(`${count} files ${ending}, closed: ${folder}`, () =>
    mine().length >= count && !isOpen(server, folder), 30000);
  assert.equal(mine().length, count, mine().join());
  return mine().map((name) => path.join(folder, name));
}

/* A whole file says how long it is. */
export function assertWhole(file) {
  const found = probe(file);
  assert.ok(found.length > 0, `${path.basename(file)} has no end: ` +
    JSON.stringify(found));
  return found;
}

/* Frames of a video's .mjr file, from the first keyframe on. */
export function framesOfMjr(file) {
  const made = `${file}.mkv`;
  const { status, stderr } = spawnSync(process.env.BIFRONS_REC, [file, made]);
  assert.equal(status, 0, String(stderr));
  const { frames } = probe(made).video;
  fs.rmSync(made);
  return frames;
}

export const seconds = (count) => setTimeout(count * 1000);
