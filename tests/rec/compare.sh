#!/bin/sh
# compare.sh: bifrons-rec beside janus-pp-rec, over recordings with 3 % loss:
# the same packets, durations within 100 ms of each other, and as many frames,
# apart from those that a loss has broken, which are left out here.
# Usage: compare.sh BIFRONS-REC [RECORDING ENDING FEWER MORE]... compares these
# (without .mjr), of which ours may have so many frames fewer or more, and no
# recordings of its own. Ends with 77 without the programs it needs.
set -eu
here=$(dirname "$(realpath "$0")")
rec=$(realpath "$1")
shift
for program in janus-pp-rec ffprobe gst-launch-1.0 node; do
  command -v "$program" >/dev/null 2>&1 || {
    echo "skipped: no $program" >&2
    exit 77
  }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

fail () {
  echo "FAILED: $*" >&2
  failed=1
}

# record NAME PIPELINE: every 33rd packet is lost.
record () {
  gst-launch-1.0 -q $2 ! bifmjrmux ! filesink "location=whole.mjr"
  node "$here/lose.mjs" whole.mjr "$1.mjr"
}

probe () {
  ffprobe -v error -count_packets -show_entries \
    stream=nb_read_packets:format=duration -of csv=p=0 "$1" |
    tr '\n' ' '
}

# compare NAME ENDING BROKEN [MORE]: ours may have so many frames fewer, and so
# many more
compare () {
  janus-pp-rec -d 0 "$1.mjr" "janus.$2" >/dev/null 2>&1 ||
    fail "$1: janus-pp-rec"
  "$rec" -q "$1.mjr" "ours.$2" || fail "$1: bifrons-rec"
  theirs=$(probe "janus.$2")
  ours=$(probe "ours.$2")
  echo "$1 $2: $ours beside $theirs"
  printf '%s %s %s\n' "$ours" "$theirs" "$3 ${4:-0}" | awk '{
    frames = $1 - $3; seconds = $2 - $4
    exit !(frames <= $6 && -frames <= $5 && seconds < 0.1 && seconds > -0.1)
  }' || fail "$1 $2: frames or duration"
  ours=$("$rec" -e "$1.mjr")
  theirs=$(janus-pp-rec -e "$1.mjr")
  node -e '
    const [a, b] = process.argv.slice(1).map((text) => JSON.parse(text));
    const close = Math.abs(a.extended.duration - b.extended.duration) < 1e-6;
    a.extended.duration = b.extended.duration;
    process.exit(close && JSON.stringify(a) === JSON.stringify(b) ? 0 : 1);
  ' "$ours" "$theirs" || fail "$1: $ours is not $theirs"
}

if [ $# -gt 0 ]; then
  while [ $# -gt 0 ]; do
    compare "$1" "$2" "$3" "$4"
    shift 4
  done
  exit $failed
fi

video='videotestsrc num-buffers=150 ! video/x-raw,width=320,height=240,framerate=30/1'
audio='audiotestsrc num-buffers=250 samplesperbuffer=960 ! audio/x-raw,rate=48000,channels=2'
phone='audiotestsrc num-buffers=250 samplesperbuffer=160 ! audio/x-raw,rate=8000,channels=1'
record vp8 "$video ! vp8enc deadline=1 error-resilient=1 ! rtpvp8pay mtu=1200"
record vp9 "$video ! vp9enc deadline=1 cpu-used=8 ! rtpvp9pay mtu=1200"
record h264 "$video ! x264enc tune=zerolatency key-int-max=30 ! \
  rtph264pay config-interval=-1 mtu=1200"
record opus "$audio ! opusenc ! rtpopuspay"
record pcmu "$phone ! mulawenc ! rtppcmupay"
record pcma "$phone ! alawenc ! rtppcmapay"
compare vp8 webm 10
compare vp8 mkv 10
compare vp9 webm 10
compare h264 mp4 10
compare opus opus 2
compare opus ogg 2
# Not mka: janus-pp-rec 1.1.2 gives a duration that is a second too long.
compare pcmu wav 2
compare pcma wav 2

# The tools that make captures and subtitles write the very same bytes.
if command -v mjr2pcap >/dev/null 2>&1; then
  mjr2pcap vp8.mjr janus.pcap >/dev/null 2>&1
  "$rec" -q --pcap vp8.mjr ours.pcap
  cmp janus.pcap ours.pcap || fail pcap
fi

# One file of both tracks; nothing for what does not fit.
"$rec" -q opus.mjr vp8.mjr joined.webm || fail joined
[ "$(ffprobe -v error -show_entries stream=codec_name -of csv=p=0 joined.webm |
  sort | tr '\n' ' ')" = 'opus vp8 ' ] || fail "joined: tracks"
for bad in 'vp8.mjr x.mp4' '-t vp8.mjr x.webm' 'none.mjr x.webm' \
  'vp8.mjr' '-P 200 vp8.mjr x.webm' '--no-such'; do
  if "$rec" -q $bad >/dev/null 2>&1; then
    fail "$bad: was taken"
  fi
done
[ ! -e x.mp4 ] && [ ! -e x.webm ] || fail "a file for nothing"
exit $failed
