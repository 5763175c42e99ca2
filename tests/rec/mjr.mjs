/* Writes made-up recordings and captures, byte by byte as the formats are
 * (recordplay.md 4, recording-tools.md 2). A module. */

import fs from 'node:fs';

export const startUs = 1700000000000000;

/* Extensions of one byte each: {id: value}. */
function extensionBlock(extensions) {
  const entries = Object.entries(extensions);
  const words = Math.ceil(entries.length * 2 / 4);
  const block = Buffer.alloc(4 + words * 4);
  block.writeUInt16BE(0xbede, 0);
  block.writeUInt16BE(words, 2);
  entries.forEach(([id, value], i) => {
    block[4 + 2 * i] = id << 4;
    block[5 + 2 * i] = value;
  });
  return block;
}

export function rtp({ payloadType = 96, sequence, timestamp, ssrc = 0x11223344,
  marker = false, extensions, payload }) {
  const head = Buffer.alloc(12);
  head[0] = 0x80 | (extensions ? 0x10 : 0);
  head[1] = (marker ? 0x80 : 0) | payloadType;
  head.writeUInt16BE(sequence & 0xffff, 2);
  head.writeUInt32BE(timestamp >>> 0, 4);
  head.writeUInt32BE(ssrc, 8);
  return Buffer.concat(extensions ?
    [head, extensionBlock(extensions), payload] : [head, payload]);
}

/* frames: [{ ms, data }] */
export function writeMjr(path, header, frames) {
  const json = Buffer.from(JSON.stringify(
    { s: startUs, u: startUs, ...header }));
  const head = Buffer.alloc(10);
  head.write('MJR00002');
  head.writeUInt16BE(json.length, 8);
  const parts = [head, json];
  for (const { ms, data } of frames) {
    const before = Buffer.alloc(10);
    before.write('MEET');
    before.writeUInt32BE(Math.round(ms), 4);
    before.writeUInt16BE(data.length, 8);
    parts.push(before, data);
  }
  fs.writeFileSync(path, Buffer.concat(parts));
}

/* A message of a data channel, ms behind startUs. */
export function message(ms, content) {
  const time = Buffer.alloc(8);
  time.writeBigUInt64BE(BigInt(startUs + ms * 1000));
  return { ms, data: Buffer.concat([time, Buffer.from(content)]) };
}

/* The frames of a recording. */
export function readMjr(path) {
  const file = fs.readFileSync(path);
  const frames = [];
  let at = 10 + file.readUInt16BE(8);
  while (at + 10 <= file.length) {
    const size = file.readUInt16BE(at + 8);
    frames.push({ ms: file.readUInt32BE(at + 4),
      data: file.subarray(at + 10, at + 10 + size) });
    at += 10 + size;
  }
  return frames;
}

/* An Opus packet of 20 ms that holds a number, so that it is known again; it
 * decodes to silence or noise. */
export function opusPayload(number) {
  const payload = Buffer.alloc(20, 0x5a);
  payload[0] = 0xfc;
  payload.writeUInt32BE(number, 1);
  return payload;
}

/* ---- captures ---- */

const linkHeads = {
  1: (type) => Buffer.concat([Buffer.alloc(12), word(type)]),
  113: (type) => Buffer.concat([Buffer.alloc(14), word(type)]),
  276: (type) => Buffer.concat([word(type), Buffer.alloc(18)]),
};

function word(value) {
  return Buffer.from([value >> 8, value & 0xff]);
}

export function ip(version, protocol, payload) {
  if (version === 6) {
    const head = Buffer.alloc(40);
    head[0] = 0x60;
    head.writeUInt16BE(payload.length, 4);
    head[6] = protocol;
    return Buffer.concat([head, payload]);
  }
  const head = Buffer.alloc(20);
  head[0] = 0x45;
  head.writeUInt16BE(20 + payload.length, 2);
  head[8] = 64;
  head[9] = protocol;
  return Buffer.concat([head, payload]);
}

export function udp(payload) {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(5000, 0);
  head.writeUInt16BE(6000, 2);
  head.writeUInt16BE(8 + payload.length, 4);
  return Buffer.concat([head, payload]);
}

/* packets: [{ us, version, data, cut }]: data is what IP carries whole */
export function writePcap(path, link, packets, { big = false } = {}) {
  const put = (buffer, value, at) => big ? buffer.writeUInt32BE(value, at) :
    buffer.writeUInt32LE(value, at);
  const head = Buffer.alloc(24);
  put(head, 0xa1b2c3d4, 0);
  put(head, big ? 0x00020004 : 0x00040002, 4);
  put(head, 65535, 16);
  put(head, link, 20);
  const parts = [head];
  for (const { us, version = 4, type, data, cut = 0 } of packets) {
    const packet = Buffer.concat([
      linkHeads[link](type ?? (version === 6 ? 0x86dd : 0x0800)), data]);
    const record = Buffer.alloc(16);
    put(record, Math.floor(us / 1e6), 0);
    put(record, us % 1e6, 4);
    put(record, packet.length - cut, 8);
    put(record, packet.length, 12);
    parts.push(record, packet.subarray(0, packet.length - cut));
  }
  fs.writeFileSync(path, Buffer.concat(parts));
}

/* The same as pcapng, with a block between that nobody knows. ticks: of a
   second, as a power of ten. */
export function writePcapNg(path, link, packets,
  { big = false, ticks = 6 } = {}) {
  const numbers = (...values) => Buffer.concat(values.map((value) => {
    const buffer = Buffer.alloc(4);
    if (big)
      buffer.writeUInt32BE(value);
    else
      buffer.writeUInt32LE(value);
    return buffer;
  }));
  const pair = (a, b) => big ? (a << 16 | b) >>> 0 : (b << 16 | a) >>> 0;
  const block = (type, content) => {
    const padded = Buffer.concat([content,
      Buffer.alloc((4 - content.length % 4) % 4)]);
    return Buffer.concat([numbers(type, padded.length + 12), padded,
      numbers(padded.length + 12)]);
  };
  const parts = [
    block(0x0a0d0d0a, numbers(0x1a2b3c4d, pair(1, 0), 0xffffffff, 0xffffffff)),
    block(1, Buffer.concat([numbers(pair(link, 0), 0, pair(9, 1)),
      Buffer.from([ticks, 0, 0, 0]), numbers(0)])),
  ];
  for (const { us, version = 4, type, data, cut = 0 } of packets) {
    const packet = Buffer.concat([
      linkHeads[link](type ?? (version === 6 ? 0x86dd : 0x0800)), data]);
    const time = BigInt(us) * 10n ** BigInt(ticks) / 1000000n;
    parts.push(block(0xbad, Buffer.from([1])), block(6, Buffer.concat([
      numbers(0, Number(time >> 32n), Number(time & 0xffffffffn),
        packet.length - cut, packet.length),
      packet.subarray(0, packet.length - cut)])));
  }
  fs.writeFileSync(path, Buffer.concat(parts));
}
