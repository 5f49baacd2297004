// promtier in WebAssembly under Node, beside the npm parser and beside itself as a native program.
//
//     node benches/wasm.mjs [rounds]
//
// Builds benches/wasm and benches/measure, writes the input, and measures in interleaved rounds.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = dirname(dirname(fileURLToPath(import.meta.url)));
const target = join(project, 'target/measure');
const rounds = Number(process.argv[2] ?? 7);
const run = (program, args, options = {}) =>
  execFileSync(program, args, { cwd: project, maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'inherit'], ...options });

const build = (folder, args, env = {}) =>
  run('cargo', ['build', '--quiet', '--release', '--manifest-path', `benches/${folder}/Cargo.toml`, '--target-dir', target, ...args],
    { env: { ...process.env, ...env } });
build('measure', []);
build('wasm', ['--target', 'wasm32-unknown-unknown'], { RUSTFLAGS: '-C target-feature=+simd128' });
const measure = join(target, 'release/promtier-measure');
const { instance } = await WebAssembly.instantiate(
  readFileSync(join(target, 'wasm32-unknown-unknown/release/promtier_measure_wasm.wasm')));
const wasm = instance.exports;

const peer = 'parse-prometheus-text-format@1.1.1';
const modules = join(target, 'npm');
if (!existsSync(join(modules, 'node_modules/parse-prometheus-text-format'))) {
  mkdirSync(modules, { recursive: true });
  run('npm', ['install', '--silent', '--no-save', '--no-audit', '--no-fund', '--prefix', modules, peer]);
}
const parsePeer = createRequire(join(modules, 'x.js'))('parse-prometheus-text-format');

const parse = (bytes) => {
  wasm.begin();
  for (let at = 0; at < bytes.length; at += 1 << 20) {
    const part = bytes.subarray(at, at + (1 << 20));
    new Uint8Array(wasm.memory.buffer, wasm.piece(), part.length).set(part);
    wasm.push(part.length);
  }
  return wasm.finish();
};
const timed = (work) => {
  const start = performance.now();
  work();
  return performance.now() - start;
};
const median = (numbers) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
const input = (series) => run(measure, ['--write-input', 'typical', String(series)]);

const bytes = input(100_000);
if (parse(bytes) !== 100_000) throw new Error('promtier reads every series');
const small = input(10_000);
const smallText = small.toString();
const peerParse = parsePeer.default ?? parsePeer;
const times = { wasm: [], native: [], peer: [], small: [] };
parse(small);
for (let round = 0; round < rounds; round += 1) {
  times.wasm.push(timed(() => parse(bytes)));
  // The program says how fast it was, so that its start and the making of the input do not count.
  const rate = Number(run(measure, ['--repeat', 'typical', '3']).toString().match(/: (\d+) MB/)[1]);
  times.native.push(bytes.length / 1e3 / rate);
  times.small.push(timed(() => parse(small)));
  times.peer.push(timed(() => peerParse(smallText)));
}
const rate = (size, milliseconds) => (size / 1e3 / milliseconds).toFixed(0);
const ratio = (a, b) => median(a.map((time, at) => time / b[at])).toFixed(2);
console.log('\n## Under Node, typical input\n');
console.log('| what | MB/s (median) |\n|---|---|');
console.log(`| promtier, WebAssembly, 100,000 series | ${rate(bytes.length, median(times.wasm))} |`);
console.log(`| promtier, native, 100,000 series | ${rate(bytes.length, median(times.native))} |`);
console.log(`| WebAssembly of native | ${ratio(times.native, times.wasm)} |`);
console.log(`| ${peer}, 10,000 series | ${rate(small.length, median(times.peer))} |`);
console.log(`| promtier, WebAssembly, 10,000 series | ${rate(small.length, median(times.small))}: ${ratio(times.peer, times.small)} times as fast |`);

const million = input(1_000_000);
const parsing = timed(() => parse(million));
const compiling = timed(() => wasm.compile());
const found = wasm.select();
const selecting = Array.from({ length: rounds }, () => timed(() => wasm.select()));
console.log(`| promtier, WebAssembly, a million series | ${rate(million.length, parsing)} |`);
console.log(`\nTwenty selectors over a million series: compiled in ${compiling.toFixed(1)} ms, evaluated from nothing in ${median(selecting).toFixed(1)} ms, ${found} rows.`);
console.log(`Memory of the module after a million series (${(million.length / 1e6).toFixed(0)} MB of text): ${(wasm.memory.buffer.byteLength / 1e6).toFixed(0)} MB.`);
