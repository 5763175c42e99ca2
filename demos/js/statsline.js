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

function size(stream) {
  return stream?.width ? `${stream.width}×${stream.height}` : unknown;
}

/* Rows of the line: [key of the name, text]. */
function rows({ audio, video, roundTripMs }) {
  const rate = video?.fps === undefined ? unknown : number(video.fps);
  return [
    ['stats.video', video?.codec ?? unknown],
    ['stats.size', size(video)],
    ['stats.fps', rate],
    ['stats.videoRate', kilobits(video)],
    ['stats.videoLost', video ? number(video.packetsLost) : unknown],
    ['stats.videoJitter', milliseconds(video?.jitterMs)],
    ['stats.audio', audio?.codec ?? unknown],
    ['stats.audioRate', kilobits(audio)],
    ['stats.audioLost', audio ? number(audio.packetsLost) : unknown],
    ['stats.audioJitter', milliseconds(audio?.jitterMs)],
    ['stats.roundTrip', milliseconds(roundTripMs)],
  ];
}

function fillLine(stats) {
  const line = byId('stats');
  for (const [key, text] of rows(stats)) {
    let value = line.querySelector(`[data-stat="${key}"]`);
    if (!value) {
      const item = document.createElement('div');
      const name = document.createElement('dt');
      value = document.createElement('dd');
      value.dataset.stat = key;
      name.textContent = t(key);
      item.append(name, value);
      line.append(item);
    }
    value.textContent = text;
  }
}

/* Shows the numbers and leaves them on the root element for tests. */
export function showStats(stats) {
  const data = document.documentElement.dataset;
  data.videoKbps = stats.video?.kbps?.toFixed(1) ?? '';
  data.audioKbps = stats.audio?.kbps?.toFixed(1) ?? '';
  fillLine(stats);
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
