// SPDX-License-Identifier: MIT
// Makes src/lib/contract.ts: the types of what the API takes and answers, by http/openapi.yaml.
//
// usage: node types.mjs CONTRACT [FILE]      (default: src/lib/contract.ts)
import { load } from 'js-yaml';
import { readFile, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import openapiTS, { astToString } from 'openapi-typescript';

const here = dirname(fileURLToPath(import.meta.url));
const contract = process.argv[2];
const out = resolve(process.argv[3] ?? join(here, 'src', 'lib', 'contract.ts'));

/** Without examples, which are for people: except where a member is called so. */
function withoutExamples(value, isMap = false) {
  if (Array.isArray(value)) {
    return value.map((each) => withoutExamples(each));
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => isMap || name !== 'example')
      .map(([name, each]) => [name, withoutExamples(each, !isMap && name === 'properties')]),
  );
}

const { openapi, info, components } = load(await readFile(contract, 'utf8'));
const ast = await openapiTS(
  { openapi, info, paths: {}, components: { schemas: withoutExamples(components.schemas, true) } },
  { defaultNonNullable: false },
);
await writeFile(
  out,
  `// SPDX-License-Identifier: MIT\n// Made by types.mjs from http/openapi.yaml. Not to be edited.\n\n${astToString(ast)}`,
);
