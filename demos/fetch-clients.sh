#!/bin/sh
# Run at build time: installs the client libraries of package-lock.json below
# the working folder and copies the files the pages load to where meson wants
# them, unmodified.
#   fetch-clients.sh NPM SOURCE_FOLDER WORK_FOLDER JANUS_JS ADAPTER_JS LICENSE
set -eu
npm=$1 source=$2 work=$3 janus=$4 adapter=$5 license=$6

mkdir -p "$work"
cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$work"
if ! (cd "$work" && "$npm" ci --ignore-scripts --omit=dev --prefer-offline \
  --no-audit --no-fund --loglevel=error >npm.log 2>&1); then
  cat "$work/npm.log" >&2
  echo "demos: npm could not install janus-gateway and webrtc-adapter" \
    "(see above). Without network, fill npm's cache first, or build" \
    "without the demo pages: meson configure -Ddemos=disabled" >&2
  exit 1
fi
cp "$work/node_modules/janus-gateway/npm/dist/janus.es.js" "$janus"
cp "$work/node_modules/webrtc-adapter/out/adapter.js" "$adapter"
cp "$work/node_modules/webrtc-adapter/LICENSE.md" "$license"
