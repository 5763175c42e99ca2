/* Calls the EchoTest plugin once, and posts what came back. */

import { Echo } from './echo.mjs';

const spanMs = 3000;
const query = new URLSearchParams(location.search);

function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function run() {
  const echo = await new Echo(query.get('ws')).open();
  await echo.add({ audio: true, video: { width: 320, height: 240 } });
  const opening = echo.channel('fox');
  await echo.negotiate({ body: { audio: true, video: true,
    audiocodec: query.get('audiocodec'),
    videocodec: query.get('videocodec') } });
  const channel = await opening;
  channel.send('from Firefox');
  channel.send(new Uint8Array(65536));
  await echo.flows({ frames: 5, audio: false });
  const from = await echo.stats();
  await pause(spanMs);
  const to = await echo.stats();
  const result = { from, to, heard: echo.heard.map(({ data }) =>
    data.byteLength ?? data) };
  await echo.close();
  return result;
}

const result = await run().catch((error) => ({ error: String(error) }));
await fetch('/result', { method: 'POST', body: JSON.stringify(result) });
