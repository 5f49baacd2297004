// A browser on the built page, for the journeys beside this file: Chromium on `dist/`, which is served from
// a free port under a sub-path, as a documentation site would. What must never happen (an error on the
// console, a request to another origin) is collected from the first byte on.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { serve } from "../../scripts/serve.mjs";

const DIST = process.env.PROMTIER_DIST ?? fileURLToPath(new URL("../../dist", import.meta.url));
const CHROMIUM = process.env.PROMTIER_CHROMIUM ?? "/usr/bin/chromium";
const SUB_PATH = "/docs/tools/promtier/";
const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // Nothing but this machine can be reached, whatever the page tries.
  "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
];

/**
 * Opens the page in a browser of its own.
 *
 * @param {object} [options]
 * @param {string} [options.path] what follows the page's address: a query or a fragment
 * @param {{width: number, height: number}} [options.viewport] in CSS pixels
 * @param {"light"|"dark"} [options.colorScheme]
 * @param {"reduce"|"no-preference"} [options.reducedMotion]
 * @returns {Promise<Session>}
 */
export async function open({ path = "", viewport = { width: 1280, height: 800 }, ...options } = {}) {
  const { server, address } = await serve(DIST, 0, SUB_PATH);
  let browser;
  try {
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      // Chromium's sandbox does not start for root.
      chromiumSandbox: process.getuid() !== 0,
      args: FLAGS,
    });
    const context = await browser.newContext({ viewport, ...options });
    const page = await context.newPage();
    const session = new Session({ server, browser, page, address });
    await page.addInitScript(() => {
      globalThis.longTasks = [];
      new PerformanceObserver((list) => {
        for (const { startTime, duration } of list.getEntries()) globalThis.longTasks.push({ startTime, duration });
      }).observe({ type: "longtask", buffered: true });
    });
    await page.goto(address + path);
    return session;
  } catch (error) {
    await browser?.close();
    server.close();
    throw error;
  }
}

/** One page in one browser. */
class Session {
  /** Playwright's page. */
  page;
  /** The page's address, up to and including the sub-path. */
  address;
  /** Every address asked for so far, the worker's included. */
  requests = [];
  /** Errors and warnings of the console, exceptions, and requests that failed, as text. */
  problems = [];
  #browser;
  #server;
  #tracing = false;

  constructor({ server, browser, page, address }) {
    this.#server = server;
    this.#browser = browser;
    this.page = page;
    this.address = address;
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) this.problems.push(`${message.type()}: ${message.text()}`);
    });
    page.on("pageerror", (error) => this.problems.push(`exception: ${error.stack ?? error}`));
    page.on("crash", () => this.problems.push("the page crashed"));
    page.context().on("request", (request) => this.requests.push(request.url()));
    page.context().on("requestfailed", (request) =>
      this.problems.push(`request failed: ${request.url()} ${request.failure()?.errorText}`),
    );
  }

  /** Addresses asked for that are not the page's own origin. */
  get foreignRequests() {
    const own = new URL(this.address).origin;
    return this.requests.filter((url) => !/^(data|blob):/.test(url) && new URL(url).origin !== own);
  }

  /**
   * The main thread's tasks of 50 ms and more since `forgetLongTasks`, in milliseconds. The observer goes by the
   * clock, and on a busy machine a task also waits for its turn: of what it reports only those count that worked
   * for 50 ms, which the browser's own trace tells.
   */
  async longTasks() {
    const observed = await this.#observed();
    const { traceEvents } = JSON.parse(await this.#stopTracing());
    if (observed.length === 0) return [];
    const thread = ({ pid, tid }) => `${pid}/${tid}`;
    const main = traceEvents.filter(({ name, args }) => name === "thread_name" && args.name === "CrRendererMain").map(thread);
    const tasks = traceEvents.filter((event) => event.name === "RunTask" && main.includes(thread(event)));
    assert.ok(tasks.some(({ tdur }) => tdur > 0), "the trace tells how long tasks worked");
    return tasks.filter(({ tdur }) => tdur >= 50_000).map(({ dur, tdur }) => ({ duration: dur / 1000, worked: tdur / 1000 }));
  }

  /** Counts long tasks from now on: after loading, or before the step that is measured. */
  async forgetLongTasks() {
    await this.#observed();
    await this.page.evaluate(() => void (globalThis.longTasks.length = 0));
    await this.#stopTracing();
    await this.#browser.startTracing(this.page, { categories: ["disabled-by-default-devtools.timeline"] });
    this.#tracing = true;
  }

  /** What the observer has seen. It is told of a task after that task: give it a turn. */
  async #observed() {
    return this.page.evaluate(
      () => new Promise((resolve) => setTimeout(() => requestIdleCallback(() => resolve(globalThis.longTasks), { timeout: 1000 }), 50)),
    );
  }

  async #stopTracing() {
    if (!this.#tracing) return undefined;
    this.#tracing = false;
    return (await this.#browser.stopTracing()).toString();
  }

  /** What axe finds against WCAG 2.2 AA on the page as it stands, one line a fault; empty where all is well. */
  async accessibilityFaults() {
    await this.page.evaluate(AXE);
    const { violations } = await this.page.evaluate(() =>
      globalThis.axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
        rules: { "target-size": { enabled: true } },
      }),
    );
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(" ")}: ${failureSummary}`),
    );
  }

  /** Fails where anything happened that never may. */
  assertQuiet() {
    assert.deepEqual(this.problems, []);
    assert.deepEqual(this.foreignRequests, []);
  }

  /** Ends the browser and the server. */
  async close() {
    await this.#browser.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
