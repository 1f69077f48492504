// SPDX-License-Identifier: MIT
// The contract, and whether an answer keeps to it, as Stoplight's Prism judges.
import { readFileSync } from 'node:fs';
import validator from '@stoplight/prism-http/dist/validator/index.js';
import operationsOf from '@stoplight/prism-http/dist/utils/operations.js';
import { parse } from 'yaml';

const methods = ['get', 'put', 'post', 'delete', 'patch'];

/** The contract with all its references resolved. */
export const contract = resolve(
  parse(readFileSync(process.env.CONTRACT, 'utf8'), { maxAliasCount: -1 }),
);

function resolve(document) {
  const known = new Map();
  const walk = (node) => {
    if (Array.isArray(node)) {
      return node.map(walk);
    }
    if (node === null || typeof node !== 'object') {
      return node;
    }
    if (typeof node.$ref === 'string') {
      const { $ref, ...beside } = node;
      if (!known.has($ref)) {
        known.set(
          $ref,
          walk(
            $ref
              .slice(2)
              .split('/')
              .reduce((at, name) => at[name], document),
          ),
        );
      }
      return { ...known.get($ref), ...walk(beside) };
    }
    return Object.fromEntries(
      Object.entries(node)
        .filter(([name]) => name !== 'discriminator')
        .map(([name, value]) => [name, walk(value)]),
    );
  };
  return walk(document);
}

/** What it promises for answers: their objects have no members that it does not name. */
function forbidOthers(schema) {
  if (Array.isArray(schema)) {
    return schema.map(forbidOthers);
  }
  if (schema === null || typeof schema !== 'object') {
    return schema;
  }
  const strict = Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [name, forbidOthers(value)]),
  );
  return typeof schema.properties === 'object' &&
    schema.type &&
    schema.additionalProperties === undefined
    ? { ...strict, additionalProperties: false }
    : strict;
}

/** Every operation: {id, method, path, parameters, ...} and what the contract says of it. */
export const operations = Object.entries(contract.paths).flatMap(([path, item]) =>
  methods
    .filter((method) => item[method])
    .map((method) => ({
      ...item[method],
      id: item[method].operationId,
      method: method.toUpperCase(),
      path,
      parameters: [...(item.parameters ?? []), ...(item[method].parameters ?? [])],
    })),
);

export const operationOf = new Map(operations.map((each) => [each.id, each]));

const judged = new Map(
  (
    await operationsOf.getHttpOperationsFromSpec({
      ...contract,
      webhooks: {},
      paths: Object.fromEntries(
        Object.entries(contract.paths).map(([path, item]) => [path, forbidAnswers(item)]),
      ),
    })
  ).map((each) => [each.iid, each]),
);

function forbidAnswers(item) {
  const strict = { ...item };
  for (const method of methods.filter((each) => item[each])) {
    strict[method] = { ...item[method], responses: forbidOthers(item[method].responses) };
  }
  return strict;
}

/** A JSON body parsed, any other one as text. */
const bodyOf = (answer) =>
  /json/.test(answer.headers['content-type'] ?? '') ? JSON.parse(answer.text) : answer.text;

/** What is wrong with an answer of that operation: an empty list where it keeps to the contract. */
export function violations(id, answer) {
  const promised = operationOf.get(id).responses[answer.status];
  if (!promised) {
    return [`${answer.status} is not documented`];
  }
  const verdict = validator.validateOutput({
    resource: judged.get(id),
    element: { statusCode: answer.status, headers: answer.headers, body: bodyOf(answer) },
  });
  const found =
    verdict._tag === 'Left'
      ? verdict.left.map((each) => `${(each.path ?? []).join('.')} ${each.message}`)
      : [];
  if (!promised.content && answer.bytes.length > 0 && answer.method !== 'HEAD') {
    found.push('has a body, and none is documented');
  }
  if (!answer.headers['x-request-id']) {
    found.push('has no X-Request-Id');
  }
  return found;
}
