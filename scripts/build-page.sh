#!/usr/bin/env bash
# Builds the page into dist/, which is replaced only when all of it is done.
. "$(dirname "$0")/steps.sh"

started=$logs/.page-started
touch "$started"
# Trunk is kept offline, or it would fetch programs of its own choice; so the crates are fetched before it. The
# second call brings what the standard library is built from, where it is built.
fetch_crates() {
  cargo fetch --locked && for_wasm cargo fetch --locked --target wasm32-unknown-unknown
}
step "Fetch the crates of Cargo.lock" "see that crates.io can be reached, then run this again" fetch_crates
# The compiler's messages stand in the log; Trunk's own backtrace would only push them out of sight.
export RUST_BACKTRACE=0
step "Build the page (some 2 minutes from nothing)" \
  "mend what the compiler names above; where it names a tool, remove $tools and run this again" \
  for_wasm trunk build --release --offline
# What is edited during the build is newer than the page.
touch -r "$started" dist/index.html
