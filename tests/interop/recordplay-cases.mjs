/* What recordplay-janus.mjs asks, and the library that it asks about. */

import { at, types } from './beside.mjs';

const offer = { type: 'offer', sdp: 'v=0' };

/* An .mjr file of one packet. */
function mjr(header, { magic = 'MJR00002', frames = 1, type = 96 } = {}) {
  const json = Buffer.from(typeof header === 'string' ? header :
    JSON.stringify({ s: 1700000000000000, u: 1700000000100000, ...header }));
  const length = Buffer.alloc(2);
  length.writeUInt16BE(json.length);
  const parts = [Buffer.from(magic), length, json];
  for (let i = 0; i < frames; i++) {
    const frame = Buffer.alloc(10 + 24);
    frame.write('MEET');
    frame.writeUInt32BE(20 * i, 4);
    frame.writeUInt16BE(24, 8);
    frame.writeUInt8(0x80, 10);
    frame.writeUInt8(type, 11);
    frame.writeUInt16BE(i, 12);
    frame.writeUInt32BE(960 * i, 14);
    frame.writeUInt8(0x10, 22);
    parts.push(frame);
  }
  return Buffer.concat(parts);
}

const whole = { name: 'whole', date: '2026-11-20 20:39:08' };
const nfo = (category, keys, end = '\r\n') => [`[${category}]`,
  ...Object.entries(keys).map(([key, value]) => `${key} = ${value}`), '']
  .join(end);

/* What stands in .nfo files, and need not be one. */
export const odd = [
  nfo('', whole), nfo('0', { ...whole, audio: 'opus' }),
  nfo('text', { ...whole, audio: 'opus' }),
  nfo('-5', { ...whole, audio: 'opus' }),
  nfo('0x191', { ...whole, audio: 'opus' }),
  nfo('402', { ...whole, audio: 'opus' }, '\n'),
  nfo('403', { date: whole.date, audio: 'opus' }),
  nfo('404', { name: 'x', audio: 'opus' }),
  nfo('405', { ...whole, name: '', audio: 'opus' }),
  nfo('406', { ...whole, date: '', audio: 'opus' }),
  nfo('407', whole), nfo('408', { ...whole, data: 'text' }),
  nfo('412', { name: 'a = b', date: 'whenever', audio: 'opus' }),
  nfo('413', { name: 'naïve ★', date: 'd', audio: 'opus' }),
  nfo('414', { ...whole, audio: 'opus', more: 'x' }) +
    nfo('415', { ...whole, audio: 'opus' }),
  `; a comment\r\n\r\n${nfo('416', { ...whole, audio: 'opus' })}`,
  nfo('417', { ...whole, audio: 'opus' }).replaceAll(' = ', '='),
  nfo('418', { ...whole, audio: 'opus.mjr' }).trimEnd(),
  nfo('402', { ...whole, name: 'the same again', audio: 'opus' }),
  '', 'nothing\r\n', '[', '[419', 'name = x\r\naudio = opus\r\n',
];

const more = [
  [409, { audio: 'opus', data: 'text' }],
  [410, { audio: 'opus', data: 'missing' }],
];

/* { file: its bytes } of a library, of good recordings and broken ones. */
export function library() {
  const files = {
    'opus.mjr': mjr({ t: 'a', c: 'opus' }),
    'red.mjr': mjr({ t: 'a', c: 'opus', or: 63 }),
    'multi.mjr': mjr({ t: 'a', c: 'multiopus' }),
    'pcmu.mjr': mjr({ t: 'a', c: 'pcmu' }, { type: 0 }),
    'pcma.mjr': mjr({ t: 'a', c: 'pcma' }, { type: 8 }),
    'g722.mjr': mjr({ t: 'a', c: 'g722' }, { type: 9 }),
    'vp8.mjr': mjr({ t: 'v', c: 'vp8' }),
    'vp9.mjr': mjr({ t: 'v', c: 'vp9', f: 'profile-id=2' }),
    'h264.mjr': mjr({ t: 'v', c: 'h264', f: 'profile-level-id=42e01f' }),
    'av1.mjr': mjr({ t: 'v', c: 'av1' }),
    'h265.mjr': mjr({ t: 'v', c: 'h265' }),
    'text.mjr': mjr({ t: 'd', c: 'text' }),
    'old1.mjr': mjr({ t: 'a', c: 'opus' }, { magic: 'MJR00001' }),
    'empty.mjr': Buffer.from('MJR00002'),
    'nothing.mjr': Buffer.alloc(0),
    'other.mjr': Buffer.from('RIFF of something else altogether'),
    'json.mjr': mjr('{"t":"a",'),
    'strange.mjr': mjr({ t: 'a', c: 'strange' }),
    'no-codec.mjr': mjr({ t: 'a' }),
  };
  const audio = ['opus', 'red', 'pcmu', 'pcma', 'g722', 'vp8', 'empty',
    'nothing', 'other', 'json', 'missing', 'no-codec'];
  const video = ['vp8', 'vp9', 'h264', 'av1', 'empty', 'missing'];
  audio.forEach((name, i) => {
    files[`a${i}.nfo`] = nfo(100 + i, { ...whole, audio: `${name}.mjr` });
  });
  video.forEach((name, i) => {
    files[`v${i}.nfo`] = nfo(200 + i, { ...whole, video: name });
    files[`av${i}.nfo`] = nfo(300 + i, { ...whole, audio: 'opus', video: name });
    files[`vd${i}.nfo`] = nfo(350 + i, { ...whole, audio: 'missing',
      video: name, data: 'text' });
  });
  more.forEach(([id, keys]) => {
    files[`m${id}.nfo`] = nfo(id, { ...whole, ...keys });
  });
  return files;
}

/* Video in place of sound ends Janus. */
const ids = [...Array(12).keys()].map((n) => 100 + n)
  .concat([200, 300, 350].flatMap((n) => [...Array(6).keys()]
    .map((i) => n + i)), [409, 410]).filter((id) => id !== 105);

const av = { audio: true, video: true, data: false };

/* Whether the fields of a record request are right: it is not begun then. */
const fits = ({ id = 1, opusred = true, textdata = true, ...more }) =>
  Number.isInteger(id) && id >= 0 && typeof opusred === 'boolean' &&
  typeof textdata === 'boolean' &&
  Object.values(more).every((value) => typeof value === 'string');

export const cases = {
  'only data': [...at('a', { request: 'play', id: 354 }),
    { name: 'a', body: { request: 'start' },
      jsep: { type: 'answer', sdp: 'v=0' } },
    ...at('a', { request: 'start' }, { request: 'stop' })],
  'the library': at('a', { request: 'list' }, { request: 'update' },
    { request: 'list' }),
  'recordings good and bad': ids.flatMap((id) => at(`p${id}`,
    { request: 'play', id }, { request: 'stop' })),
  'requests': [
    ...at('a', {}, { request: 'nonsense' }, { request: 5 }, { request: '' },
      { request: null }, { request: 'LIST' }, { request: 'Configure' },
      { request: 'start' }, { request: 'stop' }, { request: 'pause' },
      { request: 'resume' }, { request: 'play' }, { request: 'record' },
      { request: 'configure' }, { request: 'record', name: 'x' },
      { request: 'record', name: 'x', update: true },
      { request: 'play', id: 99 }, { request: 'play', restart: true },
      { request: 'play', id: 100, restart: true }),
    ...at('b', { request: 'stop' }, { request: 'stop' }),
    { name: 'a', body: { request: 'play', id: 100 }, jsep: offer },
    { name: 'a', body: { request: 'start' }, jsep: offer },
    { name: 'a', body: { request: 'start' },
      jsep: { type: 'answer', sdp: 'v=0' } },
    { name: 'a', body: { request: 'record', name: 'x' },
      jsep: { type: 'answer', sdp: 'v=0' } },
    { name: 'a', body: { request: 'record', name: 'x' },
      jsep: { type: 'offer', sdp: 'x' } },
  ],
  'types of configure': types('a', 'configure',
    ['video-bitrate-max', 'video-keyframe-interval']),
  'types of play': types('a', 'play', ['id', 'restart']),
  'types of record': types('a', 'record', ['name', 'id', 'filename',
    'audiocodec', 'videocodec', 'videoprofile', 'opusred', 'textdata',
    'update'], { name: 'x' }).filter(({ body }) => body.name !== 'x' ||
    body.update !== undefined || !fits(body)).map((step) =>
    ({ ...step, jsep: offer })),
  'recording': [
    { name: 'a', body: { request: 'record', name: 'one', id: 500 },
      call: av },
    /* Another recording in this state ends the first in Janus. */
    ...at('a', { request: 'record', name: 'two' }, { request: 'start' },
      { request: 'pause' }, { request: 'pause' }, { request: 'resume' },
      { request: 'resume' }, { request: 'configure',
        'video-bitrate-max': 300000 }, { request: 'list' }),
    ...at('c', { request: 'play', id: 500 }),
    { name: 'b', body: { request: 'record', name: 'taken', id: 500 },
      jsep: offer },
    ...at('a', { request: 'stop' }),
    { name: 'a', body: { request: 'pause' }, wait: 'done' },
    { name: 'd', body: { request: 'record', name: 'sound', id: 501,
      filename: 'sound', audiocodec: 'pcmu' },
    call: { audio: true, video: false, data: false } },
    ...at('d', { request: 'stop' }),
    { name: 'd', body: { request: 'stop' }, wait: 'done' },
  ],
};
