/* error.h: the one error domain. Codes say what went wrong, not who asked; wire
 * numbers are looked up by dispatch (core-api.md section 1 and each plugin's
 * table), never written elsewhere. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define BIF_ERROR (bif_error_quark ())
GQuark bif_error_quark (void);

typedef enum
{
  BIF_ERROR_UNKNOWN,
  /* of the core, in the order of core-api.md */
  BIF_ERROR_UNAUTHORIZED,
  BIF_ERROR_UNAUTHORIZED_PLUGIN,
  BIF_ERROR_TRANSPORT_SPECIFIC,
  BIF_ERROR_MISSING_REQUEST,
  BIF_ERROR_UNKNOWN_REQUEST,
  BIF_ERROR_INVALID_JSON,
  BIF_ERROR_INVALID_JSON_OBJECT,
  BIF_ERROR_MISSING_ELEMENT,
  BIF_ERROR_INVALID_PATH,
  BIF_ERROR_NO_SUCH_SESSION,
  BIF_ERROR_NO_SUCH_HANDLE,
  BIF_ERROR_NO_SUCH_PLUGIN,
  BIF_ERROR_PLUGIN_ATTACH,
  BIF_ERROR_PLUGIN_MESSAGE,
  BIF_ERROR_PLUGIN_DETACH,
  BIF_ERROR_UNKNOWN_JSEP,
  BIF_ERROR_INVALID_SDP,
  BIF_ERROR_NO_SUCH_STREAM,
  BIF_ERROR_INVALID_ELEMENT,
  BIF_ERROR_SESSION_CONFLICT,
  BIF_ERROR_UNEXPECTED_ANSWER,
  BIF_ERROR_NO_SUCH_TOKEN,
  BIF_ERROR_WRONG_STATE,
  BIF_ERROR_NOT_ACCEPTING,
  /* of plugins */
  BIF_ERROR_NO_MESSAGE,
  /* of configuration, files and templates: never on the wire */
  BIF_ERROR_CONFIGURATION,
  BIF_ERROR_TEMPLATE,
  BIF_ERROR_PIPELINE,
  BIF_ERROR_CERTIFICATE,
  BIF_ERROR_NETWORK,
  BIF_ERROR_CANCELLED,
} BifErrorCode;

G_END_DECLS
