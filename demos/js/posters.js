/* A small picture of each recording, taken from what this browser showed of
   it, and kept in the browser. */

const prefix = 'bifrons-poster-';
const width = 320;
const kept = 24;

const keyOf = (id) => `${prefix}${id}`;

export function posterOf(id) {
  return localStorage.getItem(keyOf(id));
}

function draw(video) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = Math.round(width * video.videoHeight / video.videoWidth);
  canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL('image/jpeg', 0.75);
}

/* Some go when there are too many; they are taken again when played. */
function tidy() {
  const keys = Object.keys(localStorage).filter((key) =>
    key.startsWith(prefix));
  for (const key of keys.slice(0, Math.max(0, keys.length - kept)))
    localStorage.removeItem(key);
}

/* Keeps what the element shows now; false where it shows nothing. */
export function takePoster(id, video) {
  if (!video.videoWidth)
    return false;
  try {
    localStorage.setItem(keyOf(id), draw(video));
    tidy();
    return true;
  } catch {
    return false;       /* a full or forbidden storage is no trouble */
  }
}
