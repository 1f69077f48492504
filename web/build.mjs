// SPDX-License-Identifier: MIT
// Bundles src/ into dist/: the shell, and scripts, styles and pictures under names with their hashes.
// The same sources give the same bytes, so that a test can hold the committed dist/ against them.
//
// usage: node build.mjs [FOLDER]      (default: dist)
import { build } from 'esbuild';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const out = resolve(process.argv[2] ?? join(here, 'dist'));

await rm(out, { recursive: true, force: true });
await mkdir(out, { recursive: true });
const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { app: 'src/main.tsx' },
  outdir: out,
  publicPath: '/ui/files',
  entryNames: '[name]-[hash]',
  assetNames: '[name]-[hash]',
  loader: { '.svg': 'file', '.jpg': 'file', '.png': 'file' },
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  legalComments: 'none',
  charset: 'utf8',
  logLevel: 'warning',
  metafile: true,
});

// The shell names the files by what they are called before they have a hash.
let shell = await readFile(join(here, 'src', 'index.html'), 'utf8');
for (const name of Object.keys(metafile.outputs).map((path) => basename(path))) {
  shell = shell.replaceAll(
    `/ui/files/${name.replace(/-[A-Z0-9]{8}\./, '.')}"`,
    `/ui/files/${name}"`,
  );
}
await writeFile(join(out, 'index.html'), shell);
