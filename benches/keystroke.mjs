// From a keystroke in a selector to the painted count: `make dist`, then `node benches/keystroke.mjs [SERIES…]`.
//
// The seed's example in Chromium, with one leaf's samples replaced by so many generated series; every key changes
// what the upper server stores. A key counts from its event's time stamp to the frame after the one that shows it.
import { open } from '../tests/browser/harness.mjs';

const sizes = process.argv.slice(2).map(Number);
const KEYS = 40;
const timeout = 600_000;

/** Drops so many series on a node, as a file. */
const drop = async (page, node, series) => {
  await page.evaluate(
    async ([node, series]) => {
      const parts = [];
      for (let at = 0; at < series; ) {
        let text = '';
        for (const end = Math.min(at + 5000, series); at < end; at += 1) {
          text += `made_${at % 400}{instance="host-${at}",job="prometheus"} ${at}\n`;
        }
        parts.push(text);
      }
      const data = new DataTransfer();
      data.items.add(new File(parts, 'made.prom'));
      const target = document.querySelector(`[data-node="${node}"] .node`);
      for (const type of ['dragover', 'drop']) {
        target.dispatchEvent(new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true }));
      }
    },
    [node, series],
  );
  await page.waitForFunction(
    ([node, series]) => {
      const stock = document.querySelector(`[data-node="${node}"] .stock`).textContent;
      return Number.parseInt(stock.replace(/\s/g, ''), 10) >= series;
    },
    [node, series],
    { timeout },
  );
};

console.log('| series in a leaf | median | p95 | longest task of the main thread |\n|---|---|---|---|');
for (const series of sizes.length > 0 ? sizes : [5_000, 100_000, 1_000_000]) {
  const session = await open();
  const { page } = session;
  await page.locator('[data-engine="ready"]').waitFor({ timeout });
  await page.waitForFunction(() => /[1-9]/.test(document.querySelector('[data-node="global"] .stock')?.textContent ?? ''));
  await drop(page, 'prometheus-1', series);
  const area = page.locator('.panel:not([hidden]) textarea');
  const config = await area.inputValue();
  const at = config.indexOf('{job="prometheus"}') + '{job="prometheus"'.length;
  await area.evaluate((area, at) => (area.focus(), area.setSelectionRange(at, at)), at);
  await page.keyboard.insertText(',instance=~"host-1.*"');
  await area.evaluate((area, at) => area.setSelectionRange(at, at), at + ',instance=~"host-1'.length);
  await page.waitForTimeout(1500);
  // Not through the session, whose trace would count with what is measured.
  await page.evaluate(() => void (globalThis.longTasks.length = 0));
  await page.evaluate(() => {
    globalThis.took = [];
    const stored = () => document.querySelector('[data-node="global"] .stock').textContent;
    let before = stored();
    let start;
    document.addEventListener('input', (event) => (start = event.timeStamp), { capture: true });
    new MutationObserver(() => {
      if (stored() === before) return;
      before = stored();
      const began = start;
      requestAnimationFrame(() => setTimeout(() => globalThis.took.push(performance.now() - began)));
    }).observe(document.body, { childList: true, characterData: true, subtree: true });
  });
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press(key % 2 === 0 ? '2' : 'Backspace');
    await page.waitForFunction((count) => globalThis.took.length === count, key + 1, { timeout });
    await page.waitForTimeout(60);
  }
  const took = await page.evaluate(() => globalThis.took);
  const sorted = took.toSorted((a, b) => a - b);
  const longest = Math.max(0, ...(await page.evaluate(() => globalThis.longTasks)).map((task) => task.duration));
  const show = (ms) => `${ms.toFixed(0)} ms`;
  console.log(`| ${series} | ${show(sorted[KEYS / 2])} | ${show(sorted[Math.floor(KEYS * 0.95)])} | ${longest > 0 ? show(longest) : 'under 50 ms'} |`);
  await session.close();
}
