// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { client, settings } from './harness.mjs';

// What the README's snippets say, by their headings. Each heading with code has its line here.
const said = {
  'A first program':
    /^result\.jpg is \d+ bytes\nrefused: 400 invalid_input: payload\.options\.prompt/,
  Pictures: /^stored \S+\nimage\/(jpeg|png), \d+ bytes\n$/,
  'Submitting jobs':
    /^submitted \S+\nthe same job: true\nc-batch-1\nrefused: payload\.options\.operations/,
  'Following jobs': /^snapshot [^]*completed/,
  'Listing and changing': /^(image_\w+ \S+ \S+\n)+it has ended already\n$/,
  Errors: /^not_found false\n$/,
};

const begin = `import { readFile } from 'node:fs/promises';
import { Client, isRefused, statusOf, StaylerError, type JobRequest } from 'stayler-client';

const client = new Client(process.env['STAYLER_URL'] ?? '', { apiKey: process.env['STAYLER_API_KEY'] });
const job = await client.getJob(process.env['JOB'] ?? '');
void [readFile, isRefused, statusOf, StaylerError];
`;

/** The README's blocks of TypeScript, by their headings. */
function snippets() {
  const [, ...parts] = readFileSync(process.env.README, 'utf8').split(/^##+ (.*)$/m);
  const found = {};
  for (let i = 0; i < parts.length; i += 2) {
    const blocks = [...parts[i + 1].matchAll(/```ts\n([^]*?)```/g)].map(([, code]) => code);
    if (blocks.length > 0) {
      found[parts[i]] = blocks.join('');
    }
  }
  return found;
}

function run(command, args, folder, environment = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, {
    cwd: folder,
    env: { ...process.env, NODE_TEST_CONTEXT: '', ...environment },
    encoding: 'utf8',
  });
  assert.equal(status, 0, stdout + stderr);
  return stdout;
}

test('the snippets of the README compile and run', async (t) => {
  const found = snippets();
  assert.deepEqual(Object.keys(found).sort(), Object.keys(said).sort());
  const folder = join(process.env.PROGRAM, 'snippets');
  mkdirSync(folder);
  ['person.jpg', 'garment.png'].forEach((name) =>
    copyFileSync(join(settings.assets, name), join(folder, name)),
  );
  const names = Object.keys(found).map((heading) => [heading, heading.replaceAll(' ', '_')]);
  for (const [heading, name] of names) {
    const code = found[heading].startsWith('import') ? found[heading] : begin + found[heading];
    writeFileSync(join(folder, `${name}.ts`), `${code}\nexport {};\n`);
  }
  // As a caller would: all strict, for Node.js, and by what the package says of itself.
  const compile = [
    '--strict',
    '--skipLibCheck',
    '--target',
    'es2022',
    '--module',
    'nodenext',
    '--types',
    'node',
  ];
  const roots = ['--typeRoots', process.env.TYPE_ROOTS];
  run(process.env.TSC, [...compile, ...roots, ...names.map(([, name]) => `${name}.ts`)], folder);

  for (const [heading, name] of names) {
    await t.test(heading, async () => {
      const operations = [{ type: 'strip' }];
      const job = await client().submitJob({
        type: 'image_processing',
        userId: 'user-123',
        payload: { imageId: 'user-img-123', options: { operations } },
      });
      const environment = {
        STAYLER_URL: settings.url,
        STAYLER_API_KEY: settings.keys.submitter,
        JOB: job.id,
      };
      assert.match(run(process.execPath, [`${name}.js`], folder, environment), said[heading]);
    });
  }
});
