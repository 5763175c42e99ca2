/* reference.c: request tables as Markdown. Main thread. */
#include "reference.h"

static const char *
type_name (BifFieldType type)
{
  static const char *const names[] = {
    [BIF_FIELD_STRING] = "string",
    [BIF_FIELD_BOOL] = "boolean",
    [BIF_FIELD_INT] = "integer",
    [BIF_FIELD_UINT] = "positive integer",
    [BIF_FIELD_UINT64] = "positive integer",
    [BIF_FIELD_OBJECT] = "object",
    [BIF_FIELD_ARRAY] = "array",
    [BIF_FIELD_ID] = "id (number or string)",
    [BIF_FIELD_MAYBE_ID] = "id (number or string)",
    [BIF_FIELD_MAYBE_BOOL] = "boolean",
    [BIF_FIELD_MAYBE_INT] = "integer",
    [BIF_FIELD_MAYBE_UINT] = "positive integer",
  };

  return names[type];
}

static void
print_request (const BifRequest * request)
{
  g_print ("\n### %s\n\n%s. Answered %s.\n",
      request->name != NULL ? request->name : "(body without a request name)",
      request->doc, request->flags & BIF_ASYNC ?
      "by ack, then an event" : "at once");
  if (request->fields == NULL || request->fields[0].name == NULL)
    return;
  g_print ("\n| field | type | | meaning |\n|---|---|---|---|\n");
  for (const BifField * field = request->fields; field->name != NULL; field++)
    g_print ("| `%s` | %s | %s | %s |\n", field->name,
        type_name (field->type),
        field->flags & BIF_REQUIRED ? "required" : "", field->doc);
}

void
bif_reference_print (const BifPluginInfo * info)
{
  if (info->requests == NULL)
    return;
  g_print ("# %s\n\n%s\n\nEvents begin with `\"%s\": \"event\"`.\n",
      info->package, info->description, info->event_key);
  for (const BifRequest * request = info->requests; request->func != NULL;
      request++)
    print_request (request);
  g_print ("\n### Errors\n\nNumbers of `error_code`:");
  for (const BifErrorNumber * row = info->errors; row != NULL; row++) {
    g_print (" %d", row->number);
    if (row->code == 0)
      break;
  }
  g_print ("\n\n");
}
