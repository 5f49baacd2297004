// Prints what the built page weighs and fails where it is over its budget: node scripts/sizes.mjs FOLDER
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const folder = process.argv[2];
// Kilobytes of 1000 bytes, compressed with Brotli. The engine was meant to have 450; docs/performance.md says what
// the rest is for.
const budgets = [
  { what: "interface", file: /^promtier-web-.*\.(wasm|js)$|^snippets\/.*\.js$/, limit: 180 },
  { what: "engine", file: /^(promtier-)?engine-.*\.(wasm|js)$/, limit: 650 },
];

const size = (name) => (existsSync(join(folder, name)) ? statSync(join(folder, name)).size : undefined);
const kilobytes = (bytes) => (bytes === undefined ? "" : (bytes / 1000).toFixed(1));
const row = (name, ...numbers) => console.log(name.padEnd(52) + numbers.map((n) => n.padStart(10)).join(""));

const files = readdirSync(folder, { recursive: true })
  .filter((name) => statSync(join(folder, name)).isFile() && !/\.(br|gz)$/.test(name))
  .sort();
row("kB", "raw", "gzip", "brotli");
for (const name of files) row(name, ...[name, `${name}.gz`, `${name}.br`].map((it) => kilobytes(size(it))));

console.log();
let over = false;
for (const { what, file, limit } of budgets) {
  const found = files.filter((name) => file.test(name));
  if (!found.some((name) => name.endsWith(".wasm"))) throw new Error(`${folder} holds no module of the ${what}`);
  const bytes = found.reduce((sum, name) => sum + (size(`${name}.br`) ?? size(name)), 0);
  const fits = bytes <= limit * 1000;
  over ||= !fits;
  console.log(`${what.padEnd(12)}${kilobytes(bytes).padStart(8)} of ${limit} kB  ${fits ? "ok" : "OVER BUDGET"}`);
}
if (over) {
  console.error("What to do: find what has grown (`twiggy top`, Cargo.toml's features), or argue for a new budget.");
  process.exitCode = 1;
}
