/* The list of recordings: a card each, with a picture, the facts the server
   tells, and buttons. What a server does not tell (length, size, files) is left
   out. */

import { number, put, t, when } from './i18n.js';
import { posterOf } from './posters.js';
import { byId } from './page.js';

const served = '/recordings/';
const playable = /\.(webm|mkv|mp4)$/i;
const posterSecond = 0.5;

export function clock(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

function sizeText(bytes) {
  return bytes < 1e6 ? t('unit.kB', { value: number(bytes / 1e3) }) :
    t('unit.MB', { value: number(bytes / 1e6, 1) });
}

/* Where a recording's files can be had over HTTP, if the server names them. */
export function addressesOf({ files = [] }) {
  return files.map((name) => served + encodeURIComponent(name));
}

/* The server's date is its local time; as it is where it cannot be read. */
function dateText(text) {
  const date = new Date(String(text).replace(' ', 'T'));
  return Number.isNaN(date.getTime()) ? String(text) : when(date);
}

function element(name, className, ...children) {
  const made = document.createElement(name);
  made.className = className;
  made.append(...children);
  return made;
}

function videoPoster(address) {
  const video = document.createElement('video');
  Object.assign(video, { preload: 'metadata', muted: true, playsInline: true,
    tabIndex: -1, src: `${address}#t=${posterSecond}` });
  video.setAttribute('aria-hidden', 'true');
  video.addEventListener('error', () => video.remove());
  return video;
}

function imagePoster(data) {
  const image = new Image();
  image.alt = '';
  image.src = data;
  return image;
}

function poster(item) {
  const box = element('div', 'poster',
    t(item.video ? 'rec.noPoster' : 'rec.listening'));
  const kept = posterOf(item.id);
  const [address] = addressesOf(item).filter((one) => playable.test(one));
  if (item.video && kept)
    box.append(imagePoster(kept));
  else if (item.video && address)
    box.append(videoPoster(address));
  if (item.duration >= 0)
    box.append(element('span', 'length', clock(item.duration)));
  return box;
}

function codecs(item) {
  return [item.video && item.video_codec, item.audio && item.audio_codec]
    .filter(Boolean).map((name) => name.toUpperCase()).join(' + ');
}

function facts(item) {
  return [dateText(item.date), item.size >= 0 && sizeText(item.size),
    codecs(item)].filter(Boolean).join(' · ');
}

function downloads(item) {
  return addressesOf(item).map((address) => {
    const link = element('a', 'download', t('rec.download'));
    link.href = address;
    link.download = '';
    link.setAttribute('aria-label', t('rec.downloadOne', { name: item.name }));
    return link;
  });
}

function card(item, onPlay) {
  const play = element('button', '', t('rec.play'));
  play.type = 'button';
  play.setAttribute('aria-label', t('rec.playOne', { name: item.name }));
  play.addEventListener('click', () => onPlay(item));
  const made = element('article', 'card', poster(item),
    element('div', '', element('h3', '', item.name),
      element('p', '', facts(item))),
    element('div', 'row', play, ...downloads(item)));
  const place = element('li', '', made);
  place.dataset.id = item.id;
  return place;
}

/* The button that plays it, if it is in the list. */
export function buttonOf(id) {
  return [...byId('list').children].find((place) =>
    place.dataset.id === String(id))?.querySelector('button');
}

export function showList(items, onPlay) {
  const focused = document.activeElement.closest('#list li')?.dataset.id;
  const sorted = [...items].sort((a, b) =>
    String(b.date).localeCompare(String(a.date)));
  byId('list').replaceChildren(...sorted.map((item) => card(item, onPlay)));
  put(byId('list-empty'), 'rec.none');
  byId('list-empty').hidden = items.length > 0;
  buttonOf(focused)?.focus({ preventScroll: true });
}

export function showNoList() {
  byId('list').replaceChildren();
  put(byId('list-empty'), 'rec.noList');
  byId('list-empty').hidden = false;
}

/* Marks the one that plays; none without an id. */
export function markPlaying(id) {
  for (const place of byId('list').children) {
    const current = id !== undefined && place.dataset.id === String(id);
    place.firstChild.setAttribute('aria-current', current);
  }
}

export function enableList(on) {
  for (const button of byId('list').querySelectorAll('button'))
    button.disabled = !on;
}
