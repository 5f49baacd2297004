#!/usr/bin/env bash
# Runs a command, cargo for one, with a compiler that has the WebAssembly target: scripts/for-wasm.sh COMMAND…
. "$(dirname "$0")/steps.sh"
for_wasm "$@"
