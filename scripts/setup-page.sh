#!/usr/bin/env bash
# Installs what the page is built with, where it is missing: the WebAssembly target, Trunk, the wasm-bindgen
# program of the version in Cargo.lock, and the npm packages of package-lock.json.
. "$(dirname "$0")/steps.sh"

have cargo || { say "cargo is missing: install Rust from https://rustup.rs, then run this again"; exit 1; }
have npm || { say "node and npm are missing: install Node.js 20 or newer, then run this again"; exit 1; }
node -e 'process.exit(process.versions.node.split(".")[0] >= 20 ? 0 : 1)' ||
  { say "Node.js $(node --version) is too old: install 20 or newer, then run this again"; exit 1; }

# Answers whether the target is there in the end: from rustup, or else from Debian's packages.
install_wasm_target() {
  if have rustup && rustup target add wasm32-unknown-unknown && rustup_has_wasm; then return; fi
  echo "rustup cannot give the target; trying Debian's packages"
  can_apt && apt_install rustc-web cargo-web rust-web-src lld && debian_has_wasm
}
rustup_has_wasm || debian_has_wasm || step "Install Rust's WebAssembly target" \
  "run \`rustup target add wasm32-unknown-unknown\`, or as root on Debian \`apt-get install rustc-web cargo-web rust-web-src lld\`" \
  install_wasm_target

# install_program NAME VERSION PACKAGE ARGUMENT…: builds a program quickly rather than well: it is run a few
# times, and each run is short.
install_program() {
  local version=$2 package=$3 folder=$tools/$1-$2 partial=$tools/.partial-$1-$2
  shift 3
  mkdir -p "$tools"
  rm -rf "$partial"
  CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_CODEGEN_UNITS=64 \
    CARGO_PROFILE_RELEASE_STRIP=true CARGO_RESOLVER_INCOMPATIBLE_RUST_VERSIONS=fallback \
    CARGO_TARGET_DIR=$tools/.building cargo install "$package" --version "=$version" --root "$partial" "$@" || return
  rm -rf "$folder"
  mv "$partial" "$folder"
}
check_again="see that crates.io can be reached, then run this again"
# Kept offline, it needs neither TLS nor a look for newer versions of itself.
[ -x "$tools/trunk-$trunk_version/bin/trunk" ] ||
  step "Build Trunk $trunk_version (some 3 minutes, once)" "$check_again" \
    install_program trunk "$trunk_version" trunk --locked --no-default-features
# Its own lock file names a package that is no longer there, hence without --locked.
[ -x "$tools/wasm-bindgen-$wasm_bindgen_version/bin/wasm-bindgen" ] ||
  step "Build wasm-bindgen $wasm_bindgen_version (some 2 minutes, once)" "$check_again" \
    install_program wasm-bindgen "$wasm_bindgen_version" wasm-bindgen-cli
rm -rf "$tools/.building"

install_packages() {
  npm ci --no-audit --no-fund || return
  touch node_modules/.package-lock.json
}
[ node_modules/.package-lock.json -nt package-lock.json ] ||
  step "Install the npm packages" "see that npm's registry can be reached, then run this again" install_packages
