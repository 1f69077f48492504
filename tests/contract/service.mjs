// SPDX-License-Identifier: MIT
// The service as it is delivered, with gemini-sim behind it, each a process on a free port with a data folder that goes
// away with the test.
import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { GEMINI_SIM, STAYLER_WORKER, ASSETS } = process.env;
if (!GEMINI_SIM || !STAYLER_WORKER || !ASSETS) {
  throw new Error('GEMINI_SIM, STAYLER_WORKER and ASSETS must be set; use ./run');
}

export const picture = (name) => readFileSync(join(ASSETS, name));

/** Whom each key is for; `slow` may make one call, and then none for hours. */
const holders = {
  viewer: ['viewer'],
  submitter: ['submitter'],
  admin: ['admin'],
  ann: ['submitter', 'ann'],
  bob: ['viewer', 'bob'],
  slow: ['admin', '', 'rate=0.0001/1'],
};

/** The keys by the names of their holders. */
export const keys = Object.fromEntries(
  Object.keys(holders).map((name) => [name, randomBytes(16).toString('hex')]),
);

const configuredKeys = Object.entries(holders)
  .map(([name, [role, ...more]]) =>
    [name, role, createHash('sha256').update(keys[name]).digest('hex'), ...more]
      .filter(Boolean)
      .join(':'),
  )
  .join(',');

/** Starts a program; resolves with what comes after `mark` in what it says. */
function start(program, args, environment, mark) {
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const address = new Promise((resolve, reject) => {
    const hear = (bytes) => {
      said += bytes;
      const found = said.match(new RegExp(`${mark}\\S*?([0-9.]+:[0-9]+)`));
      if (found) {
        resolve(found[1]);
      }
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`${program} ended with ${code}: ${said}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      if (child.exitCode !== null) {
        resolve();
        return;
      }
      child.on('exit', resolve);
      child.kill('SIGTERM');
    });
  return { address, stop, said: () => said };
}

/** The service and the sim. `options.keys`: false for a service without keys; `options.environment`: more settings. */
export async function startService(options = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'stayler-contract-'));
  const sim = start(GEMINI_SIM, ['--port', '0', '--picture-size', '352'], {}, 'listening on ');
  const worker = start(
    STAYLER_WORKER,
    [],
    {
      WORKER_HTTP_PORT: '0',
      WORKER_HEALTH_CHECK_PORT: '0',
      WORKER_DATA_DIR: join(folder, 'data'),
      WORKER_POLL_INTERVAL: '100ms',
      WORKER_RATE_LIMIT: '100000',
      WORKER_RATE_BURST: '100000',
      GEMINI_API_KEY: 'test-key-3f9a',
      GEMINI_BASE_URL: `http://${await sim.address}`,
      GEMINI_REQUESTS_PER_MINUTE: '1000000',
      ...(options.keys === false ? {} : { WORKER_API_KEYS: configuredKeys }),
      ...options.environment,
    },
    'listening on ',
  );
  const [host, port] = (await worker.address).split(':');
  const service = {
    call: (method, path, more = {}) => exchange({ host, port, method, path, ...more }),
    async stop() {
      await worker.stop();
      await sim.stop();
      rmSync(folder, { recursive: true, force: true });
    },
    said: worker.said,
  };
  await until(
    'the service is ready',
    async () => (await service.call('GET', '/health/ready')).status === 200,
  );
  return service;
}

/** Asks again, with short pauses, until it holds: what another process does cannot be awaited, only asked for. */
export async function until(what, holds, seconds = 20) {
  for (const end = Date.now() + seconds * 1000; !(await holds());) {
    if (Date.now() > end) {
      throw new Error(`waited in vain until ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * One request, byte by byte as it is given, and its answer. `headers`, `body` (a string or a Buffer); `announce`: a
 * Content-Length of a body that never comes; `key`: whose key to show; `take`: true for the first of a stream that does
 * not end.
 */
function exchange({ host, port, method, path, headers = {}, body, announce, key, take }) {
  return new Promise((resolve, reject) => {
    const request = http.request({
      host,
      port,
      method,
      path,
      agent: announce === undefined ? undefined : false,
      headers: {
        ...(key ? { 'X-API-Key': keys[key] ?? key } : {}),
        ...(body !== undefined ? { 'Content-Length': Buffer.byteLength(body) } : {}),
        ...(announce !== undefined ? { 'Content-Length': announce } : {}),
        ...headers,
      },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const parts = [];
      const finish = () => {
        const bytes = Buffer.concat(parts);
        const cookies = response.headers['set-cookie'];
        resolve({
          method,
          path,
          status: response.statusCode,
          headers: { ...response.headers, ...(cookies && { 'set-cookie': cookies.join(', ') }) },
          bytes,
          text: bytes.toString(),
        });
        request.destroy();
      };
      response.on('data', (part) => {
        parts.push(part);
        if (take) {
          finish();
        }
      });
      response.on('end', finish);
      response.on('error', reject);
    });
    if (announce !== undefined) {
      request.flushHeaders();
    } else {
      request.end(body);
    }
  });
}
