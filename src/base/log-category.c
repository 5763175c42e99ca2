/* log-category.c: the debug category of src/base/. Any thread. */
#include "base/log-category.h"

GstDebugCategory *
bif_base_category (void)
{
  static gsize category = 0;

  if (g_once_init_enter (&category)) {
    gsize made = (gsize) _gst_debug_category_new ("bif-base", 0,
        "configuration, logging, paths");

    g_once_init_leave (&category, made);
  }
  return (GstDebugCategory *) category;
}
