/* The grid of a video room: a tile for everybody, as large as there is room
   for, and what is known of each of them. */

import { number, t } from './i18n.js';
import { byId } from './page.js';

/* Columns by how many tiles there are, on a desktop and on a phone. */
const shapes = [[1, 1, 1], [2, 2, 1], [4, 2, 2], [6, 3, 2], [9, 3, 3],
  [12, 4, 3], [20, 5, 4], [Infinity, 6, 4]];

/* What the server calls the layers, with simulcast and with SVC. */
const layerKeys = {
  simulcast: { size: 'substream', rate: 'temporal' },
  svc: { size: 'spatial_layer', rate: 'temporal_layer' },
};

function make(name, className, ...children) {
  const made = document.createElement(name);
  if (className)
    made.className = className;
  made.append(...children);
  return made;
}

/* Shapes the grid for the tiles that are in it. */
function arrange() {
  const grid = byId('grid');
  const count = grid.children.length;
  const [, wide, narrow] = shapes.find(([most]) => count <= most);
  for (const [name, columns] of [['wide', wide], ['narrow', narrow]]) {
    grid.style.setProperty(`--${name}-columns`, columns);
    grid.style.setProperty(`--${name}-rows`,
      Math.max(1, Math.ceil(count / columns)));
  }
  grid.dataset.count = count;
  grid.hidden = count === 0;
}

class Layers {
  constructor(choose) {
    this.kind = 'simulcast';
    this.rows = { size: this.#row('size', choose),
      rate: this.#row('rate', choose) };
    this.element = make('div', 'layers', ...Object.values(this.rows));
    this.element.hidden = true;
  }

  #row(name, choose) {
    const buttons = [2, 1, 0].map((layer) => {
      const button = make('button');
      button.type = 'button';
      button.value = String(layer);
      button.textContent = `${name === 'size' ? 'SL' : 'TL'} ${layer}`;
      button.title = t(`echotest.${name}${layer}`);
      button.addEventListener('click', () => {
        this.#mark(name, layer, 'pending');
        choose({ [layerKeys[this.kind][name]]: layer });
      });
      return button;
    });
    const row = make('div', 'row', ...buttons);
    row.setAttribute('role', 'group');
    row.setAttribute('aria-label', t(`echotest.layer${
      name === 'size' ? 'Size' : 'Rate'}`));
    row.dataset.row = name;
    return row;
  }

  #mark(name, layer, how) {
    for (const button of this.rows[name].children) {
      const chosen = button.value === String(layer);
      button.setAttribute('aria-pressed',
        String(chosen && how === 'chosen'));
      button.dataset.layer = chosen ? how : 'free';
    }
  }

  /* Shown once it is known that there are layers. */
  offer(kind) {
    this.kind = kind;
    this.element.hidden = false;
  }

  take(news) {
    for (const [kind, keys] of Object.entries(layerKeys))
      for (const [name, key] of Object.entries(keys))
        if (news[key] !== undefined) {
          this.offer(kind);
          this.#mark(name, news[key], 'chosen');
        }
  }
}

export class Tile {
  /* onSelect(tile): its details are wanted. choose(wish): of a layer. */
  constructor(id, { onSelect, choose }) {
    Object.assign(this, { id, mids: {}, last: {} });
    this.video = make('video');
    Object.assign(this.video, { autoplay: true, playsInline: true,
      muted: true });
    this.audio = make('audio');
    this.audio.autoplay = true;
    this.cover = make('p', 'empty');
    this.name = make('span', 'name');
    this.mutedMark = make('span', 'mark');
    this.mutedMark.hidden = true;
    this.badge = make('span');
    this.badge.hidden = true;
    this.button = make('button', 'pick');
    this.button.type = 'button';
    this.button.addEventListener('click', () => onSelect(this));
    this.element = make('figure', 'view tile', this.video, this.cover,
      this.button, make('figcaption', '', this.name, this.mutedMark),
      make('div', 'badges', this.badge), this.audio);
    this.element.dataset.id = id;
    this.layers = new Layers(choose);
    this.facts = make('dl', 'stats');
    this.details = make('div', 'details', make('h3'), this.facts,
      this.layers.element);
    this.setPicture(false);
    byId('grid').append(this.element);
    arrange();
  }

  remove() {
    this.video.srcObject = this.audio.srcObject = null;
    this.element.remove();
    this.details.remove();
    arrange();
  }

  setName(name) {
    this.name.textContent = name;
    this.details.querySelector('h3').textContent = name;
    this.button.setAttribute('aria-label', t('room.about', { name }));
  }

  /* What somebody says of what they send; nothing is no news. */
  setSending(metadata = {}) {
    const off = ['audio', 'video'].filter((kind) => metadata[kind] === false);
    this.mutedMark.hidden = !off.includes('audio');
    this.mutedMark.textContent = t('room.isMuted');
    this.videoOff = off.includes('video');
    this.setPicture(this.live);
  }

  /* Whether there are frames to see. */
  setPicture(live) {
    this.live = live;
    this.cover.hidden = Boolean(live) && !this.videoOff;
    this.cover.textContent = t(this.videoOff ? 'room.videoIsOff' :
      'room.noVideo');
  }

  setTalking(talking) {
    this.element.dataset.talking = talking ? 'yes' : 'no';
  }

  select(selected) {
    this.button.setAttribute('aria-pressed', String(selected));
  }

  setTrack(track, mid) {
    const element = track.kind === 'video' ? this.video : this.audio;
    this.mids[track.kind] = mid;
    if (element.srcObject?.getTracks()[0] === track)
      return;
    element.srcObject = new MediaStream([track]);
    element.play().catch(() => {});
  }

  /* Numbers of the picture: width, height, fps, kbps, codec, layer. */
  showStats(stats) {
    const size = stats.width ? `${stats.width}×${stats.height}` : '';
    const rate = stats.kbps === undefined ? '' :
      t('unit.kbps', { value: number(Math.round(stats.kbps)) });
    this.badge.textContent = [size, rate].filter(Boolean).join(' · ');
    this.badge.hidden = !this.badge.textContent;
    const lines = { 'room.size': size, 'room.rate': rate,
      'room.frames': stats.fps === undefined ? '' :
        t('stats.fps', { value: number(stats.fps) }),
      'echotest.vcodec': stats.codec ?? '' };
    this.facts.replaceChildren(...Object.entries(lines).flatMap(
      ([key, text]) => [make('dt', '', t(key)),
        make('dd', '', text || '–')]));
  }
}
