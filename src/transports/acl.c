/* acl.c: who may connect, by prefix of the address. Main thread. */
#include "transports/acl.h"

#include <string.h>

#define MAPPED "::ffff:"

char **
bif_acl_new (const char *list)
{
  g_auto (GStrv) parts = g_strsplit (list != NULL ? list : "", ",", -1);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) acl = NULL;

  for (guint i = 0; parts[i] != NULL; i++) {
    if (*g_strstrip (parts[i]) != '\0')
      g_strv_builder_add (builder, parts[i]);
  }
  acl = g_strv_builder_end (builder);
  return acl[0] != NULL ? g_steal_pointer (&acl) : NULL;
}

gboolean
bif_acl_allows (char **acl, const char *address)
{
  const char *plain = address;

  if (acl == NULL)
    return TRUE;
  if (address == NULL)
    return FALSE;
  if (g_ascii_strncasecmp (address, MAPPED, strlen (MAPPED)) == 0)
    plain += strlen (MAPPED);
  for (guint i = 0; acl[i] != NULL; i++) {
    if (g_str_has_prefix (address, acl[i]) || g_str_has_prefix (plain, acl[i]))
      return TRUE;
  }
  return FALSE;
}
