#!/bin/sh
#: install.sh [--prefix DIR] [--sysconfdir DIR] [--binaries DIR]
#:
#: Puts the two programs, manual pages, completions, the unit for systemd, runbooks and monitoring below a prefix (/usr/local).
#: Build first: cargo build --release -p elastickv -p elastickv-admin. What is there already is replaced, and nothing is
#: started. DESTDIR stands before every path, for those who make packages.
set -eu
usage() { sed -n 's/^#: \{0,1\}//p' "$0"; }

source=$(cd "$(dirname "$0")" && pwd)
prefix=/usr/local
sysconfdir=/etc
binaries=$source/target/release
while [ $# -gt 0 ]; do
    case $1 in
    -h | --help)
        usage
        exit 0
        ;;
    --prefix | --sysconfdir | --binaries)
        [ $# -ge 2 ] || { usage >&2; exit 2; }
        case $1 in --prefix) prefix=$2 ;; --sysconfdir) sysconfdir=$2 ;; *) binaries=$2 ;; esac
        shift 2
        ;;
    *)
        usage >&2
        exit 2
        ;;
    esac
done
for path in "$prefix" "$sysconfdir"; do
    case $path in
    *[!A-Za-z0-9/._-]*) echo "install.sh: $path has letters that a unit can not have in a path" >&2; exit 2 ;;
    /*) ;;
    *) echo "install.sh: $path is no absolute path" >&2; exit 2 ;;
    esac
done

root=${DESTDIR-}
share=$root$prefix/share
for program in elastickv elastickv-admin; do
    [ -x "$binaries/$program" ] || { echo "install.sh: $binaries/$program is not built" >&2; exit 1; }
done

# put MODE DIRECTORY FILE...
put() {
    mode=$1 directory=$2
    shift 2
    mkdir -p "$directory"
    for file in "$@"; do
        # A program that runs keeps its old file.
        cp "$file" "$directory/.new.$$"
        chmod "$mode" "$directory/.new.$$"
        mv "$directory/.new.$$" "$directory/${as:-$(basename "$file")}"
    done
}

put 755 "$root$prefix/bin" "$binaries/elastickv" "$binaries/elastickv-admin"
put 644 "$share/man/man1" "$source"/man/*.1
put 644 "$share/man/man7" "$source"/man/*.7
as=elastickv-admin put 644 "$share/bash-completion/completions" "$source/completions/elastickv-admin.bash"
put 644 "$share/zsh/site-functions" "$source/completions/_elastickv-admin"
put 644 "$share/fish/vendor_completions.d" "$source/completions/elastickv-admin.fish"
put 755 "$share/elastickv/runbooks" "$source"/docs/runbooks/*.sh
put 644 "$share/elastickv/runbooks" "$source/docs/runbooks/README.md"
put 644 "$share/elastickv/monitoring" "$source"/docs/monitoring/*
put 644 "$share/elastickv" "$source/packaging/elastickv.env"
as=elastickv.conf put 644 "$root$prefix/lib/sysusers.d" "$source/packaging/sysusers.conf"

unit=$root$prefix/lib/systemd/system
mkdir -p "$unit"
sed -e "s|@bindir@|$prefix/bin|" -e "s|@sysconfdir@|$sysconfdir|" "$source/packaging/elastickv.service" >"$unit/.new.$$"
chmod 644 "$unit/.new.$$"
mv "$unit/.new.$$" "$unit/elastickv.service"
echo "installed below $root$prefix; next: man elastickv-encryption"
