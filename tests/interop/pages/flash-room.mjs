/* Publishers of the VideoRoom plugin that flash and beep, to be recorded; tests
   reach them as window.FlashRoom, and what one page sends in window.flashes. */

import { Flash, flashAndBeep } from './flash.mjs';

export class FlashRoom extends Flash {
  constructor(ws, room) {
    super(ws, 'videoroom');
    this.room = room;
    this.sources = [];
  }

  async join(body) {
    await this.open();
    const { plugindata } = await this.ask({ request: 'join',
      ptype: 'publisher', room: this.room, ...body });
    this.id = plugindata.data.id;
    return this;
  }

  /* settings: { codec, videos, data, encodings (of simulcast), and what
     flashAndBeep takes }. */
  async publish(body, { codec, videos = 1, data, encodings, ...picture } = {}) {
    this.sources = Array.from({ length: videos }, () => flashAndBeep(picture));
    this.pc.addTransceiver(this.sources[0].audio, { direction: 'sendonly' });
    this.videos = this.sources.map(({ video }) => {
      const transceiver = this.pc.addTransceiver(video, {
        direction: 'sendonly',
        ...(encodings && { sendEncodings: encodings }) });
      this.prefer(transceiver, codec);
      return transceiver;
    });
    if (data)
      this.channel = this.pc.createDataChannel('words');
    return this.offer({ request: 'publish', ...body });
  }

  /* The same video in another codec. */
  change(codec) {
    this.prefer(this.videos[0], codec);
    return this.offer({ request: 'configure', videocodec: codec });
  }

  /* A request of the core. */
  async asks(janus) {
    await this.client.ask(janus, janus === 'destroy' ? undefined : this.handle);
  }

  /* Goes without a word to the plugin. */
  hang() {
    this.pc.close();
  }

  /* Turns a layer of simulcast on or off. */
  async activate(rid, on) {
    const { sender } = this.videos[0];
    const parameters = sender.getParameters();
    for (const encoding of parameters.encodings)
      if (encoding.rid === rid)
        encoding.active = on;
    await sender.setParameters(parameters);
  }

  /* Text that the other end of the data channel gets. */
  async say(text) {
    while (this.channel.readyState !== 'open')
      await new Promise((resolve) => {
        this.channel.onopen = resolve;
      });
    this.channel.send(text);
  }

  /* What was sent of each track: { kind, mid, rid, packets, frames, width }. */
  async tracks() {
    return [...(await this.pc.getStats()).values()]
      .filter(({ type }) => type === 'outbound-rtp')
      .map(({ kind, mid, rid, packetsSent, framesEncoded, frameWidth }) =>
        ({ kind, mid, rid, packets: packetsSent, frames: framesEncoded,
          width: frameWidth }));
  }

  async close() {
    this.sources.forEach((source) => source.stop());
    this.pc.close();
    await this.client.close();
  }
}

window.flashes = [];
window.FlashRoom = FlashRoom;
