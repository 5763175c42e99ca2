/* A long recording of a room's publisher, by hand, where packets are lost: how
   far its sound is from its picture, and its length from the clock's.

     unshare -n sh -c 'ip link set lo up; ip addr add 10.255.0.1/32 dev lo;
       nft add table ip t;
       nft add chain ip t c "{ type filter hook input priority 0; }";
       nft add rule ip t c ip protocol udp numgen random mod 100 "<" 5 drop;
       BIFRONS_BIN=../../build/src/bifrons exec node recording-long.mjs'

   MINUTES (10), FORMAT (webm); KEEP: where the file shall stay. */

import fs from 'node:fs';
import process from 'node:process';
import { launch, requireBrowser } from './lib.mjs';
import { decodes, probe } from './probe.mjs';
import { flashTimes, offsets } from './recording-checks.mjs';
import { closedFiles, seconds, withRooms } from './room-recordings.mjs';

await requireBrowser();

const minutes = Number(process.env.MINUTES ?? 10);
const format = process.env.FORMAT ?? 'webm';
const browser = await launch();
await withRooms(browser, format, async (rooms) => {
  const folder = await rooms.create(1, { record: true });
  const publisher = await rooms.publish(1);
  await seconds(60 * minutes);
  const { sent } = await publisher.made();
  await publisher.ask({ request: 'leave' });
  const [file] = await closedFiles(rooms.server, folder, 1);
  if (process.env.KEEP)
    fs.copyFileSync(file, process.env.KEEP);
  const { audio, video } = probe(file);
  const flashes = flashTimes(file);
  const late = offsets(file);
  const third = Math.floor(late.length / 3);
  const mean = (all) =>
    Math.round(all.reduce((sum, one) => sum + one, 0) / all.length);
  /* Flashes are a second apart by the browser's clock. */
  const span = flashes.at(-1) - flashes[0];
  console.log(JSON.stringify({ sent, audio, video, flashes: flashes.length,
    msBesideClock: Math.round(1000 * (span - Math.round(span))),
    soundAfterPictureMs: { start: mean(late.slice(0, third)),
      middle: mean(late.slice(third, -third)), end: mean(late.slice(-third)),
      least: Math.min(...late), most: Math.max(...late) },
    decodes: decodes(file) }, null, 1));
});
await browser.close();
