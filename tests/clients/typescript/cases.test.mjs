// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Client, StaylerError, statusOf } from 'stayler-client';
import { control, picture, quick, settings } from './harness.mjs';

const calls = {
  uploadImage: (client, { file, text, ...rest }) =>
    client.uploadImage(file ? picture(file) : new TextEncoder().encode(text), rest),
  getImage: async (client, { id }) => digested(await client.getImage(id)),
  getThumbnail: async (client, { id }) => digested(await client.getThumbnail(id)),
  deleteImage: async (client, { id }) => (await client.deleteImage(id)) ?? {},
  submitJob: (client, { job, ...rest }) => client.submitJob(job, rest),
  submitJobs: (client, { jobs }) => client.submitJobs(jobs),
  getJob: (client, { id }) => client.getJob(id),
  cancelJob: (client, { id }) => client.cancelJob(id),
  retryJob: (client, { id }) => client.retryJob(id),
  processJob: (client, { id }) => client.processJob(id),
  waitForJob: (client, { id }) => client.waitForJob(id),
  listJobs: (client, filter) => client.listJobs(filter),
  listAllJobs: async (client, filter) => ({ jobs: await collected(client.listAllJobs(filter)) }),
  followJob: (client, { id }) => told(client.followJob(id)),
  followJobs: (client, { lastId, take }) => told(client.followJobs({}, { lastId }), take),
  getStatus: (client) => client.getStatus(),
  getWorkerHealth: (client) => client.getWorkerHealth(),
};

async function collected(items, take) {
  const list = [];
  for await (const item of items) {
    list.push(item);
    if (list.length === take) {
      break;
    }
  }
  return list;
}

/** The events of a stream up to its end, or as many as the case takes. */
async function told(events, take) {
  const list = await collected(events, take);
  return { events: list.map((each) => ({ id: each.id, kind: each.kind, status: statusOf(each) })) };
}

async function digested(blob) {
  const bytes = Buffer.from(await blob.arrayBuffer());
  return { mimeType: blob.type, checksum: createHash('sha256').update(bytes).digest('hex') };
}

function described(error) {
  assert.ok(error instanceof StaylerError, error);
  const { status, detail, fields, requestId, retryable, retryAfter } = error;
  return { status, class: error.class, detail, fields, requestId, retryable, retryAfter };
}

test('the client keeps to the table of cases', async (t) => {
  for (const name of await control('/cases')) {
    await t.test(name, async () => {
      const asked = await control('/begin', { name });
      assert.ok(calls[asked.call], `the table has a call that this client lacks: ${asked.call}`);
      const client = new Client(settings.proxy, { ...quick, apiKey: asked.key });
      const outcome = await calls[asked.call](client, asked.with).then(
        (answer) => ({ answer }),
        (error) => ({ error: described(error) }),
      );
      assert.deepEqual((await control('/end', { name, ...outcome })).problems, []);
    });
  }
});
