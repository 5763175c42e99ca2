/* options.c: the command line: Janus's letters and names, and a few of ours.
 * Main thread. */
#include "options.h"

#include <config.h>
#include <string.h>
#include <glib/gi18n.h>
#include <gst/gst.h>

#include "base/error.h"
#include "base/paths.h"
#include "defaults.h"

GST_DEBUG_CATEGORY_STATIC (options_debug);
#define GST_CAT_DEFAULT options_debug

typedef enum
{
  OPTION_FLAG,                  /* sets the key to @value */
  OPTION_TEXT,
  OPTION_FILE,
  OPTION_INT,
  OPTION_INT_POSITIVE,          /* ignored if negative */
  OPTION_STUN,                  /* host[:port] */
} OptionKind;

typedef struct
{
  char letter;
  const char *name;
  OptionKind kind;
  const char *group, *key;      /* NULL: @offset in BifOptions */
  const char *value;
  gsize offset;
  const char *doc, *arg;
} Option;

#define NONE NULL, NULL, NULL
#define KEY(group, key) group, key, NULL, 0
#define FIELD(member) NONE, G_STRUCT_OFFSET (BifOptions, member)
#define SWITCH(group, key, value) group, key, value, 0

static const Option options[] = {
  { 'b', "daemon", OPTION_FLAG, SWITCH ("general", "daemonize", "true"),
    N_("Run in the background as a daemon") },
  { 'p', "pid-file", OPTION_FILE, KEY ("general", "pid_file"),
    N_("Write the process id to FILE"), N_("FILE") },
  { 'N', "disable-stdout", OPTION_FLAG,
    SWITCH ("general", "log_to_stdout", "false"),
    N_("Do not log to standard output") },
  { 0, "log-stdout", OPTION_FLAG, FIELD (log_stdout),
    N_("Log to standard output even as a daemon") },
  { 'L', "log-file", OPTION_FILE, KEY ("general", "log_to_file"),
    N_("Append the log to FILE"), N_("FILE") },
  { 'R', "log-rotate-sig", OPTION_TEXT, KEY ("general", "log_rotate_sig"),
    N_("Reopen the log file on this signal: SIGUSR1 or SIGHUP"),
    N_("SIGNAL") },
  { 'l', "check-openfiles-limits", OPTION_INT,
    KEY ("general", "check_openfiles_limit"),
    N_("Do not start where fewer files may be open"), N_("NUMBER") },
  { 'H', "cwd-path", OPTION_FILE, FIELD (cwd_path),
    N_("Working directory of the daemon (default: /)"), N_("FOLDER") },
  { 'i', "interface", OPTION_TEXT, KEY ("general", "interface"),
    N_("Address or network interface to name in session descriptions"),
    N_("ADDRESS") },
  { 'P', "plugins-folder", OPTION_FILE, KEY ("general", "plugins_folder"),
    N_("Folder of plugins that were built elsewhere"), N_("FOLDER") },
  { 'C', "config", OPTION_FILE, FIELD (config),
    N_("Configuration file to use"), N_("FILE") },
  { 'F', "configs-folder", OPTION_FILE, FIELD (configs_folder),
    N_("Folder of the configuration files"), N_("FOLDER") },
  { 'c', "cert-pem", OPTION_FILE, KEY ("certificates", "cert_pem"),
    N_("DTLS certificate"), N_("FILE") },
  { 'k', "cert-key", OPTION_FILE, KEY ("certificates", "cert_key"),
    N_("Key of the DTLS certificate"), N_("FILE") },
  { 'K', "cert-pwd", OPTION_TEXT, KEY ("certificates", "cert_pwd"),
    N_("Passphrase of the key"), N_("TEXT") },
  { 'S', "stun-server", OPTION_STUN, KEY ("nat", "stun_server"),
    N_("STUN server to use"), N_("HOST[:PORT]") },
  { '1', "nat-1-1", OPTION_TEXT, KEY ("nat", "nat_1_1_mapping"),
    N_("Public addresses to put into candidates, separated by commas"),
    N_("ADDRESSES") },
  { '2', "keep-private-host", OPTION_FLAG,
    SWITCH ("nat", "keep_private_host", "true"),
    N_("Offer private addresses beside the public ones of --nat-1-1") },
  { 'E', "ice-enforce-list", OPTION_TEXT, KEY ("nat", "ice_enforce_list"),
    N_("Interfaces or addresses to use for media, separated by commas"),
    N_("LIST") },
  { 'X', "ice-ignore-list", OPTION_TEXT, KEY ("nat", "ice_ignore_list"),
    N_("Interfaces or addresses not to use for media"), N_("LIST") },
  { '6', "ipv6-candidates", OPTION_FLAG, SWITCH ("media", "ipv6", "true"),
    N_("Offer IPv6 addresses") },
  { 'O', "ipv6-link-local", OPTION_FLAG,
    SWITCH ("media", "ipv6_linklocal", "true"),
    N_("Offer link-local IPv6 addresses too") },
  { 'f', "full-trickle", OPTION_FLAG, SWITCH ("nat", "full_trickle", "true"),
    N_("Send candidates one by one") },
  { 'I', "ice-lite", OPTION_FLAG, SWITCH ("nat", "ice_lite", "true"),
    N_("Use ICE Lite") },
  { 'T', "ice-tcp", OPTION_FLAG, SWITCH ("nat", "ice_tcp", "true"),
    N_("Use ICE over TCP") },
  { 'Q', "min-nack-queue", OPTION_INT_POSITIVE,
    KEY ("media", "min_nack_queue"),
    N_("Keep packets at least this long for retransmission, in ms"),
    N_("MS") },
  { 't', "no-media-timer", OPTION_INT_POSITIVE,
    KEY ("media", "no_media_timer"),
    N_("Report missing media after this many seconds (0: never)"),
    N_("SECONDS") },
  { 'W', "slowlink-threshold", OPTION_INT_POSITIVE,
    KEY ("media", "slowlink_threshold"),
    N_("Report a slow link from this many lost packets a second (0: never)"),
    N_("NUMBER") },
  { 'B', "twcc-period", OPTION_INT_POSITIVE, KEY ("media", "twcc_period"),
    N_("Send transport-wide feedback this often, in ms"), N_("MS") },
  { 'r', "rtp-port-range", OPTION_TEXT, KEY ("media", "rtp_port_range"),
    N_("Ports to use for media"), N_("MIN-MAX") },
  { 'n', "server-name", OPTION_TEXT, KEY ("general", "server_name"),
    N_("Name of this server"), N_("TEXT") },
  { 's', "session-timeout", OPTION_INT, KEY ("general", "session_timeout"),
    N_("End idle sessions after this many seconds (0: never)"),
    N_("SECONDS") },
  { 'm', "reclaim-session-timeout", OPTION_INT,
    KEY ("general", "reclaim_session_timeout"),
    N_("Keep a session this many seconds for a client that lost its "
        "connection"), N_("SECONDS") },
  { 'd', "debug-level", OPTION_INT, KEY ("general", "debug_level"),
    N_("What to log, from 0 (nothing) to 7 (all)"), N_("LEVEL") },
  { 'D', "debug-timestamps", OPTION_FLAG,
    SWITCH ("general", "debug_timestamps", "true"),
    N_("Put the time before log lines") },
  { 'o', "disable-colors", OPTION_FLAG,
    SWITCH ("general", "debug_colors", "false"),
    N_("Do not use colours in the log") },
  { 'M', "debug-locks", OPTION_FLAG,
    SWITCH ("general", "debug_locks", "true"), N_("Log locks") },
  { 'a', "apisecret", OPTION_TEXT, KEY ("general", "api_secret"),
    N_("Secret that requests must have"), N_("TEXT") },
  { 'A', "token-auth", OPTION_FLAG, SWITCH ("general", "token_auth", "true"),
    N_("Ask for tokens") },
  { 0, "token-auth-secret", OPTION_TEXT, KEY ("general", "token_auth_secret"),
    N_("Secret that tokens are signed with"), N_("TEXT") },
  { 'e', "event-handlers", OPTION_FLAG, SWITCH ("events", "broadcast", "true"),
    N_("Send events to event handlers") },
  { 'w', "no-webrtc-encryption", OPTION_FLAG,
    SWITCH ("general", "no_webrtc_encryption", "true"),
    N_("Do not encrypt media: to look at packets only") },

  { 0, "check-pipelines", OPTION_FLAG, FIELD (check_pipelines),
    N_("Check all pipeline templates, and exit") },
  { 0, "print-pipeline", OPTION_TEXT, FIELD (print_pipeline),
    N_("Print a section of a template as gst-launch text, and exit"),
    N_("NAME/SECTION") },
  { 0, "dot", OPTION_FILE, FIELD (dot_folder),
    N_("Write graphs of pipelines to FOLDER"), N_("FOLDER") },
  { 0, "print-api", OPTION_FLAG, FIELD (print_api),
    N_("Print the reference of the API, and exit") },
};

#define N_OPTIONS G_N_ELEMENTS (options)
#define NOT_GIVEN G_MININT64

/* What GOption fills, a slot an option, and help and version. */
typedef struct
{
  union
  {
    gboolean flag;
    gint64 number;
    char *text;
  } slots[N_OPTIONS];
  gboolean help, version;
} Given;

typedef struct
{
  const char *group, *key;
  char *value;
} Override;

static void
override_free (gpointer data)
{
  Override *self = data;

  g_free (self->value);
  g_free (self);
}

static void
add_override (BifOptions * self, const char *group, const char *key,
    char *value)
{
  Override *override = g_new0 (Override, 1);

  override->group = group;
  override->key = key;
  override->value = value;
  g_ptr_array_add (self->overrides, override);
}

static gboolean
kind_is_number (OptionKind kind)
{
  return kind == OPTION_INT || kind == OPTION_INT_POSITIVE;
}

static gboolean
kind_is_text (OptionKind kind)
{
  return kind != OPTION_FLAG && !kind_is_number (kind);
}

/* getopt takes "-d5" and "-bN"; GOption wants a value to stand alone. */
static void
expand_letters (GPtrArray * to, const char *letters, gboolean * value_next)
{
  for (const char *p = letters; *p != '\0'; p++) {
    const Option *option = NULL;

    for (guint i = 0; i < N_OPTIONS && option == NULL; i++)
      if (options[i].letter == *p)
        option = &options[i];
    g_ptr_array_add (to, g_strdup_printf ("-%c", *p));
    if (option == NULL || option->kind == OPTION_FLAG)
      continue;
    if (p[1] != '\0')
      g_ptr_array_add (to, g_strdup (p + 1));
    else
      *value_next = TRUE;
    return;
  }
}

/* getopt takes "--debug-lev": a beginning that only one option has. */
static void
expand_name (GPtrArray * to, const char *arg, gboolean * value_next)
{
  const char *name = arg + 2;
  gsize size = strcspn (name, "=");
  const Option *found = NULL;
  guint n = 0;

  for (guint i = 0; i < N_OPTIONS; i++) {
    if (strncmp (options[i].name, name, size) != 0)
      continue;
    found = &options[i];
    n++;
    if (found->name[size] == '\0') {
      n = 1;
      break;
    }
  }
  if (n != 1) {
    g_ptr_array_add (to, g_strdup (arg));
    return;
  }
  g_ptr_array_add (to, g_strconcat ("--", found->name, name + size, NULL));
  *value_next = found->kind != OPTION_FLAG && name[size] == '\0';
}

static char **
expand (char **argv)
{
  GPtrArray *to = g_ptr_array_new ();
  gboolean value_next = FALSE, only_files = FALSE;

  for (guint i = 0; argv[i] != NULL; i++) {
    const char *arg = argv[i];

    if (i == 0 || value_next || only_files || arg[0] != '-'
        || arg[1] == '\0') {
      value_next = FALSE;
      g_ptr_array_add (to, g_strdup (arg));
    } else if (arg[1] != '-') {
      expand_letters (to, arg + 1, &value_next);
    } else if (arg[2] != '\0') {
      expand_name (to, arg, &value_next);
    } else {
      only_files = TRUE;
      g_ptr_array_add (to, g_strdup (arg));
    }
  }
  g_ptr_array_add (to, NULL);
  return (char **) g_ptr_array_free (to, FALSE);
}

static GOptionContext *
make_context (Given * given)
{
  GOptionContext *context = g_option_context_new (NULL);
  GOptionGroup *group = g_option_group_new ("bifrons", "", "", NULL, NULL);
  const GOptionEntry standard[] = {
    { "help", 'h', 0, G_OPTION_ARG_NONE, &given->help,
        N_("Print this help, and exit"), NULL },
    { "version", 'V', 0, G_OPTION_ARG_NONE, &given->version,
        N_("Print the version, and exit"), NULL },
    { NULL },
  };

  g_option_group_add_entries (group, standard);
  for (guint i = 0; i < N_OPTIONS; i++) {
    const Option *option = &options[i];
    GOptionEntry entry[2] = {
      { option->name, option->letter, 0, G_OPTION_ARG_FILENAME,
          &given->slots[i], option->doc, option->arg },
      { NULL },
    };

    /* Text as a file name is: whatever bytes, in any locale. */
    if (option->kind == OPTION_FLAG) {
      entry[0].arg = G_OPTION_ARG_NONE;
    } else if (kind_is_number (option->kind)) {
      entry[0].arg = G_OPTION_ARG_INT64;
      given->slots[i].number = NOT_GIVEN;
    }
    g_option_group_add_entries (group, entry);
  }
  g_option_group_set_translation_domain (group, GETTEXT_PACKAGE);
  g_option_context_set_main_group (context, group);
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context,
      N_("A media server that speaks the Janus API."));
  return context;
}

static void
add_stun (BifOptions * self, const char *text)
{
  const char *colon = strrchr (text, ':');

  add_override (self, "nat", "stun_server", colon == NULL ? g_strdup (text)
      : g_strndup (text, colon - text));
  add_override (self, "nat", "stun_port", g_strdup (colon == NULL ? "3478"
          : colon + 1));
}

static void
take_number (BifOptions * self, const Option * option, gint64 number)
{
  if (number == NOT_GIVEN
      || (option->kind == OPTION_INT_POSITIVE && number < 0))
    return;
  add_override (self, option->group, option->key,
      g_strdup_printf ("%" G_GINT64_FORMAT, number));
}

static void
take_option (BifOptions * self, const Option * option, Given * given, guint i)
{
  gpointer field = G_STRUCT_MEMBER_P (self, option->offset);

  if (kind_is_number (option->kind)) {
    take_number (self, option, given->slots[i].number);
  } else if (option->kind == OPTION_FLAG) {
    if (option->key == NULL)
      *(gboolean *) field = given->slots[i].flag;
    else if (given->slots[i].flag)
      add_override (self, option->group, option->key,
          g_strdup (option->value));
  } else if (given->slots[i].text != NULL) {
    if (option->key == NULL)
      *(char **) field = g_strdup (given->slots[i].text);
    else if (option->kind == OPTION_STUN)
      add_stun (self, given->slots[i].text);
    else
      add_override (self, option->group, option->key,
          g_strdup (given->slots[i].text));
  }
}

static BifOptions *
take_options (Given * given)
{
  BifOptions *self = g_new0 (BifOptions, 1);

  self->overrides = g_ptr_array_new_with_free_func (override_free);
  for (guint i = 0; i < N_OPTIONS; i++)
    take_option (self, &options[i], given, i);
  return self;
}

static void
given_clear (Given * given)
{
  for (guint i = 0; i < N_OPTIONS; i++)
    if (kind_is_text (options[i].kind))
      g_free (given->slots[i].text);
}

BifOptions *
bif_options_parse (char **argv, int *exit_code)
{
  g_autofree Given *given = g_new0 (Given, 1);
  g_autoptr (GOptionContext) context = make_context (given);
  g_auto (GStrv) args = expand (argv);
  g_autoptr (GError) error = NULL;
  BifOptions *self = NULL;

  *exit_code = 0;
  if (!g_option_context_parse_strv (context, &args, &error)) {
    g_printerr ("%s: %s\n", g_get_prgname (), error->message);
    g_printerr (_("Try \"%s --help\".\n"), g_get_prgname ());
    *exit_code = 1;
  } else if (given->help) {
    g_autofree char *help = g_option_context_get_help (context, TRUE, NULL);

    g_print ("%s", help);
  } else if (given->version) {
    g_print ("bifrons %s\n", BIF_VERSION);
  } else {
    self = take_options (given);
  }
  given_clear (given);
  return self;
}

void
bif_options_free (BifOptions * self)
{
  for (guint i = 0; i < N_OPTIONS; i++)
    if (options[i].key == NULL && kind_is_text (options[i].kind))
      g_free (*(char **) G_STRUCT_MEMBER_P (self, options[i].offset));
  g_ptr_array_unref (self->overrides);
  g_free (self);
}

void
bif_options_apply (const BifOptions * self, BifConfig * config)
{
  for (guint i = 0; i < self->overrides->len; i++) {
    const Override *override = g_ptr_array_index (self->overrides, i);

    bif_config_set (config, override->group, override->key, override->value);
  }
}

static char *
find_folder (const BifOptions * self)
{
  const char *installed = bif_paths_config_dir ();

  /* Absolute: a daemon leaves the folder it was started in. */
  if (self->configs_folder != NULL)
    return g_canonicalize_filename (self->configs_folder, NULL);
  if (installed != NULL && g_file_test (installed, G_FILE_TEST_IS_DIR))
    return g_strdup (installed);
  return NULL;
}

/* <folder>/janus.jcfg or the file of -C, else <folder>/janus.cfg. */
static BifConfig *
load_file (const BifOptions * self, const char *folder, GError ** error)
{
  g_autofree char *path = self->config != NULL ? g_strdup (self->config)
      : g_build_filename (folder, "janus.jcfg", NULL);
  BifConfig *config = bif_config_load (path, error);

  if (config == NULL && folder != NULL) {
    g_autofree char *ini = g_build_filename (folder, "janus.cfg", NULL);

    config = bif_config_load (ini, NULL);
    if (config != NULL && error != NULL) {
      GST_WARNING ("%s; using %s", (*error)->message, ini);
      g_clear_error (error);
    }
  }
  return config;
}

BifConfig *
bif_options_load_config (const BifOptions * self, char **folder,
    GError ** error)
{
  g_autofree char *dir = find_folder (self);
  g_autoptr (BifConfig) config = NULL;
  g_autoptr (GError) why = NULL;

  GST_DEBUG_CATEGORY_INIT (options_debug, "bif-options", 0, "command line");
  if (dir == NULL && self->config == NULL)
    config = bif_defaults_load_package (NULL, "janus", FALSE, &why);
  else
    config = load_file (self, dir, &why);
  if (config == NULL && self->config != NULL) {
    g_set_error (error, BIF_ERROR, BIF_ERROR_CONFIGURATION,
        "Error reading configuration from %s: %s", self->config,
        why->message);
    return NULL;
  }
  if (config == NULL) {
    GST_WARNING ("%s; going on with defaults", why->message);
    config = bif_config_new ();
  }
  bif_config_set (config, "general", "configs_folder", dir);
  bif_options_apply (self, config);
  if (folder != NULL)
    *folder = g_steal_pointer (&dir);
  return g_steal_pointer (&config);
}

void
bif_options_log_settings (const BifOptions * self,
    const BifSettings * settings, BifLogSettings * log)
{
  *log = (BifLogSettings) {
    .level = settings->debug_level,
    .timestamps = settings->debug_timestamps,
    .colors = settings->debug_colors,
    .to_stdout = settings->log_to_stdout
        && (!settings->daemonize || self->log_stdout),
    .prefix = settings->log_prefix,
    .file = settings->log_to_file,
  };
}
