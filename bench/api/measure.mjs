// SPDX-License-Identifier: MIT
// Has all contenders take turns under wrk, and prints what came out, by medians.
//
// usage: node measure.mjs SERVICE ASSETS WORK_FOLDER REDIS_PID ROUNDS
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const [service, assets, work, redisPid, rounds] = process.argv.slice(2);
const here = dirname(fileURLToPath(import.meta.url));
const socket = join(work, 'redis.sock');
const seconds = Number(process.env.SECONDS_EACH ?? 5);
const connections = Number(process.env.CONNECTIONS ?? 32);
const wanted = process.env.WHO?.split(' ');
const userCount = 100;
const garmentCount = 10;
const started = [];

async function start(command, args, env, announced) {
  const child = spawn(command, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  started.push(child);
  if (!announced) return { child };
  for await (const line of createInterface({ input: child.stdout })) {
    const found = announced.exec(line);
    if (found) return { child, url: found[1] };
  }
  throw new Error(`${command} has ended`);
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

async function call(url, options) {
  const response = await fetch(url, options);
  const text = await response.text();
  if (!response.ok) throw new Error(`${url}: ${response.status} ${text}`);
  return JSON.parse(text);
}

// The contenders: where they are, what is asked of them, and whose processor time counts.

async function startService(backend, purpose = 'jobs') {
  const { child, url } = await start(
    service,
    [],
    {
      WORKER_HTTP_PORT: '0',
      WORKER_HEALTH_CHECK_PORT: '0',
      WORKER_LOG_LEVEL: 'warning',
      WORKER_DATA_DIR: join(work, `data-${backend}-${purpose}`),
      QUEUE_BACKEND: backend,
      QUEUE_MAX_JOBS: '0',
      REDIS_URL: `unix://${socket}`,
      GEMINI_API_KEY: 'bench',
      GEMINI_BASE_URL: 'http://127.0.0.1:9',
      DATABASE_URL: process.env.DATABASE_URL ?? '',
    },
    /stayler-worker listening on (\S+)/,
  );
  while (!(await fetch(`${url}/health/ready`)).ok) await pause(20);
  if (purpose === 'probes') return { pid: child.pid, url, path: '/health/live' };
  await call(`${url}/worker/types/image_conversion/pause`, { method: 'POST' });
  const upload = async (file, user) =>
    (await call(`${url}/images?userId=${user}`, { method: 'POST', body: readFileSync(join(assets, file)) })).id;
  const photos = [];
  for (let i = 0; i < userCount; ++i) photos.push(await upload('person.jpg', `user-${i}`));
  const garments = [];
  for (let i = 0; i < garmentCount; ++i) garments.push(await upload('garment.png', 'shop'));
  return { pid: child.pid, url, path: '/worker/jobs', photos, garments, redis: backend === 'redis' };
}

async function startPeer(...args) {
  const { child, url } = await start('node', [join(here, 'peer.mjs'), ...args], {}, /listening on (\S+)/);
  const ids = (count, kind) => Array.from({ length: count }, (_, i) => `0199-${kind}-${i}`.padEnd(36, '0'));
  return {
    pid: child.pid, url, path: '/jobs', redis: args.length > 0,
    photos: ids(userCount, 'photo'), garments: ids(garmentCount, 'garment'),
  };
}

async function startNginx() {
  const port = await freePort();
  const folder = join(work, 'nginx');
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/errors;
     events { worker_connections 1024; }
     http {
       access_log off; keepalive_requests 1000000000;
       client_body_temp_path ${folder}/b; proxy_temp_path ${folder}/p; fastcgi_temp_path ${folder}/f;
       uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
       server {
         listen 127.0.0.1:${port};
         location / {
           default_type application/json;
           return 200 '{"message":"alive","timestamp":"2026-11-29T00:00:00.000Z"}';
         }
       }
     }`,
  );
  const { child } = await start('nginx', ['-e', join(folder, 'errors'), '-c', join(folder, 'nginx.conf')], {});
  const url = `http://127.0.0.1:${port}`;
  while (!(await fetch(url).catch(() => null))?.ok) await pause(20);
  return { pid: child.pid, url, path: '/health/live' };
}

const contenders = [
  { key: 'bullmq', name: 'Node http + BullMQ add', start: () => startPeer(socket) },
  { key: 'redis', name: 'POST /worker/jobs, Redis', start: () => startService('redis') },
  { key: 'sqlite', name: 'POST /worker/jobs, SQLite', start: () => startService('sqlite') },
  { key: 'memory', name: 'POST /worker/jobs, memory', start: () => startService('memory') },
  { key: 'bare', name: 'Node http that stores nothing', start: () => startPeer() },
  { key: 'nginx', name: 'nginx, one worker', start: startNginx },
  { key: 'health', name: 'GET /health/live', start: () => startService('memory', 'probes') },
].filter(({ key }) => !wanted || wanted.includes(key));

// What processes use, read from /proc.

function processesOf(root) {
  const parents = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => {
      try {
        return [Number(pid), Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ')[1])];
      } catch {
        return [0, 0]; // it has ended meanwhile
      }
    });
  const found = [root];
  for (const pid of found) found.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return found;
}

function usage(root) {
  let cpuTicks = 0;
  let switches = 0;
  for (const pid of processesOf(root)) {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').pop().split(' ');
    cpuTicks += Number(fields[11]) + Number(fields[12]);
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'utf8');
      switches += Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)[1]);
    }
  }
  return { cpu: cpuTicks / 100, switches };
}

function milliseconds(text) {
  const [, number, unit] = /^([\d.]+)(us|ms|s)$/.exec(text);
  return Number(number) * { us: 0.001, ms: 1, s: 1000 }[unit];
}

async function turn(contender, name) {
  const { url, path, pid, photos, garments, redis } = contender;
  const load = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency'];
  const job = photos ? ['-s', join(here, 'submit.lua'), url, '--', path, photos.join(), garments.join(), name] : [url + path];
  const [before, redisBefore] = [usage(pid), usage(Number(redisPid))];
  const { stdout } = await promisify(execFile)('wrk', [...load, ...job]);
  const [after, redisAfter] = [usage(pid), usage(Number(redisPid))];
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`${contender.name}:\n${stdout}`);
  const requests = Number(/(\d+) requests in/.exec(stdout)[1]);
  return {
    rate: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]),
    p99: milliseconds(/99%\s+(\S+)/.exec(stdout)[1]),
    cpu: ((after.cpu - before.cpu) * 1e6) / requests,
    redisCpu: redis ? ((redisAfter.cpu - redisBefore.cpu) * 1e6) / requests : NaN,
    switches: (after.switches - before.switches) / requests,
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)];
}

function print() {
  const peerOf = { bullmq: 'bullmq', redis: 'bullmq', sqlite: 'bullmq', memory: 'bullmq', bare: 'bullmq', nginx: 'nginx', health: 'nginx' };
  const of = (key, figure) => median(contenders.find((each) => each.key === key)?.turns.map((t) => t[figure]) ?? []);
  // The ratio is taken within each round, in which the machine was as busy for both.
  const ratio = ({ key, turns }) => {
    const peers = contenders.find((each) => each.key === peerOf[key])?.turns;
    return peers ? median(turns.map((each, i) => each.rate / peers[i].rate)) : NaN;
  };
  const cell = (value, digits) => (Number.isFinite(value) ? value.toFixed(digits) : '');
  console.log('| who | requests/s | of the peer | p99, ms | CPU, µs a request | CPU of Redis | waits a request |');
  console.log('| --- | --- | --- | --- | --- | --- | --- |');
  for (const each of contenders) {
    console.log(
      `| ${each.name} | ${cell(of(each.key, 'rate'), 0)} | ${cell(ratio(each), 2)} | ${cell(of(each.key, 'p99'), 1)} ` +
        `| ${cell(of(each.key, 'cpu'), 1)} | ${cell(of(each.key, 'redisCpu'), 1)} | ${cell(of(each.key, 'switches'), 2)} |`,
    );
  }
}

try {
  for (const each of contenders) Object.assign(each, await each.start(), { turns: [] });
  for (let round = 0; round <= Number(rounds); ++round) {
    for (const each of contenders) {
      const figures = await turn(each, `r${round}-${each.key}`);
      if (round > 0) each.turns.push(figures); // the first warms up
    }
  }
  print();
} finally {
  for (const child of started) child.kill('SIGKILL');
}
process.exit(0);
