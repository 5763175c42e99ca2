# shellcheck shell=sh disable=SC2034
# packages.sh: what has to be there to build, run and test, and how to get it.
# Sourced by ./run, ./check and .ci/run (POSIX sh).
#
# A row: how to see that it is there, Debian's packages for it, Homebrew's
# formulas ("-" where there are none), packages of a row joined with commas.
#   bin:NAME      a program
#   pc:NAME       a pkg-config module
#   gst:NAME      a GStreamer plugin, by file: libgstNAME

BIF_BUILD_PACKAGES='
bin:cc              gcc,libc6-dev                       -
bin:meson           meson                               meson
bin:ninja           ninja-build                         ninja
bin:pkg-config      pkg-config                          pkgconf
bin:msgfmt          gettext                             gettext
pc:glib-2.0         libglib2.0-dev                      glib
pc:gstreamer-1.0    libgstreamer1.0-dev                 gstreamer
pc:gstreamer-rtp-1.0    libgstreamer-plugins-base1.0-dev    gstreamer
pc:gstreamer-webrtc-1.0 libgstreamer-plugins-bad1.0-dev     gstreamer
pc:json-glib-1.0    libjson-glib-dev                    json-glib
pc:libsoup-3.0      libsoup-3.0-dev                     libsoup
pc:libconfig        libconfig-dev                       libconfig
pc:libcrypto        libssl-dev                          openssl@3
pc:nice             libnice-dev                         libnice
bin:node            nodejs                              node
bin:npm             npm,ca-certificates                 node
'

BIF_RUN_PACKAGES='
gst:opus            gstreamer1.0-plugins-base           gstreamer
gst:rtp             gstreamer1.0-plugins-good           gstreamer
gst:webrtc          gstreamer1.0-plugins-bad            gstreamer
gst:nice            gstreamer1.0-nice                   libnice-gstreamer
'

BIF_TEST_PACKAGES='
bin:chromium        chromium                            -
bin:firefox-esr     firefox-esr                         -
bin:gst-launch-1.0  gstreamer1.0-tools                  gstreamer
gst:x264            gstreamer1.0-plugins-ugly           gstreamer
gst:pango           gstreamer1.0-x                      gstreamer
gst:libav           gstreamer1.0-libav                  gstreamer
bin:ffmpeg          ffmpeg                              ffmpeg
bin:janus-pp-rec    janus-tools                         -
bin:curl            curl                                curl
bin:turnserver      coturn                              -
bin:ip              iproute2                            -
bin:turnserver      coturn                              coturn
bin:janus           janus                               -
pc:libsrtp2         libsrtp2-dev                        srtp
'

bif_has_gst () {
  bif_gst_folder=$(pkg-config --variable=pluginsdir gstreamer-1.0 \
    2>/dev/null) || return 1
  for bif_file in "$bif_gst_folder/libgst$1".* \
    "$(brew --prefix 2>/dev/null || :)/lib/gstreamer-1.0/libgst$1".*; do
    [ -e "$bif_file" ] && return 0
  done
  return 1
}

bif_has () {
  case $1 in
    bin:*) command -v "${1#bin:}" >/dev/null 2>&1 \
      || [ -x "/usr/sbin/${1#bin:}" ] || [ -x "/sbin/${1#bin:}" ];;
    pc:*) pkg-config --exists "${1#pc:}" 2>/dev/null;;
    gst:*) bif_has_gst "${1#gst:}";;
  esac
}

# Packages of the rows on standard input that are missing. $1: apt or brew.
bif_missing () {
  while read -r bif_test bif_apt bif_brew; do
    [ -n "$bif_test" ] || continue
    bif_has "$bif_test" && continue
    case $1 in
      apt) printf '%s\n' "$bif_apt";;
      *) [ "$bif_brew" = - ] || printf '%s\n' "$bif_brew";;
    esac
  done | tr ',' '\n' | sort -u | tr '\n' ' '
}

bif_install_apt () {
  bif_as=
  if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      printf '%s\n' "Packages are missing. As root, run this, then again:" \
        "  apt-get update && apt-get install --no-install-recommends $1" >&2
      return 1
    fi
    bif_as=sudo
  fi
  printf 'Installing %s\n' "$1"
  $bif_as apt-get update -q || :
  # shellcheck disable=SC2086
  $bif_as env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends $1 </dev/null
}

# $1: rows. Installs what they miss, if anything; else needs no rights.
bif_install () {
  if command -v apt-get >/dev/null 2>&1; then
    bif_list=$(printf '%s\n' "$1" | bif_missing apt)
    [ -z "$bif_list" ] || bif_install_apt "$bif_list"
  elif command -v brew >/dev/null 2>&1; then
    bif_list=$(printf '%s\n' "$1" | bif_missing brew)
    # shellcheck disable=SC2086
    [ -z "$bif_list" ] || brew install $bif_list
  else
    bif_list=$(printf '%s\n' "$1" | bif_missing apt)
    [ -z "$bif_list" ] || printf '%s\n' \
      "No apt-get and no brew here. Debian calls what seems to be missing:" \
      "  $bif_list" "Trying to build without." >&2
  fi
}

# $1: build folder; more: options of meson setup.
bif_configure () {
  bif_folder=$1
  shift
  if [ -f "$bif_folder/build.ninja" ]; then
    [ $# = 0 ] || meson configure "$bif_folder" "$@"
  else
    meson setup "$bif_folder" "$@"
  fi
}

# Homebrew keeps these out of the common folders.
if command -v brew >/dev/null 2>&1; then
  for bif_keg in openssl@3 gettext; do
    bif_prefix=$(brew --prefix "$bif_keg" 2>/dev/null) || continue
    PATH="$bif_prefix/bin:$PATH"
    PKG_CONFIG_PATH="$bif_prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-}"
  done
  export PATH PKG_CONFIG_PATH
fi

# The clients that the tests in tests/interop drive, as the lock file has them.
bif_install_clients () {
  command -v npm >/dev/null 2>&1 || return 0
  bif_lock=tests/interop/package-lock.json
  bif_done=tests/interop/node_modules/.package-lock.json
  [ -f "$bif_done" ] && [ -z "$(find "$bif_lock" -newer "$bif_done")" ] \
    && return 0
  npm --prefix tests/interop ci --ignore-scripts --no-audit --no-fund
}
