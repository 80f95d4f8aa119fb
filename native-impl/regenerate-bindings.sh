#!/bin/sh
# Makes src/generated anew from the C header. Run by hand, after the header has changed; the build never runs it.
#
#   native-impl/regenerate-bindings.sh PATH_OF_JEXTRACT      or with the environment variable JEXTRACT
#
# Only the version below is accepted, so that a difference in the output is a difference of the header. A failed run
# leaves the old bindings in place.
set -eu

expected='jextract 23
JDK version 25.0.3+9-LTS
LibClang version Debian clang version 14.0.6'
tool_commit=f9866df3a178baa2e4a3746a7a6e458d783ace92
package=org.crossentropy.ffm.bindings

fail() {
    echo "regenerate-bindings: $*" >&2
    exit 1
}

tool=${1:-${JEXTRACT:-}}
[ -n "$tool" ] || fail "name jextract as the argument or in JEXTRACT"
tool=$(command -v "$tool") || fail "not a program: ${1:-$JEXTRACT}"
case $tool in /*) ;; *) tool=$PWD/$tool ;; esac
found=$("$tool" --version 2>&1)
[ "$found" = "$expected" ] || fail "wrong version of jextract; expected:
$expected
found:
$found"

module=$(cd "$(dirname "$0")" && pwd)
cd "$module/../native/include/xent"
stage=$(mktemp -d "$module/src/generated.XXXXXX")
trap 'rm -rf "$stage"' EXIT

# Everything that xent.h itself declares, and nothing of the headers it includes.
"$tool" --dump-includes "$stage/all" xent.h
sed -n "s,^\(--include-[a-z]* [^ ]*\) *# header: .*/xent\.h\$,\1,p" "$stage/all" >"$stage/xent.includes"
rm "$stage/all"
for function in $(sed -n 's/^XENT_API .*[ *]\(xent_[a-z0-9_]*\)(.*/\1/p' xent.h); do
    grep -qx -e "--include-function $function" "$stage/xent.includes" || fail "no include line for $function"
done

# The opaque struct xent_kernels is skipped with a warning: only its address is ever used.
set -- --output src/generated/java -t "$package" --header-class-name Xent
"$tool" "@$stage/xent.includes" --output "$stage/java" -t "$package" --header-class-name Xent xent.h
if grep -rqF -e "$module" "$stage"; then fail "the output holds a path of this machine"; fi

cat >"$stage/GENERATED.properties" <<PROPERTIES
# Where src/generated comes from; written by regenerate-bindings.sh.
tool = jextract
tool.version = $(echo "$found" | paste -s -d ';' | sed 's/;/, /g')
tool.commit = $tool_commit
header = native/include/xent/xent.h
header.sha256 = $(sha256sum xent.h | cut -d ' ' -f 1)
command = jextract @xent.includes $* xent.h
PROPERTIES

chmod 755 "$stage"
rm -rf "$module/src/generated"
mv "$stage" "$module/src/generated"
trap - EXIT
