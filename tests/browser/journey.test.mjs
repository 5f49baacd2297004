// One way through the whole page: an example is there, an edit changes the preview, broken text does not, a
// large file is read while the page stays quick, and all of it by keyboard too.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { open } from "./harness.mjs";

const READY = '[data-engine="ready"]';
/** How long anything may take on a busy machine before it counts as not happening. */
const timeout = 20_000;

/** Opens the page and waits until the first example is computed. */
async function openSeed(options) {
  const session = await open(options);
  try {
    await session.page.locator(READY).waitFor({ timeout });
    await card(session.page, "global").waitFor({ timeout, state: "attached" });
    await session.page.waitForFunction(
      () => /[1-9]/.test(document.querySelector('[data-node="global"] .stock')?.textContent ?? ""), null, { timeout },
    );
    return session;
  } catch (error) {
    await session.close();
    throw error;
  }
}

const card = (page, node) => page.locator(`[data-node="${node}"]`);
const editor = (page) => page.locator(".panel:not([hidden]) textarea");
const problems = (page) => page.locator(".problems li");

const tab = (page, name) => page.locator(".detail").getByRole("tab", { name: new RegExp(`^${name}`) });
/** The tabs with tables. */
const TABLES = ["Coverage", "Collisions", "Replicas", "Freshness", "Volume"];

/** Waits until the editor shown has the focus, and answers what is selected in it. */
async function untilLed(page) {
  await page.waitForFunction(() => document.activeElement?.matches(".panel:not([hidden]) textarea"), null, { timeout });
  return editor(page).evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
}

/** Waits until the text of the file shown matches. */
const untilText = (page, pattern) =>
  page.waitForFunction(
    ([source, flags]) =>
      new RegExp(source, flags).test(document.querySelector(".panel:not([hidden]) textarea")?.value ?? ""),
    [pattern.source, pattern.flags], { timeout },
  );

/** Shows a file. */
const openFile = (page, name) => page.locator(".files").getByRole("tab", { name: new RegExp(`^${name}`) }).click();

/** The series that a node's card counts. */
const stored = async (page, node) =>
  Number.parseInt((await card(page, node).locator(".stock").innerText()).replace(/\s/g, ""), 10);

/** Waits until a node's card counts a number of series that is as wanted. */
async function untilStored(page, node, wanted) {
  const deadline = Date.now() + timeout;
  for (;;) {
    const count = await stored(page, node);
    if (wanted(count)) return count;
    assert.ok(Date.now() < deadline, `${node} stores ${count} series`);
    await page.waitForTimeout(20);
  }
}

/** Replaces all the text of the file shown, as pasting does. */
async function paste(page, text) {
  await editor(page).focus();
  await page.keyboard.press("Control+a");
  await page.keyboard.insertText(text);
}

/** Drops a file of generated samples on a node's card. */
const dropSamples = (page, node, series) =>
  page.evaluate(
    async ([node, series]) => {
      const parts = [];
      for (let at = 0; at < series;) {
        let text = "";
        for (const end = Math.min(at + 2000, series); at < end; at++) {
          text += `made_${at % 400}{instance="host-${at}",job="prometheus"} ${at}\n`;
        }
        parts.push(text);
        // What is made here is the journey's own work: it must not count as the page's.
        await new Promise((resolve) => setTimeout(resolve));
      }
      const data = new DataTransfer();
      data.items.add(new File(parts, "whatever.prom"));
      const target = document.querySelector(`[data-node="${node}"] .node`);
      for (const type of ["dragover", "drop"]) {
        target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    },
    [node, series],
  );

test("from the example to a hundred thousand series", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  let config;

  await t.test("the example is there, computed", async () => {
    config = await editor(page).inputValue();
    assert.match(config, /job_name: 'federate'/);
    assert.ok((await stored(page, "prometheus-1")) > 100);
    assert.match(await page.locator(".flow").innerText(), /leaves[^]*→[^]*global/);
    assert.ok((await page.locator(".canvas .row").count()) > 5);
    // What each selector brings stands beside it.
    assert.ok((await page.locator(".end b.good").count()) >= 1);
    assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) <= 1500);
  });

  await session.forgetLongTasks();

  await t.test("an edited selector changes what is stored", async () => {
    const before = await stored(page, "global");
    const at = config.indexOf('{job="prometheus"}');
    await editor(page).evaluate((area, at) => (area.focus(), area.setSelectionRange(at, at + 18)), at);
    await page.keyboard.type('{job="nobody"}');
    const less = await untilStored(page, "global", (count) => count < before);
    assert.ok(less < before);
    for (let steps = 0; steps < 40 && (await editor(page).inputValue()) !== config; steps++) {
      await page.keyboard.press("Control+z");
    }
    assert.equal(await editor(page).inputValue(), config, "undo gives back the text");
    await untilStored(page, "global", (count) => count === before);
  });

  await t.test("broken text is named, and the last good preview stays", async () => {
    const before = await stored(page, "global");
    await paste(page, "scrape_configs:\n  - job_name: 'federate\n    static_configs: [");
    await problems(page).first().waitFor({ timeout });
    await page.locator(".tiers .stale").waitFor({ timeout });
    assert.match(await page.locator(".tiers .stale").innerText(), /last valid text of global\.yml/);
    assert.equal(await stored(page, "global"), before);
    assert.ok((await page.locator(".canvas .row").count()) > 5);
    await problems(page).first().locator(".message").click();
    await page.waitForFunction(() => document.activeElement?.matches(".panel:not([hidden]) textarea"));
    await paste(page, config);
    await page.locator(".tiers .stale").waitFor({ state: "hidden", timeout });
  });

  await t.test("a dropped file of 100 000 series is read and shown", async () => {
    await dropSamples(page, "prometheus-1", 100_000);
    // Its own report series are there too.
    const count = await untilStored(page, "prometheus-1", (count) => count >= 100_000);
    await card(page, "prometheus-1").locator(".node").click();
    const table = page.locator(".table");
    await page.waitForFunction(
      (rows) => document.querySelector(".table").getAttribute("aria-rowcount") === rows, String(count + 1), { timeout },
    );
    await table.focus();
    await page.keyboard.press("End");
    const last = page.locator(`.row[aria-rowindex="${count + 1}"]`);
    await page.waitForFunction(
      (row) => document.querySelector(`.row[aria-rowindex="${row}"]`)?.textContent, count + 1, { timeout },
    );
    assert.equal(await table.getAttribute("aria-activedescendant"), await last.getAttribute("id"));
    assert.ok((await page.locator(".canvas .row").count()) < 60);
    assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) <= 1500);
    await page.locator("#filter").fill('{instance="host-7"}');
    await page.waitForFunction(() => /made_7/.test(document.querySelector(".canvas .row")?.textContent ?? ""));
    assert.match(await page.locator(".filter .aside").innerText(), /^1\sseries$/);
    await page.locator("#filter").fill("{instance=");
    await page.locator("#filter-error:not([hidden])").waitFor({ timeout });
    await page.locator("#filter").fill("");
  });

  await t.test("every panel opens on it", async () => {
    for (const node of ["prometheus-1", "global"]) {
      await card(page, node).locator(".node").click();
      for (const name of TABLES) {
        await tab(page, name).click();
        await page.locator(".details > *").first().waitFor({ timeout });
      }
      await tab(page, "Pulls").click();
      await page.locator(".pull").first().waitFor({ timeout });
      await tab(page, "Series").click();
      await page.locator(".canvas .row .follow").first().click({ timeout });
      await page.locator(".way .passage").first().waitFor({ timeout });
      await page.keyboard.press("Escape");
      await page.waitForFunction(() => document.activeElement?.id === "series-table", null, { timeout });
    }
    assert.ok((await page.evaluate(() => document.querySelectorAll("*").length)) <= 1500);
  });

  await t.test("no task held the page for 50 ms", async () => {
    assert.deepEqual(await session.longTasks(), []);
  });

  await t.test("no error on the console, no request to another origin", () => session.assertQuiet());
});

test("reading can be cancelled, and what was there stays", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  const before = await stored(page, "prometheus-1");
  await dropSamples(page, "prometheus-1", 1_500_000);
  const cancel = page.getByRole("button", { name: "Cancel" });
  await cancel.click({ timeout });
  await page.getByText(/^Stopped reading/).waitFor({ timeout });
  assert.equal(await stored(page, "prometheus-1"), before);
  session.assertQuiet();
});

test("everything by keyboard", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  const focused = (selector) => page.evaluate((selector) => document.activeElement?.matches(selector), selector);
  /** Presses Tab until an element that matches has the focus. */
  const tabTo = async (selector) => {
    for (let steps = 0; steps < 80; steps++) {
      if (await focused(selector)) return;
      await page.keyboard.press("Tab");
    }
    assert.fail(`Tab never leads to ${selector}`);
  };
  await tabTo('.files [role="tab"]');
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.locator('.files [role="tab"][aria-selected="true"]').innerText(), "prometheus-1.yml");
  await page.keyboard.press("Home");
  await tabTo(".panel:not([hidden]) textarea");
  await page.keyboard.press("Control+End");
  await page.keyboard.type("x: [");
  await page.locator(".problems .sign.error").first().waitFor({ timeout });
  await page.keyboard.press("F8");
  await page.locator(".problems li.chosen").waitFor({ timeout });
  assert.ok(await focused(".panel:not([hidden]) textarea"));
  // The editor lets go of Tab.
  await tabTo(".problems .message");
  await tabTo(".splitter");
  const width = await page.locator(".splitter").getAttribute("aria-valuenow");
  await page.keyboard.press("ArrowRight");
  assert.notEqual(await page.locator(".splitter").getAttribute("aria-valuenow"), width);
  await tabTo('[data-node="prometheus-1"] .node');
  await page.keyboard.press("Enter");
  assert.equal(await page.locator('[data-node="prometheus-1"] .node').getAttribute("aria-current"), "true");
  await tabTo('[data-node="prometheus-1"] .mini');
  await page.keyboard.press("Enter");
  await page.locator("dialog[open]").waitFor();
  await page.keyboard.press("Escape");
  await page.locator("dialog[open]").waitFor({ state: "detached" });
  await tabTo('.detail [role="tab"]');
  await page.keyboard.press("ArrowRight");
  assert.ok(await page.locator("#detail-pulls").isVisible());
  await card(page, "global").locator(".node").press("Enter");
  await tabTo('.detail [role="tab"]');
  for (let steps = 0; steps < 8 && !(await focused("#tab-detail-collisions")); steps++) {
    await page.keyboard.press("ArrowRight");
  }
  await page.locator(".details .place").first().waitFor({ timeout });
  await tabTo(".details .place");
  await page.keyboard.press("Enter");
  assert.match(await untilLed(page), /prometheus-1:9090/);
  await tabTo(".problems .allow");
  await page.keyboard.press("Enter");
  await untilText(page, /# promtier: allow /);
  await tabTo('.detail [role="tab"]');
  await page.keyboard.press("Home");
  await tabTo(".table");
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowDown");
  await page.locator('.row.chosen[aria-rowindex="3"]').waitFor({ timeout });
  assert.ok(await page.locator(".in-full").isVisible());
  session.assertQuiet();
});

test("a series is traced, also where it does not arrive", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  const table = page.locator(".table");
  const way = page.locator(".way");
  const focused = () => page.evaluate(() => document.activeElement?.id);
  const config = await editor(page).inputValue();
  /** Waits until the first row holds the text. */
  const untilRow = (text) =>
    page.waitForFunction((text) => document.querySelector(".canvas .row")?.textContent.includes(text), text, { timeout });
  await untilRow("go_");
  await session.forgetLongTasks();

  await t.test("up by the keys, to where it arrives", async () => {
    await table.focus();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await way.locator(".passage").first().waitFor({ timeout });
    assert.equal(await focused(), "trace-title");
    assert.match(await way.innerText(), /Stored by prometheus-1[^]*Selected by match\[\] #1[^]*Stored by global/);
    assert.equal(await way.locator(".stopped").count(), 0);
    await page.keyboard.press("Escape");
    await page.waitForFunction(() => document.activeElement?.id === "series-table", null, { timeout });
    assert.ok(await table.isVisible());
  });

  await t.test("up to the gate that stops it, and on to its line", async () => {
    await card(page, "prometheus-1").locator(".node").click();
    await page.locator("#filter").fill('{job="shop"}');
    await untilRow("shop");
    await page.locator(".canvas .row").first().getByRole("button", { name: /^Trace / }).click();
    const stopped = way.locator(".passage.stopped");
    await stopped.waitFor({ timeout });
    assert.match(await stopped.innerText(), /Selected by no match\[\][^]*To let it through: write job="shop"/);
    assert.match(await page.locator(".outcome").innerText(), /does not arrive at global/);
    assert.deepEqual(await session.accessibilityFaults(), []);
    await session.forgetLongTasks();
    await stopped.locator(".place").click();
    await page.waitForFunction(() => document.activeElement?.matches(".panel:not([hidden]) textarea"), null, { timeout });
    const selected = await editor(page).evaluate((area) => area.value.slice(area.selectionStart, area.selectionEnd));
    assert.match(selected, /\{job="prometheus"\}/);
  });

  await t.test("the trace follows the text, and so does a fix", async () => {
    await page.keyboard.insertText("'{job=\"shop\"}'");
    await way.locator(".stopped").waitFor({ state: "detached", timeout });
    assert.match(await page.locator(".outcome").innerText(), /arrives at global/);
    await paste(page, config.replace(/ *honor_labels: true\n/, ""));
    await way.locator(".stopped").waitFor({ timeout });
    const finding = problems(page).filter({ hasText: "federation/honor-labels" });
    await finding.locator(".fixes button").first().click({ timeout });
    await finding.waitFor({ state: "detached", timeout });
    assert.match(await editor(page).inputValue(), /honor_labels: true/);
    await page.keyboard.press("Control+z");
    await finding.waitFor({ timeout });
  });

  await t.test("it is closed, and no task held the page for 50 ms", async () => {
    await page.getByRole("button", { name: /^Close/ }).click();
    await page.waitForFunction(() => document.activeElement?.id === "series-table", null, { timeout });
    assert.equal(await way.locator(".passage").count(), 0);
    assert.deepEqual(await session.longTasks(), []);
    session.assertQuiet();
  });
});

test("tables lead to the lines they speak of, and what is shown can be expected", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  await tab(page, "Collisions").click();
  const collisions = page.locator(".details section", { hasText: "What collides" });
  await collisions.locator("td").first().waitFor({ timeout });
  await collisions.getByRole("button", { name: /prometheus-2:9090/ }).first().click();
  assert.match(await untilLed(page), /prometheus-2:9090/);
  await page.getByRole("tab", { name: /^Series/ }).click();
  await page.locator("#filter").fill('{job="nobody"}');
  await page.getByText("No series here matches this selector.").waitFor({ timeout });
  await page.getByRole("button", { name: "Expect this" }).click();
  await page.waitForFunction(
    () => /node: global\n +lacks: /.test(document.querySelector(".panel:not([hidden]) textarea")?.value ?? ""), null, { timeout },
  );
  // A second one is an edit of the file, which undo takes back.
  const before = await editor(page).inputValue();
  await page.locator("#filter").fill("up");
  await page.waitForFunction(() => /up/.test(document.querySelector(".canvas .row")?.textContent ?? ""), null, { timeout });
  await page.getByRole("button", { name: "Expect this" }).click();
  await page.waitForFunction(
    () => /has: up/.test(document.querySelector(".panel:not([hidden]) textarea")?.value ?? ""), null, { timeout },
  );
  await page.keyboard.press("Control+z");
  assert.equal(await editor(page).inputValue(), before);
  session.assertQuiet();
});

test("what is written down as expected fails once it is broken, and holds again once it is mended", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  const config = await editor(page).inputValue();
  await page.locator("#filter").fill("job:http_requests:rate5m");
  await page.waitForFunction(
    () => /job:http_requests/.test(document.querySelector(".canvas .row")?.textContent ?? ""), null, { timeout },
  );
  await page.getByRole("button", { name: "Expect this" }).click();
  await untilText(page, /node: global\n +has: job:http_requests:rate5m/);
  const failed = problems(page).filter({ hasText: "promtier.yaml" });
  await openFile(page, "global.yml");
  await paste(page, config.replace('"job:.*"', '"jobs:.*"'));
  await failed.first().waitFor({ timeout });
  assert.match(await failed.first().innerText(), /error:\s[^]*job:http_requests:rate5m/);
  await failed.first().locator(".message").click();
  assert.match(await untilLed(page), /job:http_requests:rate5m/);
  await openFile(page, "global.yml");
  await paste(page, config);
  await failed.first().waitFor({ state: "detached", timeout });
  session.assertQuiet();
});

test("a finding is allowed with a reason, and without one it is not", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  const finding = problems(page).filter({ hasText: "federation/colliding-series" });
  await finding.getByRole("button", { name: "Allow…" }).click({ timeout });
  await untilText(page, /\n +# promtier: allow federation\/colliding-series \n +- 'prometheus-2:9090'/);
  await problems(page).filter({ hasText: "lint/suppression-without-reason" }).waitFor({ timeout });
  assert.ok(await finding.isVisible());
  assert.equal(await untilLed(page), "");
  await page.keyboard.type("a pair, whoever asks knows");
  await finding.waitFor({ state: "detached", timeout });
  await page.getByText("none found").waitFor({ timeout });
  session.assertQuiet();
});

test("replicas stand side by side, and lead to both their files", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  await page.locator(".example select").selectOption("three-tier");
  await card(page, "leaf-b").waitFor({ timeout });
  await untilStored(page, "leaf-b", (count) => count > 0);
  await card(page, "leaf-a").locator(".node").click();
  await tab(page, "Replicas").click();
  await page.getByText("In all else they are set up alike").waitFor({ timeout });
  await openFile(page, "leaf-b.yml");
  const config = await editor(page).inputValue();
  await paste(page, config.replace("job_name: shop\n", "job_name: shop\n    scrape_interval: 30s\n"));
  const row = page.locator(".details tr", { hasText: "scrape_interval" });
  await row.waitFor({ timeout });
  assert.deepEqual(await page.locator(".details th[scope=col]").allInnerTexts(), ["Setting", "leaf-a", "leaf-b"]);
  assert.deepEqual(await row.locator("th, td").allInnerTexts(), ["job shop: scrape_interval", "15s", "30s"]);
  await row.getByRole("button", { name: "30s" }).click();
  assert.equal(await untilLed(page), "30s");
  await row.getByRole("button", { name: "15s" }).click();
  await page.locator('.files [role="tab"][aria-selected="true"]', { hasText: "leaf-a.yml" }).waitFor({ timeout });
  await untilLed(page);
  session.assertQuiet();
});

test("a series that a rule drops is followed to the rule, through three tiers", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  await page.locator(".example select").selectOption("three-tier");
  await card(page, "leaf-a").waitFor({ timeout });
  await untilStored(page, "leaf-a", (count) => count > 0);
  await card(page, "leaf-a").locator(".node").click();
  const way = page.locator(".way");
  const follow = async (name) => {
    await tab(page, "Series").click();
    await page.locator("#filter").fill(name);
    await page.waitForFunction(
      (name) => document.querySelector(".canvas .row")?.textContent.includes(name), name, { timeout },
    );
    await page.locator(".canvas .row .follow").first().click();
    await way.locator(".passage").first().waitFor({ timeout });
  };
  await follow("job:up:sum");
  await page.getByText("It arrives at region-eu, global.").waitFor({ timeout });
  assert.match(await way.innerText(), /leaf-a → region-eu[^]*region-eu → global[^]*Stored by global/);
  assert.doesNotMatch(await way.innerText(), /`/);
  await follow("http_request_duration_seconds_bucket");
  await page.getByText("It does not arrive at region-eu.").waitFor({ timeout });
  await way.locator(".stopped .place").click();
  assert.match(await untilLed(page), /regex: \.\*_bucket/);
  session.assertQuiet();
});

test("while a text is broken, no number stands beside a line that it is not about", async (t) => {
  const session = await openSeed();
  t.after(() => session.close());
  const { page } = session;
  const lenses = () => page.locator(".panel:not([hidden]) .end b.good").count();
  assert.equal(await lenses(), 2);
  const config = await editor(page).inputValue();
  await paste(page, config.replace("job=\"prometheus\"}'", 'job="shop"').replace("job:.*", "jobs:.*"));
  await page.locator(".tiers .stale").waitFor({ timeout });
  await page.waitForFunction(() => document.querySelectorAll(".panel:not([hidden]) .end b.good").length === 0, null, { timeout });
  await paste(page, config);
  await page.locator(".tiers .stale").waitFor({ state: "hidden", timeout });
  await page.waitForFunction(() => document.querySelectorAll(".panel:not([hidden]) .end b.good").length === 2, null, { timeout });
  session.assertQuiet();
});

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [
    { width: 1280, height: 800 },
    { width: 800, height: 800 },
    { width: 375, height: 740 },
    { width: 320, height: 640 },
  ]) {
    test(`accessible at ${viewport.width} px, ${colorScheme}, part by part`, async (t) => {
      const session = await openSeed({ colorScheme, viewport });
      t.after(() => session.close());
      const { page } = session;
      const check = async (what) => {
        assert.deepEqual(await session.accessibilityFaults(), [], what);
        const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(beyond <= 0, `${what}: the page scrolls sideways by ${beyond} px`);
      };
      await check("files");
      const panes = page.getByRole("navigation").getByRole("button");
      for (const pane of await panes.all()) {
        if (!(await pane.isVisible())) continue;
        await pane.click();
        await check(await pane.innerText());
      }
      const pulls = page.getByRole("tab", { name: /^Pulls/ });
      await pulls.click();
      await check("pulls");
      for (const name of TABLES) {
        await tab(page, name).click();
        await page.locator(".details > *").first().waitFor({ timeout });
        await check(name);
      }
      await page.getByRole("tab", { name: /^Series/ }).click();
      await page.locator(".canvas .row").nth(2).click();
      await check("a chosen row");
      await page.locator(".canvas .row .follow").nth(2).click();
      await page.locator(".way .passage").first().waitFor({ timeout });
      await check("a trace");
      await page.keyboard.press("Escape");
      await page.locator(".table").waitFor({ timeout });
      await page.locator("#filter").fill("{");
      await page.locator("#filter-error:not([hidden])").waitFor({ timeout });
      await check("a broken filter");
      await page.locator(".example select").selectOption("-");
      await page.locator(".empty h2").waitFor({ timeout });
      await check("no files");
      await page.getByRole("button", { name: "Paste a configuration" }).click();
      await check("the dialog");
      await page.locator("#file-text").fill("scrape_configs: [\n");
      await page.locator("dialog .first").click();
      await page.locator("dialog[open]").waitFor({ state: "detached" });
      await problems(page).first().waitFor({ state: "attached", timeout });
      await check("broken text");
      session.assertQuiet();
    });
  }
}
