/* Once a second, what came in and how well, out of getStats. */

const periodMs = 1000;

/* Kilobits a second between two reports of one stream. */
function rate(now, before) {
  if (!before || now.timestamp <= before.timestamp)
    return undefined;
  return Math.max(0, now.bytesReceived - before.bytesReceived) * 8 /
    (now.timestamp - before.timestamp);
}

function readInbound(report, before, all) {
  return {
    id: report.id,
    timestamp: report.timestamp,
    codec: all.get(report.codecId)?.mimeType.split('/')[1],
    kbps: rate(report, before),
    bytesReceived: report.bytesReceived,
    packetsReceived: report.packetsReceived,
    packetsLost: report.packetsLost ?? 0,
    jitterMs: (report.jitter ?? 0) * 1000,
    framesDecoded: report.framesDecoded,
    width: report.frameWidth,
    height: report.frameHeight,
    fps: report.framesPerSecond,
  };
}

function roundTripMs(all) {
  for (const report of all.values())
    if (report.type === 'candidate-pair' && report.nominated &&
        report.currentRoundTripTime !== undefined)
      return report.currentRoundTripTime * 1000;
  for (const report of all.values())
    if (report.type === 'remote-inbound-rtp' && report.roundTripTime)
      return report.roundTripTime * 1000;
  return undefined;
}

/* The same numbers for both kinds: { audio, video, roundTripMs }; a kind that
   does not come in is undefined. */
export function readStats(all, before = {}) {
  const result = { roundTripMs: roundTripMs(all) };
  for (const report of all.values()) {
    if (report.type !== 'inbound-rtp' || result[report.kind])
      continue;
    const last = before[report.kind]?.id === report.id ?
      before[report.kind] : undefined;
    result[report.kind] = readInbound(report, last, all);
  }
  return result;
}

/* Calls show(stats) every second until stop is called. */
export function watchStats(connection, show) {
  let last = {};
  let stopped = false;
  const tick = async () => {
    const stats = readStats(await connection.getStats(), last);
    if (stopped)
      return;
    last = stats;
    show(stats);
  };
  const timer = setInterval(tick, periodMs);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
