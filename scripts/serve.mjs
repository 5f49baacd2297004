// Serves a folder of static files on 127.0.0.1, with the compressed file beside each where the browser takes it.
// As a program: node scripts/serve.mjs FOLDER PORT
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import { fileURLToPath } from "node:url";
import sirv from "sirv";

/**
 * Serves `folder` until the server is closed.
 *
 * @param {string} folder
 * @param {number} port 0 for any that is free
 * @param {string} [path] the path under which the files are, with a slash on both ends
 * @returns {Promise<{server: import("node:http").Server, address: string}>} the address ends in the path
 */
export async function serve(folder, port, path = "/") {
  if (!existsSync(`${folder}/index.html`)) throw new Error(`${folder} holds no page: run \`make dist\` first`);
  // `dev`: looks at the files at each request, so that a new build shows at once.
  const files = sirv(folder, { dev: true, etag: true, brotli: true, gzip: true });
  const server = createServer((request, response) => {
    const missing = () => response.writeHead(404, { "Content-Type": "text/plain" }).end("not found\n");
    if (!request.url.startsWith(path)) return missing();
    request.url = request.url.slice(path.length - 1);
    files(request, response, missing);
  });
  await new Promise((resolve, reject) => server.once("error", reject).listen(port, "127.0.0.1", resolve));
  return { server, address: `http://127.0.0.1:${server.address().port}${path}` };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder, port] = process.argv.slice(2);
  try {
    const { server, address } = await serve(folder, Number(port));
    console.log(`promtier is at ${address} (Ctrl-C ends it)`);
    for (const signal of ["SIGINT", "SIGTERM"]) {
      process.on(signal, () => {
        server.close();
        server.closeAllConnections();
      });
    }
  } catch (error) {
    const why = { EADDRINUSE: `port ${port} is taken`, EACCES: `port ${port} is not allowed` }[error.code];
    console.error(why ? `${why}: choose another with \`make run PORT=8090\`` : error.message);
    process.exitCode = 1;
  }
}
