/* Buttons for the layers of simulcast and SVC. They show up when the server
   first tells which layer it sends. */

import { t } from './i18n.js';
import { byId, toast } from './page.js';

/* What the server calls the layers, with simulcast and with SVC. */
const keys = {
  simulcast: { size: 'substream', rate: 'temporal' },
  svc: { size: 'spatial_layer', rate: 'temporal_layer' },
};

const totals = {
  size: 'tot_spatial_layers',
  rate: 'tot_temporal_layers',
};

const shortNames = { size: 'SL', rate: 'TL' };

function mark(row, layer, how) {
  for (const button of byId(`layers-${row}`).children) {
    const pressed = button.value === String(layer);
    button.setAttribute('aria-pressed', String(pressed && how === 'chosen'));
    button.dataset.layer = pressed ? how : 'free';
  }
}

function makeButton(row, layer, choose) {
  const button = document.createElement('button');
  button.type = 'button';
  button.value = String(layer);
  button.textContent = `${shortNames[row]} ${layer}`;
  button.title = t(`echotest.${row}${layer}`);
  button.addEventListener('click', () => {
    mark(row, layer, 'pending');
    choose(layer);
  });
  return button;
}

/* Makes the buttons anew, hidden. ask(message) sends a wish to the server. */
export function resetLayers(ask) {
  const state = { kind: 'simulcast' };
  byId('layers').hidden = true;
  for (const row of ['size', 'rate'])
    byId(`layers-${row}`).replaceChildren(...[2, 1, 0].map((layer) =>
      makeButton(row, layer, (wish) => ask({ [keys[state.kind][row]]: wish }))));
  return (news) => showLayers(state, news);
}

function showLayers(state, news) {
  const kind = Object.keys(keys).find((name) =>
    Object.values(keys[name]).some((key) => key in news));
  if (!kind)
    return;
  state.kind = kind;
  byId('layers').hidden = false;
  for (const row of ['size', 'rate']) {
    const layer = news[keys[kind][row]];
    const total = news[totals[row]];
    if (total !== undefined)
      for (const button of byId(`layers-${row}`).children)
        button.hidden = Number(button.value) >= total;
    if (layer === undefined)
      continue;
    mark(row, layer, 'chosen');
    toast('echotest.layerNow', { layer: `${shortNames[row]} ${layer}` });
  }
}
