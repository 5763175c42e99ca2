/* What ffprobe and ffmpeg find in a recording. */

import { execFileSync, spawnSync } from 'node:child_process';
import { skip } from './skip.mjs';

const most = 256 * 1024 * 1024;

/* Runs a program over a file's name or its bytes; resolves to what it wrote. */
function run(name, args, file) {
  const bytes = typeof file === 'string' ? undefined : file;
  const input = bytes ? 'pipe:0' : file;
  try {
    return execFileSync(name, args.map((arg) => arg === '@' ? input : arg),
      { input: bytes, maxBuffer: most, stdio: ['pipe', 'pipe', 'pipe'] });
  } catch (error) {
    if (error.code === 'ENOENT')
      skip(`no ${name}`);
    throw new Error(`${name}: ${error.stderr}`);
  }
}

/* The packets of each kind: { codec, frames, decodable (from the first keyframe
   on), first, last, seconds, gap, and of
   video width and height }, times in seconds; of several of a kind the last,
   and all of them in tracks. length: what the file itself says, if it does. */
export function probe(file) {
  const text = run('ffprobe', ['-v', 'error', '-show_entries',
    'stream=index,codec_type,codec_name,width,height:' +
    'packet=stream_index,pts_time,duration_time,flags:format=duration', '-of',
  'json', '@'], file);
  const { packets = [], streams = [], format } = JSON.parse(text);
  const result = { tracks: [], length: Number(format?.duration) };
  for (const stream of streams) {
    const mine = packets.filter((one) => one.stream_index === stream.index);
    const times = mine.map((one) => Number(one.pts_time))
      .sort((a, b) => a - b);
    const last = times.at(-1) + Number(mine.at(-1)?.duration_time ?? 0);
    result[stream.codec_type] = { kind: stream.codec_type,
      codec: stream.codec_name, width: stream.width, height: stream.height,
      frames: mine.length,
      first: times[0], last, seconds: last - times[0],
      startsWithKey: mine[0]?.flags.startsWith('K'),
      decodable: mine.length - Math.max(0, mine.findIndex(({ flags }) =>
        flags.startsWith('K'))),
      gap: Math.max(0, ...times.slice(1).map((time, i) => time - times[i])) };
    result.tracks.push(result[stream.codec_type]);
  }
  return result;
}

/* Decodes all of it; the complaints of demuxer and decoders, and not those of
   ffmpeg about what it makes of them. */
export function decodes(file) {
  const done = spawnSync('ffmpeg', ['-v', 'error', '-i', file, '-fps_mode',
    'passthrough', '-f', 'null', '-']);
  return { code: done.status, complaints: String(done.stderr).trim()
    .split('\n').filter((line) => line && !line.startsWith('[null @') &&
      !/Last message repeated/.test(line)) };
}

/* Mean loudness (0 to 1) of each span of so many seconds. Where packets are
   missing there is silence: what comes after them keeps its time. */
export function loudness(file, span) {
  const rate = 8000;
  const bytes = run('ffmpeg', ['-v', 'error', '-i', '@', '-map', 'a:0',
    '-af', 'aresample=async=1:min_hard_comp=0.015:first_pts=0', '-ac', '1',
    '-ar', String(rate), '-f', 's16le', '-'], file);
  const samples = new Int16Array(bytes.buffer, bytes.byteOffset,
    bytes.length >> 1);
  const size = Math.round(rate * span);
  return Array.from({ length: Math.floor(samples.length / size) }, (_, i) => {
    let sum = 0;
    for (let j = i * size; j < (i + 1) * size; j++)
      sum += Math.abs(samples[j]);
    return sum / size / 32768;
  });
}

/* Time and mean brightness (0 to 1) of every frame. */
export function brightness(file) {
  const text = String(run('ffprobe', ['-v', 'error', '-f', 'lavfi', '-i',
    `movie=${file},signalstats`, '-show_entries',
    'frame=pts_time:frame_tags=lavfi.signalstats.YAVG', '-of', 'json'], ''));
  return JSON.parse(text).frames.map(({ pts_time: time, tags }) => ({
    time: Number(time), light: Number(tags['lavfi.signalstats.YAVG']) / 255 }));
}

/* The widths of the pictures, each once for as long as it stays. */
export function widths(file) {
  const text = String(run('ffprobe', ['-v', 'error', '-select_streams', 'v:0',
    '-show_entries', 'frame=width', '-of', 'csv=p=0', '@'], file));
  const all = text.trim().split('\n').map(parseFloat);
  return all.filter((width, i) => width !== all[i - 1]);
}
