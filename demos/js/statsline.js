/* The statistics line and the badges, out of what stats.js reads. */

import { number, t } from './i18n.js';
import { byId } from './page.js';

const unknown = '–';

function kilobits(stream) {
  return stream?.kbps === undefined ? unknown :
    t('unit.kbps', { value: number(Math.round(stream.kbps)) });
}

function milliseconds(value) {
  return value === undefined ? unknown :
    t('unit.ms', { value: number(value, value < 10 ? 1 : 0) });
}

function frames(stream) {
  return stream?.fps === undefined ? '' :
    t('stats.fps', { value: number(stream.fps) });
}

/* A codec the way it is written: Opus, VP8. */
export function codecName(name) {
  return name?.toLowerCase() === 'opus' ? 'Opus' :
    name?.toUpperCase() ?? unknown;
}

function size(stream) {
  return stream?.width ? `${stream.width}×${stream.height}` : '';
}

/* Lines by key of their name: what stands in each, [key of the stat, text]. */
function lines({ audio, video, roundTripMs }) {
  const quality = (stream) => [
    ['lost', stream ? t('stats.lost', { value: number(stream.packetsLost) }) :
      ''],
    ['jitter', stream ? t('stats.jitter',
      { value: milliseconds(stream.jitterMs) }) : ''],
  ];
  return {
    video: [['codec', codecName(video?.codec)], ['size', size(video)],
      ['fps', frames(video)], ['rate', kilobits(video)], ...quality(video)],
    audio: [['codec', codecName(audio?.codec)], ['rate', kilobits(audio)],
      ...quality(audio)],
    roundTrip: [['time', milliseconds(roundTripMs)]],
  };
}

function makeLine(name, items) {
  const title = document.createElement('dt');
  const line = document.createElement('dd');
  title.textContent = t(`stats.${name}`);
  for (const [key] of items) {
    const item = document.createElement('span');
    item.dataset.stat = `${name}.${key}`;
    line.append(item);
  }
  byId('stats').append(title, line);
}

function fillLines(stats) {
  const board = byId('stats');
  for (const [name, items] of Object.entries(lines(stats))) {
    if (!board.querySelector(`[data-stat^="${name}."]`))
      makeLine(name, items);
    for (const [key, text] of items)
      board.querySelector(`[data-stat="${name}.${key}"]`).textContent = text;
  }
}

/* Shows the numbers and leaves them on the root element for tests. */
export function showStats(stats) {
  const data = document.documentElement.dataset;
  data.videoKbps = stats.video?.kbps?.toFixed(1) ?? '';
  data.audioKbps = stats.audio?.kbps?.toFixed(1) ?? '';
  fillLines(stats);
  byId('stats').hidden = false;
  byId('stats-none').hidden = true;
  byId('measured').textContent = kilobits(stats.video);
  byId('remote-rate').textContent = kilobits(stats.video);
  byId('remote-rate').hidden = stats.video?.kbps === undefined;
}

export function clearStats() {
  const data = document.documentElement.dataset;
  delete data.videoKbps;
  delete data.audioKbps;
  byId('stats').hidden = true;
  byId('stats-none').hidden = false;
  byId('measured').textContent = unknown;
  byId('remote-rate').hidden = true;
}
