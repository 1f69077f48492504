// SPDX-License-Identifier: MIT
// A job's trace as a receiver of the OpenTelemetry protocol gets it: every member is one of the protocol's definition, and
// every name one of the semantic conventions, or our own.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import * as conventions from '@opentelemetry/semantic-conventions/incubating';

const require = createRequire(import.meta.url);
const { MockOtlpServer } = require('@elastic/mockotlpserver');
const { getProtoRoot } = require('@elastic/mockotlpserver/lib/proto');

const { STAYLER_WORKER, GEMINI_SIM, ASSETS } = process.env;
assert.ok(STAYLER_WORKER && GEMINI_SIM && ASSETS, 'use ./run');

const known = new Set(Object.values(conventions).filter((name) => typeof name === 'string'));
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

/** What of a JSON value is not as the message's definition has it. */
function misfits(type, value, path = type.name) {
  const found = [];
  for (const [name, member] of Object.entries(value)) {
    const field = type.fields[name];
    if (!field) {
      found.push(`${path}.${name} is no field`);
      continue;
    }
    field.resolve();
    assert.equal(Array.isArray(member), field.repeated, `${path}.${name}`);
    for (const each of field.repeated ? member : [member]) {
      const here = `${path}.${name}`;
      if (field.resolvedType?.fields) {
        found.push(...misfits(field.resolvedType, each, here));
      } else if (['fixed64', 'int64', 'uint64'].includes(field.type)) {
        if (typeof each !== 'string' || !/^-?\d+$/.test(each)) found.push(`${here} is no text of digits`);
      } else if (field.type === 'bytes') {
        if (!/^([0-9a-f]{16}|[0-9a-f]{32})$/.test(each)) found.push(`${here} is no id in hex`);
      } else if (field.resolvedType) {
        if (!Object.values(field.resolvedType.values).includes(each)) found.push(`${here} is no value`);
      } else if (typeof each !== ({ string: 'string', bool: 'boolean' }[field.type] ?? 'number')) {
        found.push(`${here} is no ${field.type}`);
      }
    }
  }
  return found;
}

/** A program that serves, once it says where; its stdout goes on being read. */
function start(program, args, env) {
  const child = spawn(program, args, { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const at = line.match(/listening on (?:http:\/\/)?(\S+)/);
      if (at) resolve({ child, url: `http://${at[1]}` });
    });
    child.once('exit', () => reject(new Error(`${program} has ended`)));
  });
}

async function end({ child }) {
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}

async function runJob(url) {
  const upload = async (file, type) => {
    const body = readFileSync(join(ASSETS, file));
    const answer = await fetch(`${url}/images`, { method: 'POST', body, headers: { 'content-type': type } });
    assert.equal(answer.status, 201);
    return (await answer.json()).id;
  };
  const payload = {
    userImageId: await upload('person.jpg', 'image/jpeg'),
    clothImageId: await upload('garment.png', 'image/png'),
  };
  const accepted = await fetch(`${url}/worker/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    body: JSON.stringify({ type: 'image_conversion', conversionId: 'c-1', userId: 'secret-user', payload }),
  });
  assert.equal(accepted.status, 201);
  const { id } = await accepted.json();
  // The stream of the job's events ends with the job.
  const events = await (await fetch(`${url}/worker/jobs/${id}/events`)).text();
  assert.match(events, /completed/);
}

const request = getProtoRoot().lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');

test('what is not of the protocol is found', () => {
  const exported = (span) => ({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
  assert.deepEqual(misfits(request, exported({ spanId: '00f067aa0ba902b7', endTimeUnixNano: '1', kind: 3 })), []);
  for (const wrong of [{ spanID: '00f067aa0ba902b7' }, { spanId: 'APBnqgup' }, { endTimeUnixNano: 1 }, { kind: 9 }, { name: 1 }]) {
    assert.equal(misfits(request, exported(wrong)).length, 1, JSON.stringify(wrong));
  }
});

test('a receiver of the OpenTelemetry protocol takes a whole trace', { timeout: 120_000 }, async () => {
  const exports = [];
  const receiver = new MockOtlpServer({
    services: ['http'], httpHostname: '127.0.0.1', httpPort: 0, logLevel: 'fatal', onTrace: (trace) => exports.push(trace),
  });
  await receiver.start();
  const folder = mkdtempSync(join(tmpdir(), 'otlp-'));
  const sim = await start(GEMINI_SIM, ['--port', '0'], {});
  const worker = await start(STAYLER_WORKER, [], {
    GEMINI_API_KEY: 'any-key', GEMINI_BASE_URL: sim.url, WORKER_HTTP_PORT: '0', WORKER_HEALTH_CHECK_PORT: '0',
    WORKER_DATA_DIR: folder, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.httpUrl, OTEL_SERVICE_NAME: 'try-on',
  });
  try {
    await runJob(worker.url);
  } finally {
    assert.equal(await end(worker), 0);
    await end(sim);
    await receiver.close();
    rmSync(folder, { recursive: true, force: true });
  }

  assert.ok(exports.length > 0);
  assert.deepEqual(exports.flatMap((each) => misfits(request, each)), []);
  assert.ok(!JSON.stringify(exports).includes('secret-user'));

  const spans = exports.flatMap((each) => each.resourceSpans.flatMap(({ resource, scopeSpans }) => {
    assert.ok(resource.attributes.some(({ key, value }) => key === 'service.name' && value.stringValue === 'try-on'));
    return scopeSpans.flatMap((scope) => scope.spans);
  }));
  for (const { key } of spans.flatMap((span) => span.attributes)) {
    assert.ok(key.startsWith('stayler.') || known.has(key), key);
  }
  const names = spans.filter((span) => span.traceId === traceId).map((span) => span.name);
  for (const name of ['POST /worker/jobs', 'send jobs', 'wait in queue', 'process job', 'POST', 'store image', 'notify']) {
    assert.ok(names.includes(name), `${name} in ${names}`);
  }
});
