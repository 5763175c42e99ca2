/* mjr-type.c: knows an .mjr file by its first bytes. Any thread. */
#include "mjrdemux.h"
#include "packet/mjr.h"

#include <string.h>

static void
find_type (GstTypeFind * find, gpointer user_data)
{
  const guint8 *data = gst_type_find_peek (find, 0, BIF_MJR_MAGIC_SIZE);

  if (data != NULL && (memcmp (data, "MJR0000", 7) == 0
          || memcmp (data, "MEETECHO", 8) == 0))
    gst_type_find_suggest_empty_simple (find, GST_TYPE_FIND_MAXIMUM,
        "application/x-mjr");
}

gboolean
bif_mjr_type_find_register (GstPlugin * plugin)
{
  g_autoptr (GstCaps) caps = gst_caps_new_empty_simple ("application/x-mjr");

  return gst_type_find_register (plugin, "application/x-mjr",
      GST_RANK_PRIMARY, find_type, "mjr", caps, NULL, NULL);
}
