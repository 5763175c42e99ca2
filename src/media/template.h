/* template.h: pipeline templates: gst-launch text in named sections with holes
 * (house-style.md section 6). Immutable once loaded. Main thread. */
#pragma once

#include <gst/gst.h>

G_BEGIN_DECLS

typedef enum
{
  BIF_HOLE_ELEMENT,             /* an element of the type named */
  BIF_HOLE_SINK,                /* its sink pad becomes the section's sink */
  BIF_HOLE_SRC,
} BifHoleKind;

typedef struct
{
  const char *section;          /* NULL ends a table */
  const char *name;
  BifHoleKind kind;
  const char *factory;          /* (nullable): of BIF_HOLE_ELEMENT */
  gboolean optional;            /* the section, or elements it needs, may be
                                   missing here */
} BifHole;

typedef struct _BifTemplate BifTemplate;

/**
 * bif_template_load:
 * @name: "echotest", file name without ".gst"; [a-z0-9-]+
 * @folder: (nullable): pipelines_folder of the configuration
 * @holes: checked at once; file, section, hole and expected type stand in the
 *   message
 * @error: BIF_ERROR_TEMPLATE
 *
 * The first file found wins, whole: BIFRONS_PIPELINE_PATH, @folder, the user's
 * configuration folder, the system's, the installed (or the source tree's)
 * data folder.
 */
BifTemplate *bif_template_load (const char *name, const char *folder,
    const BifHole * holes, GError ** error);
BifTemplate *bif_template_new_from_text (const char *name, const char *text,
    const BifHole * holes, GError ** error);
void bif_template_free (BifTemplate * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifTemplate, bif_template_free)

const char *bif_template_path (const BifTemplate * self);       /* (nullable) */
/* gst-launch text of a section, comments gone; NULL where there is none. */
const char *bif_template_section (const BifTemplate * self,
    const char *section);
/* Names of the sections, NULL-terminated. */
const char *const *bif_template_sections (const BifTemplate * self);

/* Whether the section is a bifrelay alone: packets stay on the packet path. */
gboolean bif_template_is_relay (const BifTemplate * self, const char *section);

/* Whether there is no such section, or GStreamer lacks an element it names. */
gboolean bif_template_lacks_elements (const BifTemplate * self,
    const char *section);

/* Returns: (transfer floating): a bin of the section's elements, without ghost
 * pads. */
GstElement *bif_template_make_section (const BifTemplate * self,
    const char *section, GError ** error);

/* Properties that the section's text gave to an element hole: for elements that
 * code must construct, such as webrtcbin with its ice-agent. NULL where @hole
 * was not checked as one. Writable properties that differ from the default. */
const GstStructure *bif_template_hole_properties (const BifTemplate * self,
    const char *section, const char *hole);

G_END_DECLS
