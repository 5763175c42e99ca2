/* source.h: a participant that a test makes: a flash and a beep every second,
 * encoded, as streams of the packet path. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

/**
 * TestSource: test_source_new() it.
 * @video, @audio: stream of each (nullable)
 * @start_ms: running time of the first sample; atomic
 */
typedef struct
{
  GstElement *pipeline;
  GObject *video, *audio;
  int start_ms;
} TestSource;

/* @video_encoder: "vp8enc deadline=1 ! rtpvp8pay"; @audio_encoder likewise;
 * NULL: no such track. @loss: share of packets that never arrive. */
TestSource *test_source_new (const char *video_encoder,
    const char *audio_encoder, double loss);
/* Nothing ever comes of @silent, "video" or "audio", unless it is unmuted. */
TestSource *test_source_new_silent (const char *video_encoder,
    const char *audio_encoder, const char *silent);
void test_source_free (TestSource * self);
/* "video" or "audio": nothing comes of it any more. */
void test_source_mute (TestSource * self, const char *kind, gboolean mute);
void test_source_resize (TestSource * self, int width, int height);

G_END_DECLS
