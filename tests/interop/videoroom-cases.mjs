/* What videoroom-janus.mjs asks: by name, steps of { name of a handle, body }.
   A string of the ids' form stands wherever an id does. */

const join = (more) => ({ request: 'join', ptype: 'publisher', ...more });
const view = (more) => ({ request: 'join', ptype: 'subscriber', ...more });

/* Values of every type for every field of some requests. */
function types(request, fields, base) {
  const values = ['x', '', -1, 0, 1, 3.5, true, false, [], {}, null, ['x']];
  return fields.flatMap((field) => values.map((value) =>
    ({ name: 'a', body: { request, ...base, [field]: value } })));
}

const roomFields = ['room', 'description', 'is_private', 'secret', 'pin',
  'require_pvtid', 'signed_tokens', 'bitrate', 'bitrate_cap', 'fir_freq',
  'publishers', 'audiocodec', 'videocodec', 'vp9_profile', 'h264_profile',
  'opus_fec', 'opus_dtx', 'audiolevel_ext', 'audiolevel_event',
  'audio_active_packets', 'audio_level_average', 'videoorient_ext',
  'playoutdelay_ext', 'transport_wide_cc_ext', 'record', 'rec_dir',
  'lock_record', 'permanent', 'notify_joining', 'require_e2ee',
  'dummy_publisher', 'allowed', 'admin_key'];
const editFields = ['room', 'secret', 'new_description', 'new_secret',
  'new_pin', 'new_is_private', 'new_require_pvtid', 'new_bitrate',
  'new_fir_freq', 'new_publishers', 'new_lock_record', 'new_rec_dir',
  'permanent'];

/* The room is made, asked about, and gone again: its id must be known. */
const rounds = (id, steps) => steps.flatMap(({ name, body }) => [
  { name, body: { room: id, ...body } },
  { name, body: { request: 'list' } },
  { name, body: { request: 'destroy', room: id } },
  { name, body: { request: 'destroy', room: id, secret: `${body.secret}` } },
]);

export function cases(strings) {
  const id = (number) => strings ? `${number}` : number;
  const room = id(77);
  const at = (name, ...bodies) => bodies.map((body) => ({ name, body }));
  return {
    'fields of create': rounds(room, types('create',
      roomFields.filter((field) => field !== 'room' && field !== 'permanent' &&
        field !== 'dummy_publisher' && field !== 'admin_key'), {})),
    'fields of edit': [
      ...at('a', { request: 'create', room }),
      ...types('edit', editFields.filter((field) => field !== 'new_secret' &&
        field !== 'permanent'), { room }).flatMap((step) =>
        [step, { name: 'a', body: { request: 'list' } }]),
      ...at('a', { request: 'edit', room, permanent: 1 },
        { request: 'edit', room, new_secret: 1 },
        { request: 'edit', room, new_secret: 's' },
        { request: 'edit', room, secret: '' },
        { request: 'edit', room, secret: 's', new_bitrate: 63999 },
        { request: 'list' },
        { request: 'destroy', room },
        { request: 'destroy', room, secret: 5 },
        { request: 'destroy', room, secret: 'no' },
        { request: 'destroy', room, secret: 's', permanent: 'x' },
        { request: 'destroy', room, secret: 's' }),
    ],
    'rooms': at('a', { request: 'list' },
      { request: 'create', room: -1 }, { request: 'create', room: 'x' },
      { request: 'create', room: true }, { request: 'create', room: [] },
      { request: 'CREATE', room }, { request: 'create', room },
      { request: 'create', room, videocodec: 'x' },
      { request: 'create', room: id(78), audiocodec: 'opus,pcmu,g722' },
      { request: 'create', room: id(79), videocodec: 'vp9,h264',
        vp9_profile: '2', h264_profile: '42e01f' },
      { request: 'create', room: id(80),
        videocodec: 'vp8,vp9,h264,av1,h265,x' },
      { request: 'create', room: id(81), audiocodec: 'pcmu', opus_dtx: true },
      { request: 'create', room: id(82), audiolevel_event: true,
        audio_active_packets: 0, audio_level_average: 0, is_private: true },
      { request: 'create', room: id(83), audio_active_packets: 7,
        rec_dir: '/tmp', pin: '', secret: '' },
      { request: 'list' },
      { request: 'list', admin_key: 'x' },
      { request: 'exists', room }, { request: 'exists', room: id(5) },
      { request: 'exists' }, { request: 'exists', room: {} },
      { request: 'exists', room: -3 },
      { request: 'listparticipants' }, { request: 'listparticipants', room },
      { request: 'listparticipants', room: id(5) },
      { request: 'allowed', room }, { request: 'allowed', room, action: 'x' },
      { request: 'allowed', room, action: 5 },
      { request: 'allowed', room, action: 'enable' },
      { request: 'allowed', room, action: 'add' },
      { request: 'allowed', room, action: 'add', allowed: 5 },
      { request: 'allowed', room, action: 'add', allowed: [] },
      { request: 'allowed', room, action: 'add', allowed: ['t', 5] },
      { request: 'allowed', room, action: 'add', allowed: ['t', 't'] },
      { request: 'allowed', room, action: 'remove', allowed: ['x'] },
      { request: 'allowed', room, action: 'remove', allowed: ['t'] },
      { request: 'allowed', room, action: 'disable' },
      { request: 'allowed', room: id(5), action: 'disable' },
      { request: 'allowed', action: 'disable' },
      { request: 'kick', room }, { request: 'kick', room, id: id(4) },
      /* it ends Janus where ids are strings */
      ...strings ? [] : [{ request: 'kick' }, { request: 'kick', id: id(4) }],
      { request: 'kick', room, id: [] },
      { request: 'nonsense' }, { request: 5 }, { request: '' }, {},
      ...[77, 78, 79, 80, 81, 82, 83].map((n) =>
        ({ request: 'destroy', room: id(n), secret: '' }))),
    'handles of nobody': at('a', ...['join', 'joinandconfigure', 'configure',
      'publish', 'unpublish', 'start', 'pause', 'switch', 'subscribe',
      'unsubscribe', 'update', 'leave'].map((request) => ({ request })),
    join({}), join({ room: id(5) }), { request: 'join', room: id(1234) },
    { request: 'join', ptype: 'x', room: id(1234) },
    { request: 'join', ptype: 5, room: id(1234) },
    join({ room: id(1234), id: -1 }), join({ room: id(1234), id: [] }),
    join({ room: id(1234), display: 5 }),
    view({}), view({ room: id(5) }), view({ room: id(1234) }),
    view({ room: id(1234), streams: 5 }),
    view({ room: id(1234), streams: [] }),
    view({ room: id(1234), streams: [{}] }),
    view({ room: id(1234), streams: ['x'] }),
    view({ room: id(1234), streams: [{ feed: id(9) }] }),
    view({ room: id(1234), streams: [{ feed: [] }] }),
    view({ room: id(1234), feed: id(9) }),
    view({ room: id(1234), feed: [] }),
    view({ room: id(1234), streams: [{ feed: id(9) }], private_id: 'x' }),
    view({ room: id(1234), streams: [{ feed: id(9) }], autoupdate: 'x' }),
    view({ room: id(1234), feed: id(9), offer_audio: 'x' })),
    'access': [
      ...at('a', { request: 'create', room, pin: 'p', allowed: ['t'],
        secret: 's' }, { request: 'create', room: id(78),
        require_pvtid: true },
      join({ room }), join({ room, pin: 'x' }), join({ room, pin: '' }),
      join({ room, pin: 'p' }), join({ room, pin: 'p', token: 'x' }),
      view({ room, pin: 'x', streams: [{ feed: id(1) }] }),
      view({ room, pin: 'p', streams: [{ feed: id(1) }] }),
      view({ room: id(78), streams: [{ feed: id(1) }] }),
      view({ room: id(78), private_id: 5, streams: [{ feed: id(1) }] }),
      join({ room, pin: 'p', token: 't', id: id(1), display: 'A' }),
      { request: 'kick', room, id: id(1) },
      { request: 'kick', room, id: id(1), secret: 'x' },
      { request: 'kick', room, id: id(1), secret: 's' },
      { request: 'destroy', room, secret: 's' },
      { request: 'destroy', room: id(78) }),
    ],
    'members': [
      ...at('a', { request: 'create', room, notify_joining: true },
        join({ room, id: id(1), display: 'A' })),
      ...at('b', join({ room, id: id(1) }), join({ room, id: id(2) })),
      ...at('c', join({ room, id: id(3), display: 'C' })),
      ...at('a', join({ room, id: id(1) }), view({ room }),
        { request: 'listparticipants', room },
        { request: 'configure' }, { request: 'configure', display: 'AA' },
        { request: 'configure', display: 5 },
        { request: 'configure', bitrate: 5 },
        { request: 'configure', bitrate: -5 },
        { request: 'configure', bitrate: 'x' },
        { request: 'configure', keyframe: true },
        { request: 'configure', keyframe: 1 },
        { request: 'configure', record: true },
        { request: 'configure', record: 'x' },
        { request: 'configure', filename: 5 },
        { request: 'configure', audio: 5 },
        { request: 'configure', audio: true },
        { request: 'configure', mid: '7' },
        { request: 'configure', send: true },
        { request: 'configure', streams: [] },
        { request: 'configure', streams: [{}] },
        { request: 'configure', streams: [{ mid: '7' }] },
        { request: 'configure', streams: [{ mid: 7 }] },
        { request: 'configure', streams: [{}, {}] },
        { request: 'configure', streams: [5] },
        { request: 'configure', streams: [{ send: 5 }] },
        { request: 'configure', descriptions: [{}] },
        { request: 'configure', descriptions: [] },
        { request: 'configure', descriptions: 5 },
        { request: 'configure', descriptions: [{ mid: '0',
          description: 'x' }] },
        { request: 'configure', audio_active_packets: 'x' },
        { request: 'configure', audio_active_packets: 5 },
        { request: 'configure', audio_level_average: 5 },
        { request: 'configure', audiocodec: 'x' },
        { request: 'configure', audiocodec: 5 },
        { request: 'configure', update: 'x' },
        { request: 'configure', update: true },
        { request: 'configure', restart: true },
        { request: 'configure', secret: 5 },
        { request: 'unpublish' }, { request: 'publish' },
        { request: 'start' }, { request: 'pause' }, { request: 'switch' },
        { request: 'subscribe' }, { request: 'unsubscribe' },
        { request: 'update' }, { request: 'nonsense' },
        { request: 'rtp' }),
      { name: 'a', body: { request: 'configure' },
        jsep: { type: 'answer', sdp: 'v=0' } },
      { name: 'a', body: { request: 'configure' },
        jsep: { type: 'offer', sdp: 'x' } },
      ...at('b', { request: 'leave' }, { request: 'leave' },
        { request: 'configure' }, join({ room }), view({ room })),
      ...at('a', { request: 'kick', room, id: id(3) }),
      ...at('c', { request: 'configure' }, join({ room })),
      ...at('b', { request: 'destroy', room }),
      ...at('a', { request: 'configure' }, { request: 'leave' },
        join({ room })),
    ],
    'media': media(id, room, at),
    'parameters of Opus': opus(id, at),
  };
}

function media(id, room, at) {
  const publish = (name, body, more = {}) => ({ name, body,
    publish: { audio: true, video: true, data: true, ...more } });
  const start = (name) => ({ name, body: { request: 'start' }, start: true });
  return [
    ...at('a', { request: 'create', room, publishers: 2 },
      join({ room, id: id(1), display: 'A' })),
    ...at('b', join({ room, id: id(2), display: 'B' })),
    ...at('c', join({ room, id: id(3) })),
    publish('a', { request: 'publish', descriptions:
      [{ mid: '0', description: 'mic' }] }),
    ...at('a', { request: 'publish' }, { request: 'configure', mid: '0',
      send: false }, { request: 'configure', mid: '0', send: true },
    { request: 'configure', streams: [{ mid: '1', keyframe: true }] },
    { request: 'configure', descriptions:
      [{ mid: '1', description: 'cam' }] },
    { request: 'listparticipants', room }),
    publish('b', { request: 'configure' }, { data: false }),
    publish('c', { request: 'publish' }),
    ...at('d', view({ room, streams: [{ feed: id(9) }] }),
      view({ room, streams: [{ feed: id(1), mid: '8' }] }),
      view({ room, streams: [{ feed: id(1), mid: '1', substream: 3 }] }),
      view({ room, streams: [{ feed: id(1), mid: '1', substream: 'x' }] }),
      view({ room, streams: [{ feed: id(1), crossrefid: 5 }] }),
      view({ room, streams: [{ feed: id(1), crossrefid: 'x' }] })),
    start('d'),
    ...at('d', { request: 'start' }, { request: 'pause' },
      { request: 'start' },
      view({ room }), join({ room }), { request: 'publish' },
      { request: 'unpublish' }, { request: 'nonsense' },
      { request: 'subscribe' }, { request: 'subscribe', streams: [] },
      { request: 'subscribe', streams: 5 },
      { request: 'subscribe', streams: [{}] },
      { request: 'subscribe', streams: [{ feed: id(9) }] },
      { request: 'unsubscribe' }, { request: 'unsubscribe', streams: [] },
      { request: 'unsubscribe', streams: [{ feed: id(9) }] },
      { request: 'unsubscribe', streams: [{ sub_mid: '9' }] },
      { request: 'unsubscribe', streams: [{ sub_mid: 9 }] },
      { request: 'unsubscribe', streams: [{}] },
      { request: 'update' }, { request: 'update', subscribe: [] },
      { request: 'update', subscribe: 5 },
      { request: 'update', unsubscribe: [] },
      { request: 'configure' }, { request: 'configure', streams: [{}] },
      { request: 'configure', mid: '9' },
      { request: 'configure', mid: '1', send: false },
      { request: 'configure', mid: '1', send: true },
      { request: 'configure', streams: [{ mid: '9' }] },
      { request: 'configure', streams: [{}, {}] },
      { request: 'configure', streams: [] },
      { request: 'configure', streams: 5 },
      { request: 'configure', streams: [{ mid: '1', substream: 7 }] },
      { request: 'configure', substream: 7 },
      { request: 'configure', audio: false },
      { request: 'configure', audio: true },
      { request: 'switch' }, { request: 'switch', streams: [] },
      { request: 'switch', streams: [{}] },
      { request: 'switch', streams: [{ feed: id(2) }] },
      { request: 'switch', streams: [{ feed: id(2), mid: '1' }] },
      { request: 'switch', streams: [{ feed: id(9), mid: '1',
        sub_mid: '1' }] },
      { request: 'switch', streams: [{ feed: id(2), mid: '9',
        sub_mid: '1' }] },
      { request: 'switch', streams: [{ feed: id(2), mid: '1',
        sub_mid: '9' }] },
      { request: 'switch', streams: [{ feed: id(2), mid: '1',
        sub_mid: '1' }] },
      { request: 'switch', streams: [{ feed: id(2), mid: '0',
        sub_mid: '1' }] },
      { request: 'configure', update: true }),
    start('d'),
    ...at('d', { request: 'configure', restart: true }),
    start('d'),
    ...at('d', { request: 'subscribe', streams: [{ feed: id(2) }] },
      { request: 'unsubscribe', streams: [{ sub_mid: '0' }] }),
    start('d'), start('d'),
    ...at('d', { request: 'update', subscribe: [{ feed: id(1), mid: '0' }],
      unsubscribe: [{ feed: id(2), mid: '1' }] }),
    start('d'),
    ...at('e', view({ room, feed: id(1), offer_video: false })),
    start('e'),
    ...at('f', view({ room, use_msid: true, autoupdate: false,
      streams: [{ feed: id(2) }] })),
    start('f'),
    /* Janus tells of it once or twice, when the PeerConnection is down */
    { name: 'b', body: { request: 'unpublish' }, late: true },
    { ...start('d'), late: true },
    ...at('b', { request: 'unpublish' }, { request: 'configure' })
      .map((step) => ({ ...step, late: true })),
    ...at('f', { request: 'subscribe', streams: [{ feed: id(1) }] }),
    start('f'),
    ...at('e', { request: 'leave' }, { request: 'leave' }),
    { name: 'd', body: { request: 'kick', room, id: id(1) }, late: true },
    ...at('a', { request: 'destroy', room }),
  ];
}

/* Rooms of every kind, and offers of every kind: dtx and stereo are written
   into the offer. */
function opus(id, at) {
  const kinds = [{}, { opus_fec: false }, { opus_dtx: true },
    { opus_fec: false, opus_dtx: true }];
  return kinds.flatMap((kind, k) => {
    const room = id(90 + k);
    return [
      ...at(`a${k}`, { request: 'create', room, ...kind }),
      ...['', ';usedtx=1', ';stereo=1'].flatMap((more, m) => [
        ...at(`p${k}${m}`, join({ room, id: id(1 + m) })),
        { name: `p${k}${m}`, body: { request: 'publish' }, more,
          publish: { audio: true, video: false, data: false } },
      ]),
      ...at(`a${k}`, { request: 'destroy', room }),
    ];
  });
}

/* Where Janus 1.1.2 differs from what is documented, and from later
   versions. */
export function known(step, theirs, own) {
  /* 1.1.2 says that Opus has FEC where there is no Opus, */
  const fec = /("audiocodec":"pcmu"[^}]*)"opus_fec":true,/g;
  /* and tells of those who go by their id alone. */
  const name = /"display":"\w+",((?:"room":[^,]+,)?"(?:kicked|unpublished)":)/g;
  const less = ({ answer, heard }) => [answer, ...heard].join('\n')
    .replace(fec, '$1').replace(name, '$1');
  /* It does not say that an offer restarts ICE. */
  return less(theirs) === less(own).replace('"restart":true,', '');
}
