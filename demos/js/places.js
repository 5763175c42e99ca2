/* Where the server of a page is. */

/* The WebSocket addresses that by custom go with a page's. */
const websocketPorts = { 'http:8088': 'ws:8188', 'https:8089': 'wss:8989' };

/* The WebSocket address that goes with this page, or undefined. */
export function websocketAddress(place = location) {
  const usual = websocketPorts[place.protocol + place.port];
  if (!usual)
    return undefined;
  const [scheme, port] = usual.split(':');
  return `${scheme}://${place.hostname}:${port}`;
}

/* An address out of the query string, or nothing if it is none. */
function parseAddress(text, place) {
  try {
    const { href } = new URL(text.trim(), place.href);
    return /^(ws|http)s?:/.test(href) ? [href] : [];
  } catch {
    return [];
  }
}

/* Addresses to try, in order: those of ?server=, else this page's server. */
export function serverAddresses(query, place = location) {
  const asked = (query.get('server') ?? '').split(',').filter(Boolean)
    .flatMap((text) => parseAddress(text, place));
  if (asked.length > 0)
    return asked;
  return [websocketAddress(place), `${place.origin}/janus`].filter(Boolean);
}

/* Hosts among the addresses that are not this page's own. */
export function foreignHosts(addresses, place = location) {
  return addresses.map((address) => new URL(address))
    .filter((url) => url.hostname !== place.hostname)
    .map((url) => url.host);
}
