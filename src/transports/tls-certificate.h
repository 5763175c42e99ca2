/* tls-certificate.h: the certificate of HTTPS and secure WebSockets: one that
 * is given, or one of our own making. Main thread, at start. */
#pragma once

#include <gio/gio.h>
#include "transports/settings.h"

G_BEGIN_DECLS

/* @key: (nullable): in @certificate's file. @password: (nullable).
 * @error: BIF_ERROR_CERTIFICATE */
GTlsCertificate *bif_tls_certificate_load (const char *certificate,
    const char *key, const char *password, GError ** error);

/**
 * bif_tls_certificate_own:
 * @folder: where it is kept; made where missing; (nullable): the user's data
 *   folder
 *
 * A self-signed certificate (EC P-256): the one in @folder, or a new one where
 * there is none that is good for another month. Readable by the user alone.
 */
GTlsCertificate *bif_tls_certificate_own (const char *folder,
    GError ** error);

/* The one that is configured, or our own. */
GTlsCertificate *bif_tls_certificate_get (const BifTlsSettings * settings,
    GError ** error);

G_END_DECLS
