// SPDX-License-Identifier: MIT
// The reference library verifies the service's web hooks: with each form of the secret, and, while a
// secret is being changed, with the old one and the new one.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { test } from 'node:test';
import { Webhook, WebhookVerificationError } from 'standardwebhooks';

const program = process.env.SIGNED_HOOK;
assert.ok(program, 'SIGNED_HOOK must be set; use ./run');

const secretOf = (bytes) => randomBytes(bytes).toString('base64');

function signedWith(secrets) {
  const run = spawnSync(program, [secrets], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return JSON.parse(run.stdout);
}

function verify(secret, { headers, body }) {
  return new Webhook(secret).verify(body, headers);
}

for (const bytes of [24, 32, 33, 64]) {
  test(`a secret of ${bytes} bytes, with its prefix or without it`, () => {
    const secret = secretOf(bytes);
    for (const written of [secret, `whsec_${secret}`]) {
      const hook = signedWith(written);
      for (const read of [secret, `whsec_${secret}`]) {
        assert.equal(verify(read, hook).type, 'conversion.completed');
      }
    }
  });
}

test('several secrets: a receiver with any of them takes the hook, one with another does not', () => {
  const secrets = [secretOf(32), secretOf(24), secretOf(48)].map((secret) => `whsec_${secret}`);
  for (const between of [' ', ',']) {
    const hook = signedWith(secrets.join(between));
    for (const secret of secrets) {
      assert.equal(verify(secret, hook).data.userId, 'Jörg "J."');
    }
    assert.throws(() => verify(secretOf(32), hook), WebhookVerificationError);
  }
});

test('what is changed on its way is refused', () => {
  const secret = secretOf(32);
  const hook = signedWith(secret);
  assert.throws(() => verify(secret, { ...hook, body: `${hook.body} ` }), WebhookVerificationError);
});

test('what the library would read as another key is refused by the service, too', () => {
  for (const secret of ['whsec_not!base64', 'my secret', 'c2hvcnQ=']) {
    assert.equal(spawnSync(program, [secret]).status, 2);
  }
});
