// The page loads, from a sub-path and under its own policy, and the engine answers.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "./harness.mjs";

let session;
before(async () => {
  session = await open();
  await session.page.locator('[data-engine="ready"]').waitFor({ timeout: 20_000 });
});
after(() => session?.close());

test("interface and engine are loaded, the engine by its worker", () => {
  const modules = session.requests.filter((url) => url.endsWith(".wasm")).map((url) => url.slice(session.address.length));
  assert.equal(modules.length, 2, modules.join(" "));
  assert.ok(modules.some((name) => /^promtier-web-[0-9a-f]+_bg\.wasm$/.test(name)), modules.join(" "));
  assert.ok(modules.some((name) => /^promtier-engine-[0-9a-f]+_bg\.wasm$/.test(name)), modules.join(" "));
  assert.equal(session.page.workers().length, 1);
});

test("no error, no warning, no request to another origin", () => session.assertQuiet());

test("the policy allows no inline script and no eval beyond WebAssembly", async () => {
  const policy = await session.page.locator('meta[http-equiv="Content-Security-Policy"]').getAttribute("content");
  assert.match(policy, /^default-src 'none';/);
  assert.doesNotMatch(policy, /'unsafe-inline'|'unsafe-eval'|\*|https?:|blob:|data:/);
  const ran = await session.page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "globalThis.inlineRan = true";
    document.head.append(script);
    return globalThis.inlineRan === true;
  });
  assert.equal(ran, false);
  session.problems.length = 0; // The refusal just provoked is on the console.
});

test("accessible by axe's rules for WCAG 2.2 AA", async () => {
  assert.deepEqual(await session.accessibilityFaults(), []);
});
