/* defaults.c: the configuration of a server that has no configuration folder:
 * everything a browser on this machine or beside it needs, the Admin API on the
 * loopback addresses alone. Main thread. */
#include "defaults.h"

#include <string.h>

static const struct
{
  const char *package, *text;
} defaults[] = {
  { "janus",
    "general: { server_name = \"Bifrons\" }\n" },
  { "bifrons",
    "general: { demos = true }\n" },
  { "janus.transport.http",
    "general: {\n"
    "  base_path = \"/janus\"\n"
    "  http = true\n"
    "  port = 8088\n"
    "  https = true\n"
    "  secure_port = 8089\n"
    "}\n"
    "admin: {\n"
    "  admin_base_path = \"/admin\"\n"
    "  admin_http = true\n"
    "  admin_port = 7088\n"
    "  admin_ip = \"127.0.0.1\"\n"
    "}\n" },
  { "janus.transport.websockets",
    "general: {\n"
    "  ws = true\n"
    "  ws_port = 8188\n"
    "  wss = true\n"
    "  wss_port = 8989\n"
    "}\n"
    "admin: {\n"
    "  admin_ws = true\n"
    "  admin_ws_port = 7188\n"
    "  admin_ws_ip = \"127.0.0.1\"\n"
    "}\n" },
};

const char *
bif_defaults_text (const char *package)
{
  for (guint i = 0; i < G_N_ELEMENTS (defaults); i++)
    if (strcmp (defaults[i].package, package) == 0)
      return defaults[i].text;
  return NULL;
}

BifConfig *
bif_defaults_load_package (const char *folder, const char *package,
    gboolean admin, GError ** error)
{
  const char *text = bif_defaults_text (package);
  BifConfig *config;

  if (folder != NULL || text == NULL)
    return bif_config_load_package (folder, package, error);
  config = bif_config_load_text (text, "built-in", error);
  if (config != NULL && !admin) {
    if (bif_config_string (config, "admin", "admin_http") != NULL)
      bif_config_set (config, "admin", "admin_http", "false");
    if (bif_config_string (config, "admin", "admin_ws") != NULL)
      bif_config_set (config, "admin", "admin_ws", "false");
  }
  return config;
}
