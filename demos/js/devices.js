/* Cameras and microphones: asking for them, listing them, and saying in plain
   words why they cannot be had. */

import { t } from './i18n.js';

const hd = { width: { ideal: 1280 }, height: { ideal: 720 } };
const sd = { width: { ideal: 640 }, height: { ideal: 480 } };

/* Name of the notice for an error of getUserMedia. */
export function mediaErrorName(error) {
  const names = {
    NotAllowedError: 'media.refused',
    SecurityError: 'media.refused',
    NotFoundError: 'media.missing',
    OverconstrainedError: 'media.missing',
    NotReadableError: 'media.busy',
    AbortError: 'media.busy',
  };
  return names[error.name] ?? 'media.failed';
}

export function canCapture() {
  return Boolean(navigator.mediaDevices?.getUserMedia);
}

/* Where this page would be in a secure context. */
export function secureAddress(place = location) {
  const url = new URL(place.href);
  url.protocol = 'https:';
  url.port = place.port === '8088' ? '8089' : place.port;
  return url.href;
}

function constraint(device, base) {
  if (device === 'none')
    return false;
  return device ? { ...base, deviceId: { exact: device } } : base;
}

/* Asks for what the choices say ('' default, 'none' nothing, else an id);
   null when they want nothing at all. */
export async function capture({ camera, microphone, large = false }) {
  const audio = constraint(microphone, {});
  const video = constraint(camera, large ? hd : sd);
  if (!audio && !video)
    return null;
  return navigator.mediaDevices.getUserMedia({ audio, video });
}

function fill(select, devices, prefix) {
  const chosen = select.value;
  const options = [new Option(t(`${prefix}.default`), '')];
  devices.forEach((device, index) => {
    if (device.deviceId && device.deviceId !== 'default')
      options.push(new Option(device.label ||
        t(`${prefix}.numbered`, { number: index + 1 }), device.deviceId));
  });
  options.push(new Option(t(`${prefix}.none`), 'none'));
  select.replaceChildren(...options);
  select.value = chosen;
  if (select.selectedIndex < 0)
    select.value = '';
}

/* Lists the devices; browsers name them only after permission was given. */
export async function fillDevices(camera, microphone) {
  const all = await navigator.mediaDevices?.enumerateDevices() ?? [];
  const of = (kind) => all.filter((device) => device.kind === kind);
  fill(camera, of('videoinput'), 'echotest.camera');
  fill(microphone, of('audioinput'), 'echotest.microphone');
}
