#!/bin/sh
# Installs clawdwako: binary, shell completions and man pages, into one prefix, and nothing else.
set -eu

usage() {
    cat <<'TEXT'
Usage: ./install.sh [--prefix DIR] [--release-file FILE | --from-source] [--uninstall]

Installs clawdwako into DIR (default ~/.local): bin/clawdwako, completions and man
pages below share/. Nothing else on the system is touched.

  --prefix DIR         where to, instead of ~/.local
  --release-file FILE  take this clawdwako-VERSION-TARGET.tar.gz, after checking it
                       against FILE.sha256 beside it
  --from-source        build, even if a release file for this machine lies here
  --uninstall          remove what was installed
  --help               this text

Without --release-file it takes a release file for this machine that lies beside this
script, else builds with cargo (some minutes).
TEXT
}

say() { printf '%s\n' "$*"; }
fail() { printf 'install.sh: %s\n' "$*" >&2; exit 1; }
wrong() { printf 'install.sh: %s\nTry ./install.sh --help\n' "$*" >&2; exit 2; }

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
prefix=
release=
source_only=false
uninstall=false

while [ $# -gt 0 ]; do
    case $1 in
        --prefix | --release-file)
            [ $# -ge 2 ] && [ -n "$2" ] || wrong "$1 needs a value"
            if [ "$1" = --prefix ]; then prefix=$2; else release=$2; fi
            shift 2
            ;;
        --prefix=?*) prefix=${1#*=}; shift ;;
        --release-file=?*) release=${1#*=}; shift ;;
        --from-source) source_only=true; shift ;;
        --uninstall) uninstall=true; shift ;;
        -h | --help) usage; exit 0 ;;
        *) wrong "unknown argument: $1" ;;
    esac
done
if $source_only && [ -n "$release" ]; then
    wrong '--from-source and --release-file exclude each other'
fi
if [ -z "$prefix" ]; then
    [ -n "${HOME:-}" ] || fail 'HOME is not set: give --prefix'
    prefix=$HOME/.local
fi
case $prefix in
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
esac

bin=$prefix/bin
bash_dir=$prefix/share/bash-completion/completions
zsh_dir=$prefix/share/zsh/site-functions
fish_dir=$prefix/share/fish/vendor_completions.d
man_dir=$prefix/share/man/man1

remove() {
    removed=false
    for file in "$bin/clawdwako" "$bash_dir/clawdwako" "$zsh_dir/_clawdwako" \
        "$fish_dir/clawdwako.fish" "$man_dir/clawdwako.1" "$man_dir"/clawdwako-*.1; do
        if [ -f "$file" ] || [ -L "$file" ]; then
            rm -f -- "$file"
            removed=true
        fi
    done
    # Only folders that are empty now, and never the prefix itself.
    for dir in "$bash_dir" "$prefix/share/bash-completion" "$zsh_dir" "$prefix/share/zsh" \
        "$fish_dir" "$prefix/share/fish" "$man_dir" "$prefix/share/man" "$prefix/share" "$bin"; do
        rmdir -- "$dir" 2>/dev/null || :
    done
    if $removed; then
        say "clawdwako removed from $prefix"
        say 'Bots and secrets are kept: destroy bots with clawdwako before, if you want none.'
    else
        say "clawdwako is not installed in $prefix"
    fi
}

if $uninstall; then
    remove
    exit 0
fi

work=$(mktemp -d)
trap 'rm -rf -- "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

target() {
    machine=$(uname -m)
    case $machine in arm64) machine=aarch64 ;; amd64) machine=x86_64 ;; esac
    case $(uname -s) in
        Linux) say "$machine-unknown-linux-gnu" ;;
        Darwin) say "$machine-apple-darwin" ;;
        *) fail "there is no clawdwako for $(uname -s)" ;;
    esac
}

sha256() {
    if command -v sha256sum >/dev/null 2>&1; then
        sha256sum <"$1" | cut -d ' ' -f 1
    elif command -v shasum >/dev/null 2>&1; then
        shasum -a 256 <"$1" | cut -d ' ' -f 1
    else
        fail 'neither sha256sum nor shasum is here, so the release file cannot be checked'
    fi
}

# Unpacks the release file into $work/release, if it is what its checksum says.
unpack() {
    [ -f "$1" ] || fail "there is no file $1"
    [ -f "$1.sha256" ] || fail "there is no $1.sha256, so $1 cannot be checked"
    case ${1##*/} in
        clawdwako-*-"$(target)".tar.gz) ;;
        *) fail "${1##*/} is not for this machine ($(target))" ;;
    esac
    want=$(cut -d ' ' -f 1 <"$1.sha256" | head -n 1)
    have=$(sha256 "$1")
    [ "$want" = "$have" ] || fail "${1##*/} is damaged or not genuine: its SHA-256 is $have, and $want is expected"
    mkdir "$work/release"
    tar -xzf "$1" -C "$work/release" --strip-components=1 || fail "${1##*/} cannot be unpacked"
    [ -f "$work/release/clawdwako" ] || fail "there is no clawdwako in ${1##*/}"
}

# Builds with cargo; leaves the binary's path in $binary.
build() {
    [ -f "$here/Cargo.toml" ] || fail "$here is no checkout of clawdwako: give --release-file"
    missing=
    command -v cargo >/dev/null 2>&1 || missing='Rust (cargo), see https://rustup.rs'
    if ! command -v cc >/dev/null 2>&1; then
        missing=${missing:+$missing; and }'a C compiler (cc), on Debian and Ubuntu: apt install gcc'
    fi
    [ -z "$missing" ] || fail "building needs $missing"
    say 'Building clawdwako: this takes some minutes the first time.'
    # A default target of the user's own would put the binary elsewhere.
    unset CARGO_BUILD_TARGET
    CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$here/target}
    export CARGO_TARGET_DIR
    (cd "$here" && cargo build --profile quick --locked --bin clawdwako) || fail 'the build failed; its reason stands above'
    binary=$CARGO_TARGET_DIR/quick/clawdwako
    case $binary in /*) ;; *) binary=$here/$binary ;; esac
}

# Copies to a name beside it first, so that a running or half-copied file is never seen.
put() {
    mkdir -p -- "$(dirname -- "$3")" || fail "$(dirname -- "$3") cannot be made"
    cp -- "$2" "$3.new.$$" || fail "$3 cannot be written"
    chmod "$1" "$3.new.$$"
    mv -f -- "$3.new.$$" "$3"
}

if [ -z "$release" ] && ! $source_only; then
    # The newest, if several lie here; names of versions sort well enough for that.
    for file in "$here"/clawdwako-*-"$(target)".tar.gz; do
        if [ -f "$file" ]; then release=$file; fi
    done
fi
if [ -n "$release" ]; then
    unpack "$release"
    binary=$work/release/clawdwako
    files=$work/release
else
    build
    files=$here
fi

put 755 "$binary" "$bin/clawdwako"
put 644 "$files/completions/clawdwako.bash" "$bash_dir/clawdwako"
put 644 "$files/completions/_clawdwako" "$zsh_dir/_clawdwako"
put 644 "$files/completions/clawdwako.fish" "$fish_dir/clawdwako.fish"
for page in "$files"/man/clawdwako*.1; do
    put 644 "$page" "$man_dir/${page##*/}"
done

version=$("$bin/clawdwako" --version) || fail "$bin/clawdwako does not run on this machine"
say "$version installed in $prefix"
case ":${PATH:-}:" in
    *":$bin:"*) ;;
    *) say "$bin is not in your PATH: add it, or call $bin/clawdwako" ;;
esac
