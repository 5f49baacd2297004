// Runs every check, one after the other, and sums what they count: scripts/test.sh, which sets up, calls it with
// the names of what could not be set up.
import { spawn, spawnSync } from "node:child_process";
import { createWriteStream, mkdirSync, readdirSync, readFileSync } from "node:fs";

const LOGS = "target/logs";
const PATIENCE = 15 * 60; // Seconds after which a check that hangs is ended.
const WASM = ["--locked", "--target", "wasm32-unknown-unknown", "--no-default-features"];
const has = (program, ...args) => spawnSync(program, args, { stdio: "ignore" }).status === 0;
const browserTests = readdirSync("tests/browser").filter((name) => name.endsWith(".test.mjs")).map((name) => `tests/browser/${name}`);

/** Counts the results of `cargo test` over all its programs. */
function countCargo(log) {
  const results = [...log.matchAll(/^test result: \w+\. (\d+) passed; (\d+) failed/gm)];
  return {
    passed: results.reduce((sum, [, passed]) => sum + Number(passed), 0),
    failed: results.reduce((sum, [, , failed]) => sum + Number(failed), 0),
    names: [...log.matchAll(/^test (.+) \.\.\. FAILED/gm)].map(([, name]) => name),
    details: [...log.matchAll(/^---- .* stdout ----\n[^]*?(?=^---- |^failures:$)/gm)].map(([block]) => block),
  };
}

/** Counts the results of `node --test`, in TAP. */
function countNode(log) {
  const count = (what) => Number(log.match(new RegExp(`^# ${what} (\\d+)$`, "m"))?.[1] ?? 0);
  return {
    passed: count("pass"),
    failed: count("fail") + count("cancelled"),
    names: [...log.matchAll(/^ *not ok \d+ - (.+)$/gm)].map(([, name]) => name),
    details: [...log.matchAll(/^ *not ok [^]*?^ *\.\.\.$/gm)].map(([block]) => block),
  };
}

const checks = [
  { what: "rustfmt", command: ["cargo", "fmt", "--check"] },
  { what: "clippy", command: ["cargo", "clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"] },
  {
    what: "clippy of the page and its engine",
    command: ["scripts/for-wasm.sh", "cargo", "clippy", ...WASM, "--features", "web,worker", "--bin", "promtier-web", "--bin", "promtier-engine", "--", "-D", "warnings"],
    skip: !has("scripts/for-wasm.sh", "cargo", "clippy", "--version") && "this compiler comes without clippy",
  },
  { what: "the library alone, for WebAssembly", command: ["scripts/for-wasm.sh", "cargo", "check", ...WASM, "--lib"] },
  {
    what: "rustdoc",
    command: ["cargo", "doc", "--locked", "--workspace", "--no-deps", "--lib", "--document-private-items"],
    env: { RUSTDOCFLAGS: "-Dwarnings" },
  },
  {
    what: "licences, bans and advisories",
    command: ["cargo", "deny", "--all-features", "check"],
    skip: !has("cargo", "deny", "--version") && "cargo-deny is not installed",
  },
  {
    what: "Rust tests",
    // What a passing test prints is shown too: the names of what it skips.
    command: ["cargo", "test", "--locked", "--workspace", "--no-fail-fast", "--", "--show-output"],
    count: countCargo,
  },
  ...["yaml", "configuration", "edits"].map((target) => ({
    what: `fuzzing of ${target}`,
    command: ["scripts/fuzz.sh", target, process.env.CI ? "60" : "5"],
  })),
  { what: "the page within its budgets", command: ["make", "--no-print-directory", "dist"] },
  {
    what: "browser journeys",
    command: ["node", "--test", "--test-concurrency=1", "--test-reporter=tap", ...browserTests],
    skip: !has("chromium", "--version") && !process.env.CI && "chromium is not installed",
    count: countNode,
  },
];

/** Runs one check, its output in a log of its own; answers its counts. */
async function run({ what, command: [program, ...args], env, count }) {
  const path = `${LOGS}/${what.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.log`;
  const file = createWriteStream(path).on("error", (error) => {
    console.log(`\nThe log ${path} cannot be written: ${error.message}`);
    process.exit(1);
  });
  const status = await new Promise((resolve) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"], detached: true });
    const end = setTimeout(() => {
      file.write(`\nended after ${PATIENCE} s\n`);
      process.kill(-child.pid, "SIGKILL");
    }, PATIENCE * 1000);
    child.stdout.on("data", (data) => file.write(data));
    child.stderr.on("data", (data) => file.write(data));
    child.on("error", (error) => resolve(error.message));
    child.on("close", (code, signal) => {
      clearTimeout(end);
      resolve(signal ?? code);
    });
  });
  await new Promise((resolve) => file.end(resolve));
  const log = readFileSync(path, "utf8");
  const counts = count ? count(log) : { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, names: [], details: [] };
  // A runner that broke before it could count, such as one that does not compile, has failed once.
  if (status !== 0 && counts.failed === 0) counts.failed = 1;
  // And one that found nothing to run has proved nothing.
  if (counts.passed + counts.failed === 0) counts.failed = 1;
  if (counts.failed > 0) {
    const details = counts.details.length > 0 ? counts.details.slice(0, 20) : [log.split("\n").slice(-60).join("\n")];
    console.log(`\n${details.map((block) => block.split("\n").slice(0, 60).join("\n")).join("\n")}\nThe whole log: ${path}`);
  }
  const skipped = [...log.matchAll(/^.*?(SKIPPED .*)$/gm)].map(([, line]) => line);
  const failures = counts.names.length > 0 ? counts.names.map((name) => `${what}: ${name}`) : [what];
  return { ...counts, skipped, failures: counts.failed > 0 ? failures : [] };
}

mkdirSync(LOGS, { recursive: true });
const failures = process.argv.slice(2);
const skipped = [];
let passed = 0;
let failed = failures.length;
for (const check of checks) {
  if (check.skip) {
    skipped.push(`SKIPPED ${check.what}: ${check.skip}`);
    continue;
  }
  process.stdout.write(`  ${check.what} … `);
  const start = Date.now();
  const result = await run(check);
  console.log(`${result.passed} passed, ${result.failed} failed, ${Math.round((Date.now() - start) / 1000)} s`);
  passed += result.passed;
  failed += result.failed;
  failures.push(...result.failures);
  skipped.push(...result.skipped);
}
console.log("");
for (const line of new Set(skipped)) console.log(line);
for (const name of failures) console.log(`FAILED ${name}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
