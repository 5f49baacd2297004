#!/usr/bin/env bash
# Builds the page into dist/, which is replaced only when all of it is done.
. "$(dirname "$0")/common.sh"

started=$logs/.page-started
touch "$started"
step "Fetch the crates of Cargo.lock" "see that crates.io can be reached, then run this again" \
  for_wasm cargo fetch --locked
step "Build the page (some 2 minutes from nothing)" \
  "mend what the compiler names above; where it names a tool, remove $tools and run this again" \
  for_wasm trunk build --release --offline
# What is edited during the build is newer than the page.
touch -r "$started" dist/index.html
