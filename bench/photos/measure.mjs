// SPDX-License-Identifier: MIT
// Has one of the two convert the same two photos so many times, and prints a line of figures as JSON.
//
// usage: node measure.mjs service|known|peer PERSON GARMENT RESULT JOBS LATENCY_MS WORK_FOLDER PROGRAM
//
// "service" prepares both photos for each job, as the peer does, and as where all photos differ;
// "known" keeps those that it has prepared. Each first converts WARM_UP (400) more, unmeasured, as
// one that has been running: the service has then found out how many calls the provider takes.
import { Queue, QueueEvents } from 'bullmq';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { cpuSeconds, memoryMiB } from './process_tree.mjs';

const [who, person, garment, picture, jobCount, latency, work, program] = process.argv.slice(2);
const jobs = Number(jobCount);
const concurrency = Number(process.env.CONCURRENCY ?? 200);
const warmUp = Number(process.env.WARM_UP ?? 400);
const socket = join(work, 'redis.sock');
const started = [];

function start(command, args, env, logTo = 'inherit') {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', logTo] });
  const lines = createInterface({ input: child.stdout });
  const said = [];
  const waiting = [];
  const match = () => {
    for (const wanted of [...waiting]) {
      const index = said.findIndex((line) => wanted.pattern.test(line));
      if (index >= 0) {
        waiting.splice(waiting.indexOf(wanted), 1);
        wanted.resolve(wanted.pattern.exec(said.splice(index, 1)[0]));
      }
    }
  };
  lines.on('line', (line) => (said.push(line), match()));
  child.on('exit', (code) => waiting.forEach((w) => w.reject(new Error(`${command} ended with ${code}`))));
  child.line = (pattern) =>
    new Promise((resolve, reject) => (waiting.push({ pattern, resolve, reject }), match()));
  started.push(child);
  return child;
}

async function stop(child) {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

/// Samples memory until the work is done.
async function measured(child, run) {
  const before = cpuSeconds(child.pid);
  const begin = performance.now();
  let isDone = false;
  let peak = 0;
  const sampling = (async () => {
    while (!isDone) {
      peak = Math.max(peak, memoryMiB(child.pid));
      await pause(200);
    }
  })();
  await run();
  isDone = true;
  const seconds = (performance.now() - begin) / 1000;
  const cpu = cpuSeconds(child.pid) - before;
  await sampling;
  return { seconds, conversionsPerSecond: jobs / seconds, cpuPerConversion: cpu / jobs, peakMiB: peak };
}

async function runPeer(provider) {
  const out = join(work, 'peer-out');
  mkdirSync(out, { recursive: true });
  const worker = start('node', [program], { REDIS_SOCKET: socket, PROVIDER: provider, OUT: out, CONCURRENCY: concurrency });
  await worker.line(/^ready/);
  const connection = { path: socket, maxRetriesPerRequest: null };
  const queue = new Queue('photos', { connection });
  const events = new QueueEvents('photos', { connection });
  await events.waitUntilReady();
  const convert = async (count) => {
    let left = count;
    const done = new Promise((resolve, reject) => {
      events.removeAllListeners();
      events.on('completed', () => (left -= 1) || resolve());
      events.on('failed', ({ failedReason }) => reject(new Error(failedReason)));
    });
    await queue.addBulk(Array.from({ length: count }, () => ({ name: 'convert', data: { person, garment } })));
    await done;
  };
  if (warmUp > 0) await convert(warmUp);
  const figures = await measured(worker, () => convert(jobs));
  await queue.close();
  await events.close();
  await stop(worker);
  return figures;
}

async function call(url, options = {}) {
  const response = await fetch(url, options);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

async function runService(provider) {
  const service = start(program, [], {
    WORKER_HTTP_PORT: '0',
    WORKER_HEALTH_CHECK_PORT: '0',
    WORKER_LOG_LEVEL: 'warning',
    WORKER_DATA_DIR: join(work, 'service-data'),
    WORKER_MAX_WORKERS: concurrency,
    QUEUE_BACKEND: 'redis',
    REDIS_URL: `unix://${socket}`,
    GEMINI_API_KEY: 'bench',
    GEMINI_BASE_URL: provider,
    WORKER_MAX_IMAGE_PIXELS: '250000000',
    GEMINI_TIMEOUT: `${60_000 + Number(latency)}ms`,
    CODEC_CACHE_BYTES: who === 'known' ? '33554432' : '0',
  });
  const url = `http://${(await service.line(/stayler-worker listening on http:\/\/(\S+)/))[1]}`;
  while (!(await fetch(`${url}/health/ready`)).ok) await pause(20);
  const upload = async (file) => (await call(`${url}/images`, { method: 'POST', body: readFileSync(file) })).id;
  const [userImageId, clothImageId] = [await upload(person), await upload(garment)];
  const payload = { userImageId, clothImageId, options: { noCache: true } };
  let asked = 0;
  const convert = async (count) => {
    const headers = { 'content-type': 'application/json' };
    for (const last = asked + count; asked < last; ) {
      const jobs = Array.from({ length: Math.min(500, last - asked) }, () => ({
        type: 'image_conversion',
        conversionId: `c-${asked++}`,
        userId: `u-${asked % 7}`,
        payload,
      }));
      await call(`${url}/worker/jobs/batch`, { method: 'POST', headers, body: JSON.stringify({ jobs }) });
    }
    for (;;) {
      const status = await call(`${url}/worker/status`);
      if (status.failedJobs > 0) {
        const { jobs: failed } = await call(`${url}/worker/dead-letters?limit=1`);
        throw new Error(JSON.stringify({ status, attempts: failed[0].attempts }));
      }
      if (status.completedJobs === asked) return;
      await pause(100);
    }
  };
  if (warmUp > 0) await convert(warmUp);
  const figures = await measured(service, () => convert(jobs));
  await stop(service);
  return figures;
}

try {
  const here = dirname(fileURLToPath(import.meta.url));
  const provider = start('node', [join(here, 'provider.mjs'), picture, latency], {});
  const address = `http://127.0.0.1:${(await provider.line(/^port (\d+)/))[1]}`;
  const figures = await (who === 'peer' ? runPeer(address) : runService(address));
  provider.kill('SIGUSR2');
  const [, received, most] = await provider.line(/^received (\d+) most (\d+)/);
  await stop(provider);
  console.log(
    JSON.stringify({
      who,
      photoKB: Math.round(statSync(person).size / 1000),
      ...figures,
      sentKBPerConversion: Number(received) / 1000 / (warmUp + jobs),
      mostInFlight: Number(most),
    }),
  );
} finally {
  for (const child of started) child.kill('SIGKILL');
}
process.exit(0);
