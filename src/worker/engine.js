// Starts the engine's module in its worker. What is sent before the module is there is kept for it, so that
// nobody has to wait for a sign before the first message.
import init from "./promtier-engine.js";

const early = [];
const keep = (event) => early.push(event);
addEventListener("message", keep);

init().then(
  () => {
    removeEventListener("message", keep);
    for (const { data, ports } of early) dispatchEvent(new MessageEvent("message", { data, ports: [...ports] }));
  },
  (error) => {
    // Outside the promise, so that the page hears of it through the worker's `error` event.
    setTimeout(() => {
      throw error;
    });
  },
);
