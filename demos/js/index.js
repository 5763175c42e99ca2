/* The index: which demos there are and which are coming, and what server
   this is. */

import { pageAddress, t, translatePage } from './i18n.js';
import { byId } from './page.js';
import { websocketAddress } from './places.js';

/* Demos whose page exists; the others are shown as coming. */
const ready = new Set(['echotest', 'videoroom', 'recordplay',
  'voicemail']);

const groups = {
  plugins: ['echotest', 'videoroom', 'mvideoroom', 'audiobridge', 'streaming',
    'recordplay', 'voicemail', 'textroom', 'videocall', 'sip', 'nosip',
    'screensharing'],
  advanced: ['devices', 'e2e', 'multiopus', 'canvas', 'webaudio',
    'virtualbg'],
  service: ['admin'],
};

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className)
    made.className = className;
  made.append(...children);
  return made;
}

function title(id) {
  const text = t(`demo.${id}.title`);
  if (!ready.has(id))
    return text;
  const link = element('a', '', text);
  link.href = pageAddress(`${id}.html`);
  return link;
}

function card(id) {
  const status = ready.has(id) ? 'ready' : 'coming';
  const item = element('li', '', element('article', 'card',
    element('h3', '', title(id),
      element('span', 'tag', t(`index.${status}`))),
    element('p', '', t(`demo.${id}.text`))));
  item.dataset.demo = id;
  item.dataset.status = status;
  return item;
}

function showGroups() {
  for (const [name, ids] of Object.entries(groups))
    byId('groups').append(element('section', '',
      element('h2', '', t(`index.${name}`)),
      element('ul', 'cards', ...ids.map(card))));
}

function fact(key, value) {
  byId('addresses').append(element('dt', '', t(key)),
    element('dd', '', element('code', '', value)));
}

function showAddresses() {
  fact('index.http', `${location.origin}/janus`);
  const websocket = websocketAddress();
  if (websocket)
    fact('index.websocket', websocket);
}

async function showServer() {
  const line = byId('server-line');
  try {
    const reply = await fetch('/janus/info');
    if (!reply.ok)
      throw new Error(String(reply.status));
    const info = await reply.json();
    line.textContent = t('index.info', {
      name: info['server-name'] ?
        `${info.name} (${info['server-name']})` : info.name,
      version: info.version_string ?? info.version,
      plugins: Object.keys(info.plugins ?? {}).length,
    });
    line.dataset.answered = 'yes';
  } catch {
    line.textContent = t('index.noServer');
    line.dataset.answered = 'no';
  }
}

await translatePage();
showGroups();
showAddresses();
await showServer();
