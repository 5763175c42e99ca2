/* static.h: files of a folder over HTTP: the demo pages. Main thread; files
 * are read on other threads. */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

typedef struct _BifStatic BifStatic;

BifStatic *bif_static_new (void);
BifStatic *bif_static_ref (BifStatic * self);
void bif_static_unref (BifStatic * self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (BifStatic, bif_static_unref)

/* Before the first request. @prefix: starts and ends with a slash; the longest
 * that fits wins. A folder that is not there serves nothing. */
void bif_static_mount (BifStatic * self, const char *prefix,
    const char *folder);

/* Likewise, of recordings: files alone whose names end like those, and never
 * pages. Of several folders below one prefix the first that has the file gives
 * it. A folder may come to be later. */
void bif_static_mount_media (BifStatic * self, const char *prefix,
    const char *folder);

/* Answers GET and HEAD, later. @path: of the URL, as libsoup gives it. */
void bif_static_handle (BifStatic * self, SoupServerMessage * message,
    const char *path);

/* Path below the mount's folder, as segments of a URL ask for it; NULL where
 * it leaves the folder or names what is hidden. For tests. */
char *bif_static_clean_path (const char *path);

G_END_DECLS
