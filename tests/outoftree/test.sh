#!/bin/sh
# test.sh SOURCE_FOLDER CC: installs to a folder of its own, builds a plugin
# against what is there, and calls it through the installed server. TAP.
set -eu
source=$1 cc=$2
number=0 server=

for tool in curl pkg-config; do
  command -v "$tool" >/dev/null || { echo "1..0 # SKIP no $tool"; exit 0; }
done

tmp=$(mktemp -d)
prefix=$tmp/prefix
export XDG_CONFIG_HOME="$tmp/config" XDG_CONFIG_DIRS="$tmp/system" LC_ALL=C
export GST_REGISTRY="$tmp/registry" GST_PLUGIN_PATH=
unset BIFRONS_PIPELINE_PATH GST_TRACERS

finish () {
  [ -z "$server" ] || kill "$server" 2>/dev/null || :
  rm -rf "$tmp"
}
trap finish EXIT

# check NAME COMMAND...
check () {
  name=$1
  shift
  number=$((number + 1))
  if "$@" >"$tmp/out" 2>&1; then
    echo "ok $number - $name"
  else
    echo "not ok $number - $name"
    tail -n 20 "$tmp/out" | sed 's/^/# /'
  fi
}

install_all () {
  meson setup "$tmp/build" "$source" --prefix="$prefix" --libdir=lib \
    -Dtests=disabled -Ddemos=disabled -Doptimization=0 \
    && meson install -C "$tmp/build"
}

files_are_there () {
  for file in bin/bifrons lib/gstreamer-1.0/libgstbifrons.so \
    lib/pkgconfig/bifrons.pc include/bifrons/core/plugin.h \
    include/bifrons/media/template.h share/bifrons/pipelines/echotest.gst \
    share/bifrons/samples/janus.jcfg share/man/man1/bifrons.1; do
    ls -l "$prefix/$file" || return 1
  done
}

# The build machine's folders are in nothing that is installed but debug data.
names_no_source () {
  ! grep -rlI -e "$source/" -e "$tmp/build" "$prefix"
}

build_plugin () {
  flags=$(PKG_CONFIG_PATH="$prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-}" \
    pkg-config --cflags --libs bifrons) \
    && folder=$(PKG_CONFIG_PATH="$prefix/lib/pkgconfig:${PKG_CONFIG_PATH:-}" \
    pkg-config --variable=plugindir bifrons) && mkdir -p "$folder" || return 1
  undefined=
  [ "$(uname)" != Darwin ] || undefined='-undefined dynamic_lookup'
  cp "$source/tests/outoftree/hello.c" "$tmp/hello.c"
  # shellcheck disable=SC2086
  (cd "$tmp" && $cc -shared -fPIC -Wall -Wextra -Wno-unused-parameter \
    -Wno-missing-field-initializers -Wno-cast-function-type -Werror \
    hello.c -o "$folder/libbifrons_hello.so" $flags $undefined)
}

good_pipelines () {
  "$prefix/bin/bifrons" --check-pipelines | tee "$tmp/good" \
    && grep -q "^$prefix/share/bifrons/pipelines/echotest.gst: good" "$tmp/good"
}

# Ports are the system's choice; the server names them on standard output, and
# reading a pipe waits for that.
start_server () {
  mkdir -p "$tmp/conf"
  echo 'general: { debug_level = 4 }' >"$tmp/conf/janus.jcfg"
  echo 'general: { http = true  port = 0  ip = "127.0.0.1" }' \
    >"$tmp/conf/janus.transport.http.jcfg"
  mkfifo "$tmp/fifo"
  "$prefix/bin/bifrons" -F "$tmp/conf" -N >"$tmp/fifo" 2>"$tmp/server.log" &
  server=$!
  exec 3<"$tmp/fifo"
  url=
  while read -r line <&3; do
    case $line in
      http://*/janus) url=$line; break;;
    esac
  done
  cat "$tmp/server.log"
  [ -n "$url" ]
}

# post PATH BODY: the answer goes to standard output.
post () {
  curl -sS --max-time 20 -d "$2" "$url$1"
}

# The id in an answer of the API.
read_id () {
  tr -d ' \n\t' | sed -n 's/.*"data":{"id":\([0-9]*\)}.*/\1/p'
}

greets () {
  session=$(post '' '{"janus":"create","transaction":"1"}' | read_id)
  [ -n "$session" ] || return 1
  handle=$(post "/$session" '{"janus":"attach","transaction":"2",
    "plugin":"example.plugin.hello"}' | read_id)
  [ -n "$handle" ] || return 1
  post "/$session/$handle" '{"janus":"message","transaction":"3",
    "body":{"request":"greet","name":"world"}}' | tr -d '\n' | tee "$tmp/reply"
  grep -q '"text" *: *"Hello, world!"' "$tmp/reply"
}

refuses () {
  post "/$session/$handle" '{"janus":"message","transaction":"4",
    "body":{"request":"greet","name":""}}' | tee "$tmp/reply"
  grep -q '"error_code" *: *901' "$tmp/reply"
}

stops () {
  kill "$server" && wait "$server"
}

echo 1..9
check 'installs' install_all
check 'has its files' files_are_there
check 'names no folder of the build' names_no_source
check 'its templates are good' good_pipelines
check 'a plugin builds against it' build_plugin
check 'starts with the plugin' start_server
check 'the plugin answers' greets
check 'the plugin refuses' refuses
check 'stops' stops
