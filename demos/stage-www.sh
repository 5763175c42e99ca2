#!/bin/sh
# Run at build time: lays out the tree that is served, pages beside the client
# libraries.
#   stage-www.sh SOURCE_FOLDER WWW_FOLDER STAMP VENDOR_FILE... -- PAGE_FILE...
# Page files are relative to the source folder.
set -eu
source=$1 www=$2 stamp=$3
shift 3

rm -rf "$www"
mkdir -p "$www/vendor"
while [ "$1" != -- ]; do
  cp "$1" "$www/vendor/"
  shift
done
shift
for file; do
  mkdir -p "$www/$(dirname "$file")"
  cp "$source/$file" "$www/$file"
done
: >"$stamp"
