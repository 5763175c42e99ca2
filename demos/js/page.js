/* What the pages share on screen: state, notices, short messages. */

import { put, t } from './i18n.js';

const toastMs = 5000;

export const byId = (id) => document.getElementById(id);

/* Puts the page into a state: idle, starting, up, over or error. Style and
   tests read it from the root element; key names the words that go with it. */
export function setState(state, key) {
  document.documentElement.dataset.state = state;
  put(byId('state'), key);
}

/* Shows a notice with a title, a text and possibly a link. */
export function showNotice(name, values = {}, link = undefined) {
  const notice = byId('notice');
  const title = document.createElement('strong');
  title.textContent = t(`${name}.title`, values);
  notice.replaceChildren(title, t(`${name}.text`, values));
  if (link) {
    const anchor = document.createElement('a');
    anchor.href = anchor.textContent = link;
    notice.append(' ', anchor);
  }
  notice.dataset.reason = name;
  notice.hidden = false;
}

export function hideNotice() {
  byId('notice').hidden = true;
  delete byId('notice').dataset.reason;
}

/* A message that goes away by itself; the same one is not shown twice. */
export function toast(key, values) {
  const text = t(key, values);
  const shown = [...byId('toasts').children];
  if (shown.some((message) => message.textContent === text))
    return;
  const message = document.createElement('p');
  message.textContent = text;
  byId('toasts').append(message);
  setTimeout(() => message.remove(), toastMs);
}
