/* frame.c: one view of VP8, VP9 and AV1 packets. */
#include "packet/frame.h"
#include "packet/vp8.h"
#include "packet/vp9.h"

#include <string.h>

static void
read_vp8 (BifFrame * frame, const guint8 * payload, gsize size)
{
  BifVp8 vp8;

  if (!bif_vp8_parse (&vp8, payload, size))
    return;
  frame->known = TRUE;
  frame->start = vp8.start;
  frame->tid = vp8.tid;
  frame->sync = vp8.sync;
  frame->picture = vp8.picture;
}

static void
read_vp9 (BifFrame * frame, const guint8 * payload, gsize size)
{
  BifVp9 vp9;

  if (!bif_vp9_parse (&vp9, payload, size))
    return;
  frame->known = TRUE;
  frame->keyframe = vp9.keyframe;
  frame->start = vp9.start;
  frame->end = vp9.end;
  frame->sid = vp9.sid;
  frame->tid = vp9.tid;
  frame->sync = vp9.up;
  frame->inter = vp9.inter;
  memcpy (frame->reference, vp9.reference, sizeof frame->reference);
  frame->n_references = vp9.n_references;
  frame->n_spatial = vp9.n_spatial;
  frame->picture = vp9.picture;
}

/* The whole structure is there before anything is decodable: whoever is let in
 * elsewhere waits for it. */
static void
read_av1 (BifFrameReader * self, BifFrame * frame, const BifExtValue * value)
{
  if (value->data == NULL)
    return;
  if (self->structure == NULL)
    self->structure = g_new0 (BifDdStructure, 1);
  if (!bif_dd_parse (&self->dd, self->structure, value->data, value->size))
    return;
  frame->known = TRUE;
  frame->dd = &self->dd;
  frame->structure = self->structure;
  frame->start = self->dd.start;
  frame->end = self->dd.end;
  frame->sid = self->dd.sid;
  frame->tid = self->dd.tid;
  frame->keyframe = self->dd.has_structure && self->dd.start;
  frame->n_spatial = self->structure->n_spatial;
  frame->sync = self->dd.dti[self->dd.n_targets - 1] == BIF_DD_SWITCH;
  frame->picture.mask = 0xffff;
  frame->picture.id = self->dd.number;
  frame->picture.by_difference = TRUE;
}

void
bif_frame_read (BifFrameReader * self, BifCodec codec,
    const BifRtpHeader * header, const guint8 * payload, gsize size,
    BifFrame * frame)
{
  *frame = (BifFrame) { .sid = -1, .tid = -1 };
  if (codec == BIF_CODEC_VP8)
    read_vp8 (frame, payload, size);
  else if (codec == BIF_CODEC_VP9)
    read_vp9 (frame, payload, size);
  else if (codec == BIF_CODEC_AV1)
    read_av1 (self, frame, &header->ext[BIF_EXT_DEPENDENCY_DESCRIPTOR]);
  /* AV1 tells keyframes of any layer by the same bit. */
  if (!frame->known || frame->dd == NULL)
    frame->keyframe = bif_payload_is_keyframe (codec, payload, size);
  if (!frame->known)
    frame->start = frame->keyframe;
}
