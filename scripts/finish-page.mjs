// Finishes the page that Trunk has built, before it is put in place (Trunk's `post_build` hook):
// gives the engine's files names by their content, writes the Content-Security-Policy, which allows what is
// inline by its hash and nothing else, and puts a compressed file beside each file that gains from it.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const folder = process.env.TRUNK_STAGING_DIR;
if (!folder) throw new Error("this is Trunk's hook: run `trunk build`, or `make dist`");

const read = (name) => readFileSync(join(folder, name), "utf8");
const write = (name, text) => writeFileSync(join(folder, name), text);

/** Replaces the one place where `from` stands; not finding it means that a tool has changed its output. */
function replaceOnce(text, from, to, where) {
  const parts = text.split(from);
  if (parts.length !== 2) throw new Error(`${where}: expected "${from}" once, found it ${parts.length - 1} times`);
  return parts.join(to);
}

/** Renames a file after its content, `name.ext` to `name-<hash>.ext`, and answers the new name. */
function nameByContent(name, suffix) {
  const hash = createHash("sha256").update(readFileSync(join(folder, name))).digest("hex").slice(0, 16);
  const named = `${name.slice(0, -suffix.length)}-${hash}${suffix}`;
  renameSync(join(folder, name), join(folder, named));
  return named;
}

const wasm = nameByContent("promtier-engine_bg.wasm", "_bg.wasm");
write("promtier-engine.js", replaceOnce(read("promtier-engine.js"), "promtier-engine_bg.wasm", wasm, "promtier-engine.js"));
const glue = nameByContent("promtier-engine.js", ".js");
write("engine.js", replaceOnce(read("engine.js"), "./promtier-engine.js", `./${glue}`, "engine.js"));
const engine = nameByContent("engine.js", ".js");

let page = replaceOnce(read("index.html"), 'content="engine.js"', `content="${engine}"`, "index.html");

const inline = [...page.matchAll(/<script(?<attributes>[^>]*)>(?<body>[^]*?)<\/script>/g)]
  .filter(({ groups }) => !/\ssrc=/.test(groups.attributes))
  .map(({ groups }) => `'sha256-${createHash("sha256").update(groups.body).digest("base64")}'`);
const policy = [
  "default-src 'none'",
  `script-src 'self' 'wasm-unsafe-eval' ${inline.join(" ")}`,
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");
page = page.replace(/<meta name="promtier-policy"\s*\/?>/, `<meta http-equiv="Content-Security-Policy" content="${policy}">`);
if (!page.includes(policy)) throw new Error("index.html: the place for the policy is gone");
// The policy holds only for what comes after it, and comments are for those who read the source.
page = page.replace(/\n *<!--[^]*?-->/g, "");
write("index.html", page);

/** Writes `file.br` and `file.gz` at their best. */
async function compress(file) {
  const content = await readFile(file);
  const best = { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: content.length } };
  await Promise.all([
    promisify(brotliCompress)(content, best).then((bytes) => writeFile(`${file}.br`, bytes)),
    promisify(gzip)(content, { level: 9 }).then((bytes) => writeFile(`${file}.gz`, bytes)),
  ]);
}

if (process.env.TRUNK_PROFILE === "release") {
  const gains = /\.(html|css|js|wasm|svg|json|webmanifest|txt|prom|cfg|conf|ya?ml)$/;
  const files = readdirSync(folder, { recursive: true }).filter((name) => gains.test(name));
  await Promise.all(files.map((name) => compress(join(folder, name))));
}
