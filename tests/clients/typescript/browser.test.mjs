// SPDX-License-Identifier: MIT
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { picture, settings } from './harness.mjs';

const dist = join(process.env.PROGRAM, 'node_modules/stayler-client/dist');

// A page of the service's own origin signs in, does what the README's first program does, and reports how it went.
const page = `<!doctype html><script type="module">
import { Client, StaylerError, statusOf } from '/package/index.js';
const key = ${JSON.stringify(settings.keys.submitter)};
const client = new Client('', { headers: { 'X-CSRF': '1' } });
const report = (said) => fetch('/report', { method: 'POST', body: JSON.stringify(said) });
try {
  await fetch('/worker/session', { method: 'POST', headers: { Authorization: 'Bearer ' + key } });
  const picture = async (name) => (await fetch('/assets/' + name)).blob();
  const person = await client.uploadImage(await picture('person.jpg'), { userId: 'eve' });
  const garment = await client.uploadImage(await picture('garment.png'), { userId: 'eve' });
  const job = await client.submitJob({
    type: 'image_conversion',
    conversionId: 'browser-1',
    userId: 'eve',
    payload: { userImageId: person.id, clothImageId: garment.id },
  });
  const statuses = [];
  for await (const event of client.followJob(job.id)) {
    statuses.push(statusOf(event));
  }
  const { result } = await client.getJob(job.id);
  const made = await client.getImage(result.imageId);
  const refused = await client.getJob('none').catch((error) => error);
  report({ last: statuses.at(-1), type: made.type, size: made.size, refused: refused.class });
} catch (error) {
  report({ error: String(error) });
}
</script>`;

/** A server of the page that hands everything else on to the service, so that both are of one origin. */
function serve(onReport) {
  const files = {
    '/': ['text/html', () => page],
    '/assets/': ['application/octet-stream', picture],
    '/package/': ['text/javascript', (name) => readFileSync(join(dist, name))],
  };
  const server = http.createServer((request, response) => {
    const [, folder, name] = /^(\/(?:$|assets\/|package\/))([^/]*)$/.exec(request.url) ?? [];
    const [type, read] = files[folder] ?? [];
    if (request.url === '/report') {
      response.end();
      request.on('data', (body) => onReport(JSON.parse(body)));
    } else if (read) {
      response.writeHead(200, { 'Content-Type': type }).end(read(name));
    } else {
      const { method, headers } = request;
      const onwards = http.request(settings.url + request.url, { method, headers }, (answer) => {
        response.writeHead(answer.statusCode, answer.headers);
        answer.pipe(response);
      });
      onwards.on('error', () => response.destroy());
      request.pipe(onwards);
    }
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

test('a page of a browser converts a picture', { timeout: 60_000 }, async () => {
  const profile = mkdtempSync(join(tmpdir(), 'stayler-browser-'));
  let server;
  let browser;
  try {
    const reported = await new Promise((resolve, reject) => {
      serve(resolve).then((serving) => {
        server = serving;
        const address = `http://127.0.0.1:${server.address().port}/`;
        const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-proxy-server'];
        browser = spawn('chromium', [...flags, `--user-data-dir=${profile}`, address], {
          stdio: 'ignore',
        });
        browser.on('error', reject);
        browser.on('exit', (code) => reject(new Error(`Chromium has ended with ${code}`)));
      });
    });
    const { size, ...rest } = reported;
    assert.deepEqual(rest, { last: 'completed', type: 'image/jpeg', refused: 'not_found' });
    assert.ok(size > 1000);
  } finally {
    if (browser?.exitCode === null) {
      await new Promise((resolve) => {
        browser.removeAllListeners('exit').on('exit', resolve);
        browser.kill();
      });
    }
    server?.closeAllConnections();
    server?.close();
    rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  }
});
