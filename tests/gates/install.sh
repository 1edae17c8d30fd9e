#!/bin/sh
# SPDX-License-Identifier: Apache-2.0 OR MIT
#
# Two builds in folders of different names give the same bytes. `make install`
# puts down what it should, with the right modes, and nothing else. A C program
# builds against what was installed, with what pkg-config says.
#
# usage: install.sh      (in the project root; CC as for make)
set -eu

cc=${CC:-cc}
T=$(mktemp -d)
trap 'rm -rf "$T"' EXIT
# The builds here are their own, not part of a make that runs this gate.
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES DESTDIR PREFIX || :

fail()
{
    echo "install: $*" >&2
    exit 1
}

# --- Two builds --------------------------------------------------------------

one=$T/one
two=$T/a-second-folder/of-another-length
mkdir -p "$one" "${two%/*}"
git ls-files --cached --others --exclude-standard |
    while IFS= read -r file; do
        [ ! -e "$file" ] || echo "$file"
    done >"$T/sources"
tar -c -T "$T/sources" | tar -x -C "$one"
cp -r "$one" "$two"
for folder in "$one" "$two"; do
    make -C "$folder" -j2 all CC="$cc" >"$T/log" 2>&1 || {
        tail -n 20 "$T/log" >&2
        fail "make all fails"
    }
done
for file in assay libassay.a; do
    cmp "$one/build/native/$file" "$two/build/native/$file" >&2 ||
        fail "two builds of $file differ"
done

# --- What is installed -------------------------------------------------------

root=$T/root
make -C "$one" install CC="$cc" DESTDIR="$root" PREFIX=/usr >"$T/log" 2>&1 || {
    tail -n 20 "$T/log" >&2
    fail "make install fails"
}

# Mode and path. Headers: those that verifier/verifier.h needs.
{
    cat <<'FILES'
755 usr/bin/assay
755 usr/libexec/assay/assay-m4
644 usr/share/assay/vectors/README.md
644 usr/lib/libassay.a
644 usr/lib/pkgconfig/assay.pc
644 usr/share/bash-completion/completions/assay
644 usr/share/doc/assay/CHANGELOG.md
644 usr/share/doc/assay/LICENSE
644 usr/share/doc/assay/LICENSE-APACHE
644 usr/share/doc/assay/LICENSE-MIT
644 usr/share/doc/assay/README.md
644 usr/share/doc/assay/assurance.md
644 usr/share/doc/assay/budgets.md
644 usr/share/doc/assay/embedding.md
644 usr/share/doc/assay/formats.md
644 usr/share/doc/assay/threat-model.md
644 usr/share/fish/vendor_completions.d/assay.fish
644 usr/share/man/man1/assay.1
644 usr/share/man/man5/assay-device.5
644 usr/share/zsh/vendor-completions/_assay
FILES
    for vectors in vectors/*.txt; do
        echo "644 usr/share/assay/$vectors"
    done
    "$cc" -std=c11 -I. -MM verifier/verifier.h | grep -o '[a-z0-9_/]*\.h' |
        sed 's|^|644 usr/include/assay/|'
} | sort >"$T/want"
(cd "$root" && find . ! -type d -printf '%m %P\n') | sort >"$T/got"
diff -u "$T/want" "$T/got" >&2 || fail "installed files (+) are not as expected"

cmp "$one/build/native/assay" "$root/usr/bin/assay" >&2 ||
    fail "another program was installed"
cmp man/assay.1 "$root/usr/share/man/man1/assay.1" >&2 ||
    fail "another manual was installed"
cmp man/assay-device.5 "$root/usr/share/man/man5/assay-device.5" >&2 ||
    fail "another manual was installed"
for shell in bash/bash-completion/completions/assay zsh/zsh/vendor-completions/_assay \
    fish/fish/vendor_completions.d/assay.fish; do
    "$root/usr/bin/assay" completion "${shell%%/*}" |
        cmp - "$root/usr/share/${shell#*/}" >&2 || fail "completion of $shell"
done
[ "$("$root/usr/bin/assay" version | head -n 1)" = \
    "assay version $(sed -n 's/^Version: //p' \
        "$root/usr/lib/pkgconfig/assay.pc")" ] ||
    fail "assay.pc and the program have different versions"
grep -rIl -e "$T" -e "$PWD" "$root" >&2 && fail "a path of the build is inside"

# --- A program that uses the library -----------------------------------------

# The two ways to name the header: by its folder below /usr/include, or as the
# sources do, by the include path that pkg-config gives.
write_user()
{
    cat <<SOURCE
#include <$1>
#include <stdio.h>

int main(void)
{
    static const uint8_t packet[] = {0x12, 0x00};
    struct assay_slice bytes = {packet, sizeof packet};
    struct assay_key_table keys = {0};
    struct assay_verdict verdict;
    if (assay_verifier_keys(&keys) != ASSAY_KEY_TABLE) {
        return 1;
    }
    if (assay_verifier_packet(bytes, &keys, &verdict) != ASSAY_FIELD_MISSING) {
        return 2;
    }
    return puts("refused") < 0;
}
SOURCE
}

export PKG_CONFIG_PATH="$root/usr/lib/pkgconfig"
export PKG_CONFIG_SYSROOT_DIR="$root"
export PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
cflags=$(pkg-config --cflags assay)
libs=$(pkg-config --libs assay)
for header in verifier/verifier.h assay/verifier/verifier.h; do
    write_user "$header" >"$T/user.c"
    # -isystem stands for the /usr/include of a real installation.
    # shellcheck disable=SC2086 # flags are several words
    (cd "$T" && "$cc" -std=c11 -Wall -Wextra -Werror $cflags \
        -isystem "$root/usr/include" -o user user.c $libs) ||
        fail "a program with <$header> does not build: $cflags $libs"
    [ "$("$T/user")" = refused ] || fail "a program with <$header> fails"
done

echo "install: $(wc -l <"$T/got") files and no other; two builds give the" \
    "same bytes; a program builds against the library with pkg-config"
