#!/bin/sh
# Checks the C sources against .clang-format; "check-format.sh -i" rewrites them instead.
cd "$(dirname "$0")" || exit 1
if ! command -v clang-format >/dev/null; then
    echo "clang-format is not on PATH: format of the C sources not checked"
    exit 0
fi
find include src test -name '*.[ch]' -exec clang-format --style=file "${1:---dry-run}" --Werror {} +
