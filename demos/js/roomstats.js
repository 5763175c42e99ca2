/* Twice a second, out of getStats: what each m-line of the room receives, how
   loud it is, and what this page itself sends. */

const periodMs = 500;
/* Loudness, of 0 to 1, from which somebody talks. */
const talkLevel = 0.02;

/* Mean loudness since the report before. */
function loudness(now, before) {
  const seconds = now.totalSamplesDuration - before?.totalSamplesDuration;
  if (!(seconds > 0))
    return 0;
  return Math.sqrt(Math.max(0,
    (now.totalAudioEnergy - before.totalAudioEnergy) / seconds));
}

function rate(now, before, key) {
  if (!before || now.timestamp <= before.timestamp)
    return undefined;
  return Math.max(0, now[key] - before[key]) * 8 /
    (now.timestamp - before.timestamp);
}

function read(report, before, all) {
  const bytes = report.type === 'outbound-rtp' ? 'bytesSent' : 'bytesReceived';
  return {
    width: report.frameWidth,
    height: report.frameHeight,
    fps: report.framesPerSecond,
    frames: report.framesDecoded ?? report.framesSent ?? 0,
    fresh: (report.framesDecoded ?? report.framesSent ?? 0) >
      (before?.framesDecoded ?? before?.framesSent ?? 0),
    kbps: rate(report, before, bytes),
    codec: all.get(report.codecId)?.mimeType.split('/')[1],
    talks: loudness(report, before) > talkLevel,
  };
}

/* By mid: the layers of simulcast are told as their largest. */
function byMid(all, last, type) {
  const result = new Map();
  for (const report of all.values()) {
    if (report.type !== type)
      continue;
    const stats = read(report, last?.get(report.id), all);
    const other = result.get(report.mid);
    if (!other || (stats.width ?? 0) >= (other.width ?? 0))
      result.set(report.mid, other ? { ...stats,
        kbps: (stats.kbps ?? 0) + (other.kbps ?? 0) } : stats);
    else
      other.kbps = (stats.kbps ?? 0) + (other.kbps ?? 0);
  }
  return result;
}

function ownLevel(all, last) {
  for (const report of all.values())
    if (report.type === 'media-source' && report.kind === 'audio')
      return loudness(report, last?.get(report.id));
  return 0;
}

/* Calls show({ received, sent, talks }) until stop is called; the connections
   are asked for each time, since they come and go. */
export function watchRoom(connections, show) {
  let last = {};
  let stopped = false;
  const tick = async () => {
    const { sending, receiving } = connections();
    const now = { sending: await sending?.getStats(),
      receiving: await receiving?.getStats() };
    if (stopped)
      return;
    const nothing = new Map();
    show({
      received: byMid(now.receiving ?? nothing, last.receiving, 'inbound-rtp'),
      sent: byMid(now.sending ?? nothing, last.sending, 'outbound-rtp'),
      talks: ownLevel(now.sending ?? nothing, last.sending) > talkLevel,
    });
    last = now;
  };
  const timer = setInterval(() => tick().catch(() => {}), periodMs);
  return () => {
    stopped = true;
    clearInterval(timer);
  };
}
