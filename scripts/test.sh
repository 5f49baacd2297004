#!/usr/bin/env bash
# Every check there is. The last line is `N passed, N failed`; what failed is listed above it.
. "$(dirname "$0")/steps.sh"

# A fresh clone builds once: what would make the next build faster only fills the disk.
[ -z "${CI:-}" ] || export CARGO_INCREMENTAL=0

free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1048576) }')
[ -d target/debug ] || [ "$free" -ge 8 ] ||
  say "  Only $free GiB of disk are free, and the builds need about 8: should they fail, make room, and run this again."

failed=()
scripts/setup-page.sh || failed+=("set-up of the page's tools")
scripts/setup-tests.sh || failed+=("set-up of the programs to test against")
have node || { say "Nothing can be run without Node.js."; echo "0 passed, 1 failed"; exit 1; }

# Where the real programs are; what the caller has set is kept.
if have prometheus && prometheus --version 2>&1 | grep -q '^prometheus, version 2\.'; then
  export PROMTIER_PROMETHEUS_2="${PROMTIER_PROMETHEUS_2:-$(command -v prometheus)}"
  export PROMTIER_PROMTOOL_2="${PROMTIER_PROMTOOL_2:-$(command -v promtool)}"
fi
three=$(newest_prometheus_3)
if [ -n "$three" ]; then
  export PROMTIER_PROMETHEUS_3="${PROMTIER_PROMETHEUS_3:-$three/bin/prometheus}"
  export PROMTIER_PROMTOOL_3="${PROMTIER_PROMTOOL_3:-$three/bin/promtool}"
fi
[ ! -r "$sarif_schema" ] || export PROMTIER_SARIF_SCHEMA="${PROMTIER_SARIF_SCHEMA:-$sarif_schema}"
exec node scripts/test.mjs ${failed[@]+"${failed[@]}"}
