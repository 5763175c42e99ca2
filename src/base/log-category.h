/* log-category.h: the debug category of src/base/. Any thread. */
#pragma once

#include <gst/gst.h>

/* "bif-base", made on first use. */
GstDebugCategory *bif_base_category (void);
