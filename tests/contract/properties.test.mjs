// SPDX-License-Identifier: MIT
// Requests that are made from the contract's schemas, right and wrong ones, bring about no answer outside the contract, no
// 5xx but a documented 503, and where one was wrong in a known place, a 400 that names it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { broken, brokenParameter, right, text } from './arbitraries.mjs';
import { call as callAt } from './calls.mjs';
import { operations } from './contract.mjs';
import { picture, startService } from './service.mjs';

// The same in every run of the suite: what is found by chance is found with SEED=random, and kept as a test.
const wanted = process.env.SEED ?? '20261130';
const seed = wanted === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(wanted);
const runs = Number(process.env.RUNS ?? 40);
const seconds = Number(process.env.SECONDS ?? 20);

const service = await startService();
after(() => service.stop());
const call = (id, wanted) => callAt(service, id, undefined, { key: 'admin', ...wanted });

const image = (await call('uploadImage', { query: { userId: 'ann' }, body: picture('person.jpg') }))
  .json.id;
const submitted = await call('submitJob', {
  json: {
    type: 'image_processing',
    userId: 'ann',
    payload: { imageId: image, options: { operations: [{ type: 'strip' }] } },
  },
});

/** What ends the service's work, or makes it cost the machine too much, has only wrong requests sent. */
const onlyWrong = new Set(['stopWorker', 'injectFault', 'changeConfig']);

const isJson = (operation) => operation.requestBody?.content['application/json'];

/** The right values of parameters in a place: {name: value}. */
const parametersIn = (operation, where) =>
  fc.record(
    Object.fromEntries(
      operation.parameters
        .filter((each) => each.in === where)
        .map(({ name, schema }) => [name, right(schema).map(String)]),
    ),
    {
      requiredKeys: operation.parameters
        .filter((each) => each.in === where && each.required)
        .map((each) => each.name),
      noNullPrototype: true,
    },
  );

/** A thing that there is, most of the time. */
const things = (operation) => {
  const there = operation.path.startsWith('/images') ? image : submitted.json.id;
  return parametersIn(operation, 'path').chain((made) =>
    fc.oneof(
      { weight: 3, arbitrary: fc.constant('id' in made ? { id: there } : made) },
      fc.constant(made),
      fc.constant(Object.fromEntries(Object.keys(made).map((name) => [name, 'x y%2e#']))),
    ),
  );
};

/** Whether an HTTP client sends these headers as they are. */
const isSendable = (headers) =>
  Object.values(headers).every((value) => /^[\t -~]*$/.test(value) && value.trim() === value);

/** The body with a picture that there is wherever it names one, so that jobs are taken. */
const withPicture = (json) =>
  JSON.parse(
    JSON.stringify(json, (name, value) => (/^(user|cloth|)ImageId$/i.test(name) ? image : value)),
  );

const rightBody = ({ schema }) =>
  fc.oneof({ weight: 3, arbitrary: right(schema).map(withPicture) }, right(schema));

const rightRequest = (operation) =>
  fc.record(
    {
      parameters: things(operation),
      query: parametersIn(operation, 'query'),
      headers: parametersIn(operation, 'header').filter(isSendable),
      ...(isJson(operation) ? { json: rightBody(isJson(operation)) } : {}),
      ...(operation.id === 'uploadImage'
        ? { body: fc.oneof(fc.uint8Array({ maxLength: 2000 }).map(Buffer.from), cutPicture) }
        : {}),
    },
    { noNullPrototype: true },
  );

/** A picture that ends early, or of which some bytes are others. */
const cutPicture = fc
  .tuple(
    fc.constantFrom('person.jpg', 'garment.png'),
    fc.nat(30_000),
    fc.uint8Array({ maxLength: 8 }),
  )
  .map(([name, at, bytes]) => {
    const changed = Buffer.from(picture(name));
    Buffer.from(bytes).copy(changed, at % changed.length);
    return at % 3 === 0 ? changed.subarray(0, at) : changed;
  });

/** Requests with one mistake: {request, field}. */
function wrongRequests(operation) {
  const made = [];
  const parameters = operation.parameters.filter(
    (each) => each.in === 'query' && operation.responses[400],
  );
  for (const mistakes of parameters.map(brokenParameter).filter(Boolean)) {
    made.push(
      mistakes.map(({ value, field }) => ({ request: { query: { [field]: value } }, field })),
    );
  }
  if (
    operation.responses[400] &&
    operation.parameters.some((each) => each.name === 'Idempotency-Key')
  ) {
    made.push(
      fc.constantFrom('', 'a b', '"', 'x'.repeat(256), '"a"b"').map((key) => ({
        request: { headers: { 'Idempotency-Key': key }, json: {} },
        field: 'Idempotency-Key',
      })),
    );
  }
  if (isJson(operation)) {
    const { schema } = isJson(operation);
    made.push(broken(schema).map(({ value, field }) => ({ request: { json: value }, field })));
    made.push(
      text
        .filter((each) => !isJsonText(each) && each !== '')
        .map((body) => ({ request: { body }, field: 'body' })),
    );
  }
  return made.map((each) =>
    fc
      .tuple(each, things(operation))
      .map(([{ request, field }, parameters]) => ({ request: { parameters, ...request }, field })),
  );
}

function isJsonText(value) {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}

/** What holds of every answer: see call(), which checks it against the contract. */
function judge(answer) {
  assert.ok(
    answer.status < 500 || (answer.status === 503 && answer.headers['retry-after']),
    `${answer.status} ${answer.text}`,
  );
  if (answer.status === 400) {
    assert.ok(answer.json.errors?.length > 0, `a 400 that names no field: ${answer.text}`);
  }
}

/** Whether a problem speaks of that field, of something within it, or of what it is in. */
const isAbout = (field, named) =>
  named === field ||
  named.startsWith(`${field}.`) ||
  named.startsWith(`${field}[`) ||
  field.startsWith(`${named}.`);

const limits = {
  seed,
  numRuns: runs,
  interruptAfterTimeLimit: (seconds * 1000) / (2 * operations.length),
};
let sent = 0;

const check = (arbitrary, property) =>
  fc.assert(
    fc.asyncProperty(arbitrary, (made) => {
      ++sent;
      return property(made);
    }),
    limits,
  );

after(() =>
  console.log(`${sent} requests; repeat them with SEED=${seed} RUNS=${runs} SECONDS=${seconds}`),
);

for (const operation of operations) {
  const send = (request) => call(operation.id, { ...request, take: operation.id === 'followJobs' });
  if (!onlyWrong.has(operation.id)) {
    test(`${operation.id} takes what the contract allows`, () =>
      check(rightRequest(operation), async (request) => judge(await send(request))));
  }
  const mistakes = wrongRequests(operation);
  if (mistakes.length > 0) {
    test(`${operation.id} names the field that is wrong`, () =>
      check(fc.oneof(...mistakes), async ({ request, field }) => {
        const answer = await send(request);
        judge(answer);
        assert.equal(answer.status, 400, `${field}: ${answer.text}`);
        const fields = answer.json.errors.map((each) => each.field);
        assert.ok(
          fields.some((named) => isAbout(field, named)),
          `${field} is not among ${fields}`,
        );
      }));
  }
}
