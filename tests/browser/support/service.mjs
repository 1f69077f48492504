// SPDX-License-Identifier: MIT
// The real programs, on ports of their own, and the calls by which tests fill them.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';

const { STAYLER_WORKER, GEMINI_SIM, ASSETS, SCRATCH } = process.env;
assert.ok(STAYLER_WORKER && GEMINI_SIM && ASSETS && SCRATCH, 'use ./run');

export const asset = (name) => join(ASSETS, name);

/** A program that has said where it listens. */
async function start(program, args, environment) {
  const child = spawn(program, args, {
    env: { PATH: '/usr/bin:/bin', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.on('exit', () => child.kill('SIGKILL'));
  let said = '';
  let logged = '';
  child.stderr.on('data', (text) => (logged = (logged + text).slice(-4000)));
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      said += text;
      const found = /listening on (\S+)\n/.exec(said);
      if (found) {
        resolve(found[1].includes('://') ? found[1] : `http://${found[1]}`);
      }
    });
    child.on('exit', (code) =>
      reject(new Error(`${program} ended with ${code}: ${said}${logged}`)),
    );
  });
  const stop = async (signal = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
    }
  };
  return { url, stop };
}

/** The keys of callers as WORKER_API_KEYS takes them; the key of NAME is "key of NAME". */
export const keyOf = (name) => `stayler_test_key_of_${name}`;

function apiKeys(callers) {
  return callers
    .map(({ name, role, users = [] }) => {
      const hash = createHash('sha256').update(keyOf(name)).digest('hex');
      return [name, role, hash, ...(users.length > 0 ? [users.join('+')] : [])].join(':');
    })
    .join(',');
}

/**
 * A service with its stand-in for the provider. `callers`: none for a service without keys.
 * `restart` ends it, as a deployment does, and starts it anew on the same port.
 */
export async function startService({ callers = [], latency = '50ms', environment = {} } = {}) {
  const sim = await start(
    GEMINI_SIM,
    ['--port', '0', '--latency', latency, '--picture-size', '512'],
    {},
  );
  const settings = {
    GEMINI_API_KEY: 'any',
    GEMINI_BASE_URL: sim.url,
    WORKER_DATA_DIR: mkdtempSync(join(SCRATCH, 'data-')),
    WORKER_HTTP_PORT: '0',
    WORKER_HEALTH_CHECK_PORT: '0',
    WORKER_API_KEYS: apiKeys(callers),
    WORKER_INSTANCE_NAME: 'test',
    WORKER_LINK_SECRET: 'a secret of the browser tests, no other',
    WORKER_RATE_LIMIT: '0',
    RETRY_INITIAL_DELAY: '200ms',
    ...environment,
  };
  let worker = await start(STAYLER_WORKER, [], settings).catch(async (error) => {
    await sim.stop();
    throw error;
  });
  const { url } = worker;
  return {
    url,
    /** Has the provider fail once with that kind where the prompt holds that text. */
    failOnce: async (kind, promptContains) => {
      const order = { kind, count: 1, promptContains };
      const answer = await fetch(`${sim.url}/sim/faults`, {
        method: 'POST',
        body: JSON.stringify(order),
      });
      assert.equal(answer.status, 200);
    },
    stop: async () => {
      await worker.stop();
      await sim.stop();
    },
    restart: async (signal) => {
      await worker.stop(signal);
      worker = await start(STAYLER_WORKER, [], {
        ...settings,
        WORKER_HTTP_PORT: new URL(url).port,
      });
    },
    api: (caller) => makeApi(url, caller),
  };
}

/** Calls of the API with the key of that caller, if any. */
function makeApi(url, caller) {
  const headers = caller ? { Authorization: `Bearer ${keyOf(caller)}` } : {};
  const call = async (method, path, json, more = {}) => {
    const answer = await fetch(url + path, {
      method,
      headers: {
        ...headers,
        ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...more,
      },
      body: json === undefined ? undefined : JSON.stringify(json),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return text ? JSON.parse(text) : undefined;
  };
  const upload = async (file, type, user) => {
    const answer = await fetch(`${url}/images?userId=${encodeURIComponent(user)}`, {
      method: 'POST',
      headers: { ...headers, 'Content-Type': type },
      body: readFileSync(asset(file)),
    });
    assert.equal(answer.status, 201);
    return (await answer.json()).id;
  };
  /** Reads the job's stream of events until `isEnough` of what it has said. */
  const follow = async (id, isEnough) => {
    const control = new AbortController();
    const answer = await fetch(`${url}/worker/jobs/${id}/events`, {
      headers,
      signal: control.signal,
    });
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of answer.body) {
      text += decoder.decode(bytes, { stream: true });
      if (isEnough(text)) {
        break;
      }
    }
    control.abort();
    return call('GET', `/worker/jobs/${id}`);
  };
  let number = 0;
  const api = {
    call,
    /** A job of that user; `options` and other members as the API takes them. */
    submit: async ({ user = 'ann', options = {}, ...members } = {}) => {
      const [person, garment] = await Promise.all([
        upload('person.jpg', 'image/jpeg', user),
        upload('garment.png', 'image/png', user),
      ]);
      return call('POST', '/worker/jobs', {
        type: 'image_conversion',
        conversionId: `c-${Date.now()}-${(number += 1)}`,
        userId: user,
        payload: {
          userImageId: person,
          clothImageId: garment,
          options: { noCache: true, ...options },
        },
        ...members,
      });
    },
    /** The job when it has reached that status. */
    awaitStatus: async (id, status) => {
      const job = await follow(id, (text) => text.includes(`"status":"${status}"`));
      assert.equal(job.status, status, JSON.stringify(job.error));
      return job;
    },
    /** The job when it has ended, in whichever way. */
    awaitEnd: (id) => follow(id, () => false),
  };
  return api;
}
