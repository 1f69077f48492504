// SPDX-License-Identifier: MIT
// What a Node developer would write: takes a job by HTTP, looks at it, and adds it to a BullMQ queue;
// without a socket it stores nothing.
//
// usage: node peer.mjs [REDIS_SOCKET]
import { Queue } from 'bullmq';
import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const socket = process.argv[2];
const queue = socket ? new Queue('jobs', { connection: { path: socket } }) : null;
const fields = ['type', 'conversionId', 'userId', 'payload'];

function answer(response, status, content) {
  const body = JSON.stringify(content);
  response.writeHead(status, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
  response.end(body);
}

const server = createServer((request, response) => {
  const pieces = [];
  request.on('data', (piece) => pieces.push(piece));
  request.on('end', async () => {
    try {
      const job = JSON.parse(Buffer.concat(pieces));
      const missing = fields.filter((name) => job[name] === undefined);
      if (missing.length > 0) return answer(response, 400, { error: `missing: ${missing}` });
      const id = queue ? (await queue.add(job.type, job)).id : randomUUID();
      answer(response, 201, { id, ...job, status: 'pending', createdAt: new Date().toISOString() });
    } catch (error) {
      answer(response, 500, { error: String(error) });
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));
process.on('SIGTERM', () => process.exit(0));
