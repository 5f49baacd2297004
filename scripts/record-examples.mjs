#!/usr/bin/env node
// Records what the example workspaces carry besides their configurations: the leaves' samples
// (public/examples/<id>/<leaf>.prom, the answer of a real server's /federate to a selector of everything) and what
// the servers above them really stored (tests/oracle/golden/<id>.json, which `cargo test --test oracle` compares
// with the preview).
//
//   scripts/record-examples.mjs [ID…]        all examples without an ID; takes about four minutes
//
// The servers run with the configurations as shipped, but for one line: every scrape job gets the `proxy_url` of a
// small proxy in this process. The proxy knows which port stands for `prometheus-1:9090`, `localhost:9090` or
// `shop-1:8080`, so that every label is the one that the shipped file gives. Everything listens on 127.0.0.1, on free
// ports, and is stopped at the end.
//
// The Prometheus used is PROMTIER_PROMETHEUS_3, else `prometheus` from PATH; a manifest that names another version
// than it has is an error.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const prometheus = process.env.PROMTIER_PROMETHEUS_3 ?? 'prometheus';

/** Who runs in each example, lowest tier first. `leaves` are sampled, the `upper` ones become the golden. */
const EXAMPLES = {
  seed: { leaves: ['prometheus-1', 'prometheus-2'], upper: [['global']] },
  'three-tier': { leaves: ['leaf-a', 'leaf-b'], upper: [['region-eu'], ['global']] },
};

/** How long the leaves run before anything else, so that rates over several scrapes exist, in milliseconds. */
const LEAF_RUN = 95_000;
/** How long each upper tier runs before the next, and the last one before and after the leaves are sampled. */
const TIER_RUN = 40_000;

// ---------------------------------------------------------------------------------------------------------------
// The application: a shop of two instances, with the metrics such a thing has.

const HANDLERS = [
  { handler: '/cart', method: 'GET', rate: 14, seconds: 0.02, failing: 0.002 },
  { handler: '/checkout', method: 'POST', rate: 2.5, seconds: 0.31, failing: 0.03 },
  { handler: '/search', method: 'GET', rate: 31, seconds: 0.07, failing: 0.001 },
  { handler: '/healthz', method: 'GET', rate: 0.2, seconds: 0.001, failing: 0 },
];
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const started = Date.now() / 1000;

/** The text of one shop instance's /metrics. `share` is its part of the traffic. */
function shopMetrics(share) {
  const up = Date.now() / 1000 - started;
  const out = [];
  const family = (name, type, help, series) => {
    out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`);
    for (const [suffix, labels, value] of series) {
      const pairs = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      out.push(`${name}${suffix}${pairs.length ? `{${pairs.join(',')}}` : ''} ${value}`);
    }
  };
  const count = ({ rate }) => Math.floor(rate * share * up);
  family('http_requests_total', 'counter', 'Requests answered.', HANDLERS.flatMap((one) => {
    const failed = Math.floor(count(one) * one.failing);
    const labels = { handler: one.handler, method: one.method };
    return [['', { ...labels, code: '200' }, count(one) - failed], ['', { ...labels, code: '500' }, failed]];
  }));
  family('http_request_duration_seconds', 'histogram', 'Time to answer a request.', HANDLERS.flatMap((one) => {
    const below = (edge) => Math.floor(count(one) * (1 - Math.exp(-edge / one.seconds)));
    return [
      ...BUCKETS.map((edge) => ['_bucket', { handler: one.handler, le: edge }, below(edge)]),
      ['_bucket', { handler: one.handler, le: '+Inf' }, count(one)],
      ['_sum', { handler: one.handler }, (count(one) * one.seconds).toFixed(3)],
      ['_count', { handler: one.handler }, count(one)],
    ];
  }));
  family('shop_orders_total', 'counter', 'Orders placed.', ['card', 'invoice', 'voucher'].map((payment, rank) =>
    ['', { payment }, Math.floor(up * share * 1.1 / (rank + 1))]));
  family('shop_open_carts', 'gauge', 'Carts that are not paid yet.', [['', {}, Math.floor(40 + 9 * Math.sin(up / 30))]]);
  family('shop_build_info', 'gauge', 'What is running.', [['', { version: '1.8.2', revision: '41f0c6e' }, 1]]);
  family('process_start_time_seconds', 'gauge', 'Start of the process, seconds since 1970.', [['', {}, started.toFixed(2)]]);
  return `${out.join('\n')}\n`;
}

const APPLICATIONS = { 'shop-1:8080': () => shopMetrics(0.6), 'shop-2:8080': () => shopMetrics(0.4) };

// ---------------------------------------------------------------------------------------------------------------
// The proxy: one per server, since `localhost:9090` is somebody else for each.

/** Starts a proxy that answers for the applications and passes on to `ports` (host → port). Gives its URL. */
async function startProxy(ports) {
  const proxy = http.createServer((request, response) => {
    const url = new URL(request.url);
    const application = APPLICATIONS[url.host];
    if (application !== undefined && url.pathname === '/metrics') {
      response.setHeader('Content-Type', 'text/plain; version=0.0.4; charset=utf-8');
      response.end(application());
      return;
    }
    const port = ports[url.host];
    if (port === undefined) {
      response.writeHead(502).end();
      return;
    }
    const onward = http.request(
      { host: '127.0.0.1', port, path: url.pathname + url.search, method: request.method, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      },
    );
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  return { url: `http://127.0.0.1:${proxy.address().port}`, stop: () => { proxy.close(); proxy.closeAllConnections(); } };
}

// ---------------------------------------------------------------------------------------------------------------
// The servers.

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** One example's running servers and proxies. */
class Run {
  constructor(id) {
    this.id = id;
    this.folder = path.join(root, 'public/examples', id);
    this.work = fs.mkdtempSync(path.join(os.tmpdir(), `promtier-record-${id}-`));
    this.ports = {};
    this.started = [];
  }

  async start(name) {
    const port = await freePort();
    const ports = { ...this.ports, 'localhost:9090': port };
    const proxy = await startProxy(ports);
    this.started.push(proxy.stop);
    const shipped = fs.readFileSync(path.join(this.folder, `${name}.yml`), 'utf8');
    const config = shipped.replace(/^( *)- job_name:.*\n/gm, (line, indent) => `${line}${indent}  proxy_url: ${proxy.url}\n`);
    fs.writeFileSync(path.join(this.work, `${name}.yml`), config);
    fs.copyFileSync(path.join(this.folder, 'rules.yml'), path.join(this.work, 'rules.yml'));
    const log = fs.openSync(path.join(this.work, `${name}.log`), 'w');
    const child = spawn(prometheus, [
      `--config.file=${path.join(this.work, `${name}.yml`)}`,
      `--storage.tsdb.path=${path.join(this.work, name)}`,
      `--web.listen-address=127.0.0.1:${port}`,
    ], { stdio: ['ignore', log, log], env: { ...process.env, GOMAXPROCS: '2' } });
    this.started.push(() => child.kill('SIGTERM'));
    this.ports[`${name}:9090`] = port;
    for (let tries = 0; ; tries += 1) {
      if (child.exitCode !== null || tries > 300) {
        throw new Error(`${name} did not start:\n${fs.readFileSync(path.join(this.work, `${name}.log`), 'utf8')}`);
      }
      const answer = await fetch(`http://127.0.0.1:${port}/-/ready`).catch(() => undefined);
      if (answer?.ok) return;
      await sleep(200);
    }
  }

  async get(name, route, query) {
    const answer = await fetch(`http://127.0.0.1:${this.ports[`${name}:9090`]}${route}?${new URLSearchParams(query)}`);
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${name}${route}: ${answer.status} ${text}`);
    return text;
  }

  /**
   * The series that a server holds, each with the newest of its samples up to `until` (seconds): what came from the
   * leaves when they were sampled. Sorted, so that a second recording differs in values and times only.
   */
  async stored(name, until) {
    const answer = await this.get(name, '/api/v1/query', { query: '{__name__=~".+"}[5m]', time: until });
    const series = JSON.parse(answer).data.result.map(({ metric, values }) => {
      const [time, value] = values.at(-1);
      const labels = Object.fromEntries(Object.entries(metric).sort(([a], [b]) => (a < b ? -1 : 1)));
      return { labels, value, timestamp: Math.round(time * 1000) };
    });
    const key = (one) => JSON.stringify(one.labels);
    return series.sort((a, b) => (key(a) < key(b) ? -1 : 1));
  }

  stop() {
    for (const stop of this.started.reverse()) stop();
    fs.rmSync(this.work, { recursive: true, force: true, maxRetries: 20, retryDelay: 200 });
  }
}

async function record(id, version) {
  const { leaves, upper } = EXAMPLES[id];
  const run = new Run(id);
  const manifest = path.join(run.folder, 'promtier.yaml');
  const named = fs.existsSync(manifest) && /^prometheus: "(.*)"/m.exec(fs.readFileSync(manifest, 'utf8'))?.[1];
  if (named && named !== version) throw new Error(`${id} is of Prometheus ${named}, this is ${version}: set PROMTIER_PROMETHEUS_3`);
  try {
    for (const name of leaves) await run.start(name);
    await sleep(LEAF_RUN);
    for (const tier of upper) {
      for (const name of tier) await run.start(name);
      await sleep(TIER_RUN);
    }
    for (const name of leaves) {
      const samples = await run.get(name, '/federate', { 'match[]': '{__name__=~".+"}' });
      fs.writeFileSync(path.join(run.folder, `${name}.prom`), samples);
      console.log(`${id}/${name}.prom: ${samples.length} bytes`);
    }
    const sampled = Date.now() / 1000;
    await sleep(TIER_RUN);
    const nodes = [];
    for (const name of upper.flat()) nodes.push({ name, series: await run.stored(name, sampled) });
    // One series a line keeps a later recording readable as a diff.
    const lines = nodes.map(({ name, series }) =>
      `{"name":"${name}","series":[\n${series.map((one) => JSON.stringify(one)).join(',\n')}\n]}`);
    fs.writeFileSync(
      path.join(root, 'tests/oracle/golden', `${id}.json`),
      `{"prometheus":"${version}","nodes":[\n${lines.join(',\n')}\n]}\n`,
    );
    for (const { name, series } of nodes) console.log(`${id}/${name}: ${series.length} series`);
  } finally {
    run.stop();
  }
}

const ids = process.argv.slice(2);
for (const id of ids) {
  if (!(id in EXAMPLES)) throw new Error(`no example ${id}: one of ${Object.keys(EXAMPLES).join(', ')}`);
}
const printed = execFileSync(prometheus, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
const version = /version (\d+\.\d+)/.exec(printed)?.[1];
await Promise.all((ids.length ? ids : Object.keys(EXAMPLES)).map((id) => record(id, version)));
