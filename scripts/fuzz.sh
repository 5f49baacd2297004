#!/usr/bin/env bash
# scripts/fuzz.sh TARGET SECONDS: feeds one of fuzz/targets with mutations of its corpus, by libFuzzer, with the
# stable compiler. PROMTIER_FUZZ_SEED repeats a run. What breaks a target is kept in target/fuzz/found; new inputs
# that reach new code in target/fuzz/corpus.
. "$(dirname "$0")/steps.sh"

target=${1:?which target of fuzz/targets}
seconds=${2:?for how many seconds}
seed=${PROMTIER_FUZZ_SEED:-$((RANDOM << 15 | RANDOM))}

if ! have c++; then
  echo "SKIPPED fuzzing of $target: libFuzzer needs a C++ compiler (apt-get install g++)"
  [ -z "${CI:-}" ] || exit 1
  exit 0
fi

# The coverage that libFuzzer goes by, as cargo-fuzz asks the compiler for it. The sanitizers need a nightly
# compiler, and look for faults that code without `unsafe` cannot have.
host=$(rustc -vV | sed -n 's/^host: //p')
coverage="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
  -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 --cfg fuzzing"
RUSTFLAGS=$coverage cargo build --locked --release --manifest-path fuzz/Cargo.toml --target-dir target/fuzz \
  --target "$host" --bin "$target"

# What the tests read is a good beginning too; only what is found is written, and that to target/.
seeds=("fuzz/corpus/$target")
[ "$target" = edits ] || seeds+=(tests/fixtures/configurations tests/fixtures/prometheus/seeds)
mkdir -p "target/fuzz/corpus/$target" target/fuzz/found
echo "Fuzzing $target for $seconds s; PROMTIER_FUZZ_SEED=$seed repeats it"
exec "target/fuzz/$host/release/$target" -seed="$seed" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
  -max_len=8192 -dict=fuzz/words.dict -artifact_prefix="target/fuzz/found/$target-" -verbosity=0 -print_final_stats=1 \
  "target/fuzz/corpus/$target" "${seeds[@]}"
