// SPDX-License-Identifier: MIT
// Calls of operations by their names in the contract, each answer held against it.
import assert from 'node:assert/strict';
import { operationOf, operations, violations } from './contract.mjs';

/** Which answers of which operations have been seen. */
const seen = new Map(operations.map((each) => [each.id, new Set()]));

/** The path of an operation, with its parameters filled in. */
export function pathOf(operation, { parameters = {}, query = {} }) {
  const path = operation.path.replace(/\{(\w+)\}/, (_, name) =>
    encodeURIComponent(parameters[name]),
  );
  const text = Object.entries(query)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  return text ? `${path}?${text}` : path;
}

/**
 * Calls an operation of the service, and holds the answer against the contract. `wanted`: `key` (whose), `parameters` of
 * the path, `query`, `headers`, `json` or `body`; `status`: the one that it has to be.
 */
export async function call(service, id, status, wanted = {}) {
  const operation = operationOf.get(id);
  const { json, ...rest } = wanted;
  const answer = await service.call(operation.method, wanted.path ?? pathOf(operation, wanted), {
    ...rest,
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    headers: {
      ...(json === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...wanted.headers,
    },
  });
  const told = `${id} ${JSON.stringify(wanted)}: ${answer.status} ${answer.text.slice(0, 500)}`;
  assert.deepEqual(violations(id, answer), [], told);
  if (status !== undefined) {
    assert.equal(answer.status, status, told);
  }
  seen.get(id).add(answer.status);
  return {
    ...answer,
    json: /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(answer.text) : undefined,
  };
}

/** The answers that the contract names, and those of them that have not been seen; 5xx are nobody's aim. */
export function coverage() {
  const named = operations.flatMap(({ id, responses }) =>
    Object.keys(responses)
      .map(Number)
      .filter((status) => status < 500)
      .map((status) => ({ id, status })),
  );
  return { named, unseen: named.filter(({ id, status }) => !seen.get(id).has(status)) };
}

export const statusesSeen = () =>
  [...seen.values()].reduce((sum, statuses) => sum + statuses.size, 0);
