#!/usr/bin/env bash
# Every check there is. The last line is `N passed, N failed`; what failed is listed above it.
. "$(dirname "$0")/steps.sh"

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
exec node scripts/test.mjs ${failed[@]+"${failed[@]}"}
