/* error.c: the core's table of numbers, the one place they stand. Main
 * thread. */
#include "core/error.h"

#include <string.h>

#define REASON_MAX 511

static const struct
{
  BifErrorCode code;
  int number;
  const char *text;
} errors[] = {
  { BIF_ERROR_UNAUTHORIZED, 403,
      "Unauthorized request (wrong or missing secret/token)" },
  { BIF_ERROR_UNAUTHORIZED_PLUGIN, 405,
      "Unauthorized access to plugin (token is not allowed to)" },
  { BIF_ERROR_TRANSPORT_SPECIFIC, 450, "Transport specific error" },
  { BIF_ERROR_MISSING_REQUEST, 452, "Missing request" },
  { BIF_ERROR_UNKNOWN_REQUEST, 453, "Unknown request" },
  { BIF_ERROR_INVALID_JSON, 454, "Invalid JSON" },
  { BIF_ERROR_INVALID_JSON_OBJECT, 455, "Invalid JSON Object" },
  { BIF_ERROR_MISSING_ELEMENT, 456, "Missing mandatory element" },
  { BIF_ERROR_INVALID_PATH, 457, "Invalid path for this request" },
  { BIF_ERROR_NO_SUCH_SESSION, 458, "Session not found" },
  { BIF_ERROR_NO_SUCH_HANDLE, 459, "Handle not found" },
  { BIF_ERROR_NO_SUCH_PLUGIN, 460, "Plugin not found" },
  { BIF_ERROR_PLUGIN_ATTACH, 461, "Error attaching plugin" },
  { BIF_ERROR_PLUGIN_MESSAGE, 462, "Error sending message to plugin" },
  { BIF_ERROR_PLUGIN_DETACH, 463, "Error detaching from plugin" },
  { BIF_ERROR_UNKNOWN_JSEP, 464, "Unsupported JSEP type" },
  { BIF_ERROR_INVALID_SDP, 465, "Invalid SDP" },
  { BIF_ERROR_NO_SUCH_STREAM, 466, "Invalid stream" },
  { BIF_ERROR_INVALID_ELEMENT, 467, "Invalid element type" },
  { BIF_ERROR_SESSION_CONFLICT, 468, "Session ID already in use" },
  { BIF_ERROR_UNEXPECTED_ANSWER, 469, "Unexpected ANSWER (no OFFER)" },
  { BIF_ERROR_NO_SUCH_TOKEN, 470, "Token not found" },
  { BIF_ERROR_WRONG_STATE, 471, "Wrong WebRTC state" },
  { BIF_ERROR_NOT_ACCEPTING, 472, "Currently not accepting new sessions" },
  { BIF_ERROR_UNKNOWN, 490, "Unknown error" },
};

int
bif_core_error_number (const GError * error, gboolean * known)
{
  guint last = G_N_ELEMENTS (errors) - 1;
  guint i = last;

  if (error->domain == BIF_ERROR) {
    for (i = 0; i < last; i++) {
      if (errors[i].code == (BifErrorCode) error->code)
        break;
    }
  }
  if (known != NULL)
    *known = error->domain == BIF_ERROR
        && errors[i].code == (BifErrorCode) error->code;
  return errors[i].number;
}

gboolean
bif_core_error_set (GError ** error, BifErrorCode code)
{
  guint i = 0;

  while (i < G_N_ELEMENTS (errors) - 1 && errors[i].code != code)
    i++;
  g_set_error_literal (error, BIF_ERROR, code, errors[i].text);
  return FALSE;
}

JsonObject *
bif_core_message (const char *janus, guint64 session_id,
    const char *transaction)
{
  JsonObject *message = json_object_new ();

  json_object_set_string_member (message, "janus", janus);
  if (session_id != 0)
    json_object_set_int_member (message, "session_id", (gint64) session_id);
  if (transaction != NULL)
    json_object_set_string_member (message, "transaction", transaction);
  return message;
}

JsonObject *
bif_core_error_message (guint64 session_id, const char *transaction,
    const GError * error)
{
  JsonObject *message = bif_core_message ("error", session_id, transaction);
  JsonObject *body = json_object_new ();
  g_autofree char *reason = NULL;

  if (strlen (error->message) > REASON_MAX) {
    const char *end =
        g_utf8_find_prev_char (error->message, error->message + REASON_MAX + 1);

    reason = g_strndup (error->message,
        end != NULL ? end - error->message : 0);
  }
  json_object_set_int_member (body, "code",
      bif_core_error_number (error, NULL));
  json_object_set_string_member (body, "reason",
      reason != NULL ? reason : error->message);
  json_object_set_object_member (message, "error", body);
  return message;
}
