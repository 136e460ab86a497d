#!/bin/sh
{ # A shell reads to the closing brace before it does anything: of a file that was cut short it does nothing.
# The licence agent @version@ of @issuer@, in one file for @platform@. Usage: sh THIS [what licence-agent install takes]
#   sh THIS --check         tells whether this file is as the vendor sealed it, and installs nothing
#   sh THIS --unpack FOLDER lays its files into FOLDER, checked, and installs nothing
# Needs a Linux with sh, tar, gzip, head, tail, mktemp, the C library (glibc) @glibc@ or newer, zlib and libgcc.
set -eu
umask 022

. ./language.sh

file=$0
[ -r "$file" ] || refuse "This file can't be read by its name. Start it as: sh ./NAME.run" "این فایل با نامش خوانده نمی‌شود. آن را چنین اجرا کنید:
    sh ./NAME.run"
[ "$(uname -s)-$(uname -m)" = "@system@" ] || refuse "This package is for @system@, and this machine is $(uname -s)-$(uname -m). Ask the vendor for the right one." "این بسته برای @system@ است و این دستگاه $(uname -s)-$(uname -m) است. بستهٔ درست را از فروشنده بخواهید."
for tool in tar gzip head tail mktemp; do
  command -v "$tool" >/dev/null || refuse "This package unpacks itself with $tool, which is not here. Install it, then start this again." "این بسته با $tool باز می‌شود که اینجا نیست. آن را نصب کنید و دوباره اجرا کنید."
done

payload() { tail -c +@from@ "$file" | head -c @size@; }
payload | gzip -t 2>/dev/null || refuse "This file was cut or changed on its way. Nothing was installed. Copy it anew; its size must be the vendor's." "این فایل در راه بریده یا تغییر داده شده است. چیزی نصب نشد. آن را از نو کپی کنید؛ اندازه‌اش باید همان باشد که فروشنده می‌گوید."

# Where nobody names a place and /tmp has no room, or lets no program run, /var/tmp is the next.
first=${TMPDIR:-/tmp} second=${TMPDIR:-/var/tmp} boot=unknown
read -r boot 2>/dev/null </proc/sys/kernel/random/boot_id || :
boot=${boot%%-*}
# What a power cut left of an earlier start is of another boot, or its process is gone, or had the number of this one.
for left in "$first"/licence-agent.*.*.?????? "$second"/licence-agent.*.*.??????; do
  origin=${left##*/licence-agent.}
  process=${origin#*.} process=${process%.*}
  if [ "${origin%%.*}" = "$boot" ] && [ "$process" != $$ ] && kill -0 "$process" 2>/dev/null; then continue; fi
  if [ -d "$left" ] && [ ! -L "$left" ] && [ -O "$left" ]; then rm -rf "$left"; fi
done
folder= why=
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM
unpack_at() {
  folder=$(mktemp -d "$1/licence-agent.$boot.$$.XXXXXX" 2>&1) || { why=$folder folder='' && return 1; }
  why=$({ payload | gzip -dc | tar -C "$folder" -xf - && printf '#!/bin/sh\n' >"$folder/may" && chmod 700 "$folder/may" && "$folder/may"; } 2>&1) && return
  rm -rf "$folder"
  return 1
}
unpack_at "$first" || { [ "$first" != "$second" ] && unpack_at "$second"; } || {
  why=$(echo "$why" | head -n 1)
  refuse "This package unpacks itself where 100 MB are free and programs may run, and found no such folder. Nothing was installed. Name one in TMPDIR: sudo TMPDIR=FOLDER sh $file. The system said: $why" "این بسته در پوشه‌ای باز می‌شود که ۱۰۰ مگابایت جا دارد و برنامه‌ها می‌توانند از آن اجرا شوند، و چنین پوشه‌ای پیدا نشد. چیزی نصب نشد. پیام سیستم: $why
پوشه‌ای را در TMPDIR نام ببرید:
    sudo TMPDIR=FOLDER sh $file"
}

tree=$folder/opt/licence-agent
passed= result=0
(LICENCE_AGENT_LANGUAGE=$language "$tree/bin/licence-agent" bundle "$file" --root "$tree/root.json") >"$folder/said" 2>&1 && passed=yes || result=$?
[ "$result" -le 1 ] || refuse "The agent does not start on this machine: it needs glibc @glibc@ or newer, zlib (libz.so.1) and libgcc (libgcc_s.so.1). Nothing was installed. It said: $(cat "$folder/said")" "عامل روی این دستگاه راه نمی‌افتد: glibc @glibc@ یا تازه‌تر و کتابخانه‌های zlib (libz.so.1) و libgcc (libgcc_s.so.1) لازم است. چیزی نصب نشد. پیام آن: $(cat "$folder/said")"
[ "$passed" = yes ] || refuse "$(cat "$folder/said")"

case ${1-} in
  --check) cat "$folder/said" ;;
  --unpack)
    [ -n "${2-}" ] || refuse "Name the folder to unpack into: sh $file --unpack FOLDER" "پوشه‌ای را که باید در آن باز شود نام ببرید:
    sh $file --unpack FOLDER"
    mkdir -p "$2"
    cp -R "$tree/." "$2/"
    ;;
  *) "$tree/bin/licence-agent" install --from "$tree" "$@" ;;
esac
exit
}
