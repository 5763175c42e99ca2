/* recording.h: a recording in a folder of its own, and what it tells. Main
 * thread. */
#pragma once

#include "media/recorder.h"
#include "source.h"

G_BEGIN_DECLS

#define VP8 "vp8enc deadline=1 keyframe-max-dist=3000 ! rtpvp8pay"
#define H264 "x264enc tune=zerolatency speed-preset=ultrafast " \
  "key-int-max=3000 ! video/x-h264,profile=baseline ! " \
  "rtph264pay config-interval=-1 aggregate-mode=zero-latency"
#define OPUS "opusenc ! rtpopuspay"

typedef struct
{
  char *folder;
  BifRecordings *recordings;
  BifRecorder *recorder;
  GMainLoop *loop;
  char **paths;                 /* of "closed" */
  char *reason;                 /* of "failed" */
} Fixture;

Fixture *fixture_new (const BifRecordingSettings * settings);
void fixture_free (Fixture * self);
/* "call" in the folder, begun with nothing in it. */
void begin (Fixture * self);
/* That, of what @source has. */
void record (Fixture * self, TestSource * source, const char *video_codec,
    const char *audio_codec);
/* The recording's own time is what is tested: it must pass. */
void run_ms (Fixture * self, guint ms);
/* Waits until all is closed; returns the files' paths. */
char **finish (Fixture * self);

G_END_DECLS
