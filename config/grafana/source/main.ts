// SPDX-License-Identifier: MIT
// Writes the dashboards into a folder. scripts/update-monitoring calls it; a test holds what is committed to it.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actors } from './actors.js';
import { jobs } from './jobs.js';
import { nodes } from './nodes.js';
import { provider } from './provider.js';
import { service } from './service.js';

const folder = process.argv[2];
if (folder === undefined) {
  throw new Error('usage: main FOLDER');
}
for (const [name, made] of Object.entries({ service, jobs, provider, actors, nodes })) {
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(made(), null, 2)}\n`);
}
