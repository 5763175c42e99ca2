/* error.c: the error domain. Any thread. */
#include "base/error.h"

G_DEFINE_QUARK (bif-error-quark, bif_error)
