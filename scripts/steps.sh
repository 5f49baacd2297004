# shellcheck shell=bash
# What the other scripts share; sourced.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Programs that the page is built with and the tests run against. They are outside the project, so that
# clones share them, and each is in a folder of its version.
tools=${PROMTIER_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/promtier/tools}
trunk_version=0.21.14 # The newest that the compilers of rust-toolchain.toml's oldest users build.
# The schema of SARIF 2.1.0, which a crate of this version ships. It is not the project's own.
serde_sarif_version=0.8.0
sarif_schema=$tools/serde-sarif-$serde_sarif_version/sarif-schema-2.1.0.json
logs=target/logs
mkdir -p "$logs"

# The version of a package in Cargo.lock.
locked_version() {
  awk -v name="\"$1\"" '$1 == "name" { found = $3 == name } found && $1 == "version" { gsub(/"/, "", $3); print $3; exit }' Cargo.lock
}
wasm_bindgen_version=$(locked_version wasm-bindgen)

export PATH="$tools/trunk-$trunk_version/bin:$tools/wasm-bindgen-$wasm_bindgen_version/bin:$PWD/node_modules/.bin:$PATH:/usr/sbin"

say() { printf '%s\n' "$*" >&2; }

# step WHAT REMEDY COMMAND…: announces what is done, does it, and says how long it took. Where it fails, shows
# the end of its log and what to do, and ends the script. Functions given to it are run without `set -e`.
step() {
  local what=$1 remedy=$2 start=$SECONDS log
  shift 2
  log=$logs/$(printf '%s' "${what% (*}" | tr '[:upper:]' '[:lower:]' | tr -cs '[:alnum:].' -).log
  printf '  %s … ' "$what" >&2
  if "$@" >"$log" 2>&1; then
    say "$((SECONDS - start)) s"
    return
  fi
  say "FAILED after $((SECONDS - start)) s"
  tail -n 40 "$log" | sed 's/^/    /' >&2
  say ""
  say "Failed: $what. The whole log: $log"
  say "What to do: $remedy"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# Debian with the right to install packages.
can_apt() { have apt-get && [ "$(id -u)" = 0 ]; }

# apt_install PACKAGE…: a mirror in the middle of an update can fail once, so each half is tried twice.
# Services that a package brings are not started.
apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  local policy=/usr/sbin/policy-rc.d status=0
  if [ -e "$policy" ]; then policy=; else
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod +x "$policy"
  fi
  { apt-get update || apt-get update; } &&
    { apt-get install -y --no-install-recommends "$@" || apt-get install -y --no-install-recommends "$@"; } || status=$?
  [ -z "$policy" ] || rm -f "$policy"
  return "$status"
}

# Whether rustup's compiler has the WebAssembly target.
rustup_has_wasm() { [ -d "$(rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib" ]; }

# Debian's compiler for the web, which builds the standard library for the target from its source.
debian_has_wasm() { [ -x /usr/bin/rustc ] && [ -d "$(/usr/bin/rustc --print sysroot)/lib/rustlib/src/rust/library" ]; }

# for_wasm COMMAND…: runs cargo, or what runs cargo, with a compiler that has the WebAssembly target.
for_wasm() {
  if rustup_has_wasm; then
    "$@"
  else
    local lld
    lld=$(find "$(rustc --print sysroot)" /usr/bin /usr/lib/llvm-*/bin -name rust-lld -o -name 'lld-[0-9]*' 2>/dev/null | sort -V | tail -n 1)
    PATH=/usr/bin:$PATH RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=std,panic_abort \
      CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER=$lld "$@"
  fi
}

# The folder of the newest Prometheus 3 among the tools; nothing where there is none.
newest_prometheus_3() {
  local folder newest=
  for folder in "$tools"/prometheus-3.*; do
    [ -x "$folder/bin/promtool" ] && newest+=$folder$'\n'
  done
  printf %s "$newest" | sort -V | tail -n 1
}
