// SPDX-License-Identifier: MIT
// The real programs on loopback, each on free ports, with all they keep in one folder that goes away with the test.
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { at } from './files.mjs';

/** How long a minute of the rules is here: with sanitizers a program cannot be restarted thrice in 15 seconds. */
export const secondsAMinute = Number(process.env.SECONDS_A_MINUTE ?? 1);

/** Asks again, with short pauses, until it holds: what another process does cannot be awaited, only asked for. */
export async function until(what, holds, seconds = 30 * secondsAMinute) {
  let last;
  for (const end = Date.now() + seconds * 1000; !(last = await holds());) {
    if (Date.now() > end) {
      throw new Error(`waited in vain until ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return last;
}

export function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** One request; `ca`: of the server's certificate. Rejects where nobody answers. */
export function call(method, url, { body, type, ca } = {}) {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith('https') ? https : http).request(url, {
      method,
      ca,
      agent: false,
      headers:
        body === undefined
          ? {}
          : {
              'Content-Type': type ?? 'application/json',
              'Content-Length': Buffer.byteLength(body),
            },
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const parts = [];
      response.on('data', (part) => parts.push(part));
      response.on('error', reject);
      response.on('end', () =>
        resolve({ status: response.statusCode, text: Buffer.concat(parts).toString() }),
      );
    });
    request.end(body);
  });
}

export const json = async (...args) => {
  const answer = await call(...args);
  if (answer.status >= 300) {
    throw new Error(`${args[0]} ${args[1]}: ${answer.status} ${answer.text}`);
  }
  return JSON.parse(answer.text);
};

/** Programs that end with the test, whatever becomes of it. */
export class Programs {
  #running = new Set();

  constructor(folder) {
    this.folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  path = (...parts) => join(this.folder, ...parts);

  start(program, args, environment = {}) {
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { PATH: process.env.PATH, HOME: this.folder, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const started = { child, said: '' };
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (bytes) => (started.said += bytes));
    }
    started.ended = new Promise((resolve) => {
      child.on('error', (error) => {
        started.said += error;
        resolve();
      });
      child.on('exit', resolve);
    });
    started.ended.then(() => this.#running.delete(started));
    started.stop = (signal = 'SIGTERM') => {
      child.kill(signal);
      return started.ended;
    };
    /** What comes after `mark` in what the program says. */
    started.says = (mark) =>
      until(`${program} says ${mark}`, () => {
        if (child.exitCode !== null) {
          throw new Error(`${program} ended: ${started.said}`);
        }
        return started.said.match(mark)?.[1];
      });
    this.#running.add(started);
    return started;
  }

  /** Ends all, the latest first; the folder goes, too. */
  async stop() {
    for (const one of [...this.#running].reverse()) {
      await one.stop('SIGKILL');
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The service on Redis, with a worker node and gemini-sim: each part that has metrics. */
export class Stack {
  #conversions = 0;

  /** `settings`: more of them, for service and node alike; `role`: the service's. */
  constructor(programs, { settings = {}, role = 'all' } = {}) {
    this.programs = programs;
    this.settings = settings;
    this.role = role;
  }

  async start() {
    const { programs } = this;
    execFileSync(at('scripts/dev-certs'), [
      programs.path('certs'),
      'localhost',
      'coordinator:coordinator,127.0.0.1',
      'node:node-1',
    ]);
    this.ca = readFileSync(programs.path('certs/ca.pem'));
    this.redisPort = await freePort();
    await this.startRedis();
    this.sim = programs.start(process.env.GEMINI_SIM, ['--port', '0', '--picture-size', '352']);
    this.simAddress = await this.sim.says(/listening on ([0-9.:]+)/);
    this.nodePort = await freePort();
    this.ports = [await freePort(), await freePort()];
    await this.startService();
    await this.startNode();
    this.photos = await Promise.all(
      ['person.jpg', 'garment.png'].map((name) => this.#upload(name)),
    );
  }

  #common(certificate, port) {
    const certs = (name) => this.programs.path('certs', name);
    return {
      WORKER_HEALTH_CHECK_PORT: String(port),
      WORKER_DATA_DIR: this.programs.path('data'),
      CODEC_PROCESSES: '1',
      NODE_TLS_CA: certs('ca.pem'),
      NODE_TLS_CERTIFICATE: certs(`${certificate}.pem`),
      NODE_TLS_KEY: certs(`${certificate}.key`),
      GEMINI_API_KEY: 'test-key-3f9a',
      GEMINI_BASE_URL: `http://${this.simAddress}`,
      GEMINI_REQUESTS_PER_MINUTE: '1000000',
      ...this.settings,
    };
  }

  async startNode() {
    this.node = this.programs.start(process.env.STAYLER_WORKER, [], {
      ...this.#common('node-1', this.ports[1]),
      WORKER_ROLE: 'worker',
      NODE_NAME: 'node-1',
      NODE_JOIN: `127.0.0.1:${this.nodePort}`,
      WORKER_MAX_WORKERS: '8',
    });
    const hasJoined = async () => /^stayler_nodes_connected 1$/m.test(await this.metrics(0));
    await until('the node has joined', hasJoined);
  }

  async startRedis() {
    this.redis = this.programs.start('redis-server', [
      '--port',
      String(this.redisPort),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'yes',
      '--dir',
      this.programs.folder,
    ]);
    await this.redis.says(/(Ready to accept connections)/);
  }

  async startService() {
    const certs = (name) => this.programs.path('certs', name);
    this.service = this.programs.start(process.env.STAYLER_WORKER, [], {
      ...this.#common('coordinator', this.ports[0]),
      WORKER_ROLE: this.role,
      WORKER_HTTP_PORT: '0',
      WORKER_TLS_CERTIFICATE: certs('localhost.pem'),
      WORKER_TLS_KEY: certs('localhost.key'),
      QUEUE_BACKEND: 'redis',
      REDIS_URL: `redis://127.0.0.1:${this.redisPort}`,
      NODE_LISTEN: `127.0.0.1:${this.nodePort}`,
      WORKER_MAX_WORKERS: '4',
      GEMINI_BUDGET_PER_DAY: '1000',
    });
    this.url = await this.service.says(/worker listening on (https:\S+)/);
  }

  metrics = async (which) => {
    try {
      return (await call('GET', `http://127.0.0.1:${this.ports[which]}/metrics`)).text;
    } catch {
      return ''; // it does not listen yet
    }
  };

  api = (method, path, more) => json(method, `${this.url}${path}`, { ca: this.ca, ...more });

  async #upload(name) {
    const body = readFileSync(at('assets', name));
    return (
      await this.api('POST', '/images?userId=ann', { body, type: 'application/octet-stream' })
    ).id;
  }

  /** Submits as many jobs; their ids. `prompt` may ask the sim for a fault; % in it is another number for each. */
  async convert(count, prompt) {
    const submit = (_, i) =>
      this.api('POST', '/worker/jobs', {
        body: JSON.stringify({
          type: 'image_conversion',
          conversionId: `c-${++this.#conversions}`,
          userId: 'ann',
          maxRetries: 0,
          payload: {
            userImageId: this.photos[0],
            clothImageId: this.photos[1],
            options: { noCache: true, ...(prompt && { prompt: prompt.replace('%', i) }) },
          },
        }),
      });
    const answers = await Promise.all(Array.from({ length: count }, submit));
    return answers.map((answer) => (answer.job ?? answer).id);
  }

  statusOf = async (id) => (await this.api('GET', `/worker/jobs/${id}`)).status;
}
