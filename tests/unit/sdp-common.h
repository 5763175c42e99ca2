/* sdp-common.h: what the tests of the SDP engine share. */
#pragma once

#include "base/error.h"
#include "media/sdp.h"

extern const char *const sdp_extensions[];

/* Echotest's: everything allowed. */
extern const BifSdpPolicy sdp_policy;
extern const BifSdpTransport sdp_transport;

/* A file beside this one: sdp/<name>.<extension>. */
char *sdp_load (const char *name, const char *extension);
char *sdp_path (const char *name, const char *extension);

BifSdp *sdp_parse_ok (const char *text);

/* An offer of one m-line per item: session part, then for each the given
 * lines, "|" between them, behind "m=". */
char *sdp_offer (const char *first, ...) G_GNUC_NULL_TERMINATED;

/* Gives every line that lacks them SSRCs, as an owner does. */
void sdp_set_ssrcs (BifDescription * ours, const BifSdp * theirs);

/* set_offer, SSRCs, write_answer, all checks. */
char *sdp_answer (BifDescription * ours, const char *offer,
    const BifSdpPolicy * policy);

/* What is true of every answer. */
void sdp_check_answer (const char *answer, const BifSdp * offer);

gboolean sdp_has_line (const char *text, const char *line);
guint sdp_count (const char *text, const char *part);
