// SPDX-License-Identifier: MIT
// The same work for BullMQ, the peer: JOBS jobs with about 300 bytes of payload enqueued in bulk, then
// drained by one worker that does nothing with them.
//
// usage: node drain.mjs SOCKET JOBS
import { Queue, Worker } from 'bullmq';
import Redis from 'ioredis';

const [socket, count] = [process.argv[2], Number(process.argv[3])];
const connection = { path: socket, maxRetriesPerRequest: null };
const batch = 256;

function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function print(what, value, unit) {
  console.log(`  ${what.padEnd(28)} ${value.toFixed(1).padStart(12)} ${unit}`);
}

async function measure(name, work) {
  const [cpu, begin] = [cpuSeconds(), performance.now()];
  await work();
  const seconds = (performance.now() - begin) / 1000;
  print(name, count / seconds, 'jobs/s');
  print('  CPU of this process', ((cpuSeconds() - cpu) * 1e6) / count, 'ms per 1,000 jobs');
}

async function redisBytes() {
  const memory = await redis.info('memory');
  return Number(/used_memory:(\d+)/.exec(memory)[1]);
}

const redis = new Redis(connection);
const queue = new Queue('bench', { connection });
const data = { userImageId: 'u'.repeat(36), clothImageId: 'c'.repeat(36), prompt: 'p'.repeat(180) };
const before = await redisBytes();
await measure('enqueue', async () => {
  for (let done = 0; done < count; done += batch) {
    const size = Math.min(batch, count - done);
    await queue.addBulk(Array.from({ length: size }, () => ({ name: 'convert', data })));
  }
});
print('kept', ((await redisBytes()) - before) / count, 'bytes per queued job');

let left = count;
let finish;
const finished = new Promise((resolve) => (finish = resolve));
const worker = new Worker('bench', async () => {}, { connection, concurrency: batch, autorun: false });
worker.on('completed', () => {
  left -= 1;
  if (left === 0) finish();
});
await measure('claim and complete', async () => {
  worker.run();
  await finished;
});
await worker.close();
await queue.close();
redis.disconnect();
