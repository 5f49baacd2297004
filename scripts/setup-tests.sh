#!/usr/bin/env bash
# Installs the real programs that the tests compare promtier with, where they are missing: Debian's Prometheus
# 2.42, HAProxy, NGINX and Chromium, a C++ compiler for the fuzzer, and a Prometheus 3 from Debian's newest suite, unpacked into the tools
# folder. What cannot be installed is named; in CI (`CI` set) Debian's programs must be there.
. "$(dirname "$0")/steps.sh"

packages=()
have prometheus && have promtool || packages+=(prometheus)
have haproxy || packages+=(haproxy)
have nginx || packages+=(nginx-light)
have chromium || packages+=(chromium)
have c++ || packages+=(g++)
if [ ${#packages[@]} -gt 0 ]; then
  if can_apt; then
    step "Install Debian's ${packages[*]}" "run as root: apt-get update && apt-get install ${packages[*]}" \
      apt_install "${packages[@]}"
  else
    say "  Missing, and not installed since this is not root on Debian: ${packages[*]}"
    say "  The tests that need them are skipped by name. To have them: apt-get install ${packages[*]}"
    [ -z "${CI:-}" ] || exit 1
  fi
fi

# Debian's newest suite is read with an apt of its own state, so that nothing of it can reach the machine.
unpack_prometheus_3() (
  keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources | head -n 1)
  if [ ! -r "$keyring" ] || [ -z "$mirror" ]; then
    echo "not Debian: no keyring or no mirror"
    exit 1
  fi
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/packages" "$work/root"
  printf 'deb [signed-by=%s] %s sid main\n' "$keyring" "$mirror" >"$work/sources.list"
  apt=(apt-get "-oDir::Etc::sourcelist=$work/sources.list" -oDir::Etc::sourceparts=/dev/null
    "-oDir::State::Lists=$work/lists" "-oDir::Cache=$work/cache" -oDir::State::status=/dev/null
    "-oAPT::Sandbox::User=$(id -un)")
  "${apt[@]}" update || "${apt[@]}" update || exit 1
  (cd "$work/packages" && "${apt[@]}" download prometheus/sid promtool/sid) || exit 1
  for package in "$work"/packages/*.deb; do dpkg -x "$package" "$work/root" || exit 1; done
  version=$("$work/root/usr/bin/prometheus" --version 2>&1 | sed -n '1s/^prometheus, version \([0-9.]*\).*/\1/p')
  case $version in 3.*) ;; *) echo "the suite holds Prometheus '$version', or it does not run here"; exit 1 ;; esac
  mkdir -p "$tools/.partial-prometheus/bin"
  mv "$work"/root/usr/bin/prometheus "$work"/root/usr/bin/promtool "$tools/.partial-prometheus/bin/" || exit 1
  rm -rf "$tools/prometheus-$version"
  mv "$tools/.partial-prometheus" "$tools/prometheus-$version"
)
if [ -z "$(newest_prometheus_3)" ]; then
  if have apt-get && have dpkg; then
    # The mirror need not have it: this alone fails nothing.
    (step "Unpack Prometheus 3 from Debian's sid" "nothing, if it need not be tested against" unpack_prometheus_3) ||
      say "  Going on without Prometheus 3: the tests that need it are skipped by name."
  else
    say "  Prometheus 3 is taken from Debian's packages, and this is not Debian: the tests that need it are skipped by name."
    say "  To have it, unpack a release to $tools/prometheus-VERSION/bin."
  fi
fi

# The schema that --format sarif is tested with, out of the sources of a crate that is not built.
unpack_sarif_schema() (
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir "$work/src"
  : >"$work/src/lib.rs"
  printf '[package]\nname = "schema"\nversion = "0.0.0"\nedition = "2021"\n[dependencies]\nserde-sarif = "=%s"\n' \
    "$serde_sarif_version" >"$work/Cargo.toml"
  (cd "$work" && cargo vendor --quiet) || exit 1
  mkdir -p "${sarif_schema%/*}"
  cp "$work/vendor/serde-sarif/src/schema.json" "$sarif_schema"
)
[ -r "$sarif_schema" ] ||
  (step "Unpack the schema of SARIF" "nothing, if logs need not be tested against it" unpack_sarif_schema) ||
  say "  Going on without the schema: the test that needs it is skipped by name."

for component in rustfmt clippy; do
  cargo "${component/rust/}" --version >/dev/null 2>&1 ||
    step "Install $component" "run \`rustup component add $component\`" rustup component add "$component"
done
