/* Serves a folder of demo pages the way the server does: same headers, and
   /janus passed on to an API server elsewhere. For trying the pages against
   any server of the API:

     node serve-www.mjs WWW_FOLDER PORT http://127.0.0.1:8088/janus [RECORDINGS]

   RECORDINGS is a folder that is served below /recordings/. */

import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const policy = [
  "default-src 'self'", "connect-src 'self' ws: wss:",
  "img-src 'self' blob: data:", "media-src 'self' blob: mediastream:",
  "style-src 'self'", "script-src 'self'", "object-src 'none'",
  "base-uri 'none'", "frame-ancestors 'none'",
].join('; ');

const types = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.webm': 'video/webm',
  '.mkv': 'video/x-matroska',
  '.mp4': 'video/mp4',
  '.ogg': 'audio/ogg',
  '.opus': 'audio/ogg',
};

function passOn(request, response, api) {
  const url = new URL(request.url, 'http://page');
  const target = new URL(api);
  target.pathname += url.pathname.slice('/janus'.length);
  target.search = url.search;
  const onward = http.request(target, {
    method: request.method,
    headers: { 'Content-Type': request.headers['content-type'] ?? 'text/plain' },
  }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  request.pipe(onward);
}

export function giveFile(request, response, root) {
  const url = new URL(request.url, 'http://page');
  const name = path.join(root, url.pathname.endsWith('/') ?
    `${url.pathname}index.html` : url.pathname);
  const type = types[path.extname(name)];
  if (!name.startsWith(root) || !type || !fs.existsSync(name)) {
    response.writeHead(404).end();
    return;
  }
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Security-Policy': policy,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  });
  fs.createReadStream(name).pipe(response);
}

/* Starts serving; resolves to the http.Server. */
export function serve(folder, port, api, address = '127.0.0.1', recordings) {
  const root = path.resolve(folder);
  const place = '/recordings/';
  const server = http.createServer((request, response) => {
    if (request.url === '/janus' || request.url.startsWith('/janus/'))
      passOn(request, response, api);
    else if (recordings && request.url.startsWith(place))
      giveFile({ url: request.url.replace(/^\/recordings\/+/, '/') }, response,
        path.resolve(recordings));
    else
      giveFile(request, response, root);
  });
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(port, address, () => resolve(server));
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, port, api, recordings] = process.argv.slice(2);
  await serve(folder, Number(port), api, undefined, recordings);
  console.log(`http://127.0.0.1:${port}/`);
}
