// SPDX-License-Identifier: MIT
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import icon from '../icon.svg';
import { ApiError, explain } from '../lib/api';
import { plural } from '../lib/format';
import { needsKey, session, signIn } from '../lib/session';

function problemWith(error: unknown): string {
  if (error instanceof ApiError && error.status === 401) {
    return 'This key is not known. Look for a blank too many, or a key of another instance.';
  }
  if (error instanceof ApiError && error.status === 429 && error.retryAfterSeconds) {
    return `Too many tries. The next one is taken in ${plural(error.retryAfterSeconds, 'second')}.`;
  }
  return explain(error);
}

/** Only pages of this dashboard: an address from elsewhere is none of ours. */
function destination(next: string | undefined): string {
  return next?.startsWith('/ui/') && !next.startsWith('/ui/sign-in') ? next : '/ui/now';
}

export function SignInPage(): VNode {
  const { path, query, route } = useLocation();
  const [key, setKey] = useState('');
  const [error, setError] = useState('');
  const [isBusy, setBusy] = useState(false);
  const isOwnPage = path === '/ui/sign-in';
  const isSignedIn = session.value?.signedIn === true && !needsKey.value;
  useEffect(() => {
    if (isOwnPage && isSignedIn) {
      route(destination(query['next']), true);
    }
  }, [isOwnPage, isSignedIn]);

  const submit = async (event: Event): Promise<void> => {
    event.preventDefault();
    // What is beyond Latin-1 cannot stand in a header: fetch would throw.
    if (/[^\0-\xff]/.test(key)) {
      setError('No key has such letters. Look for signs that were changed when it was copied.');
      return;
    }
    setBusy(true);
    setError('');
    try {
      await signIn(key.trim());
    } catch (failure) {
      setError(problemWith(failure));
    }
    setBusy(false);
  };

  return (
    <div class="sign-in">
      <img src={icon} width="48" height="48" alt="" />
      <h1>Stayler Worker</h1>
      {session.value?.instance && <p class="tag">{session.value.instance}</p>}
      <form class="panel" onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>API key</span>
          <input
            type="password"
            name="key"
            value={key}
            required
            autofocus
            autocomplete="current-password"
            aria-invalid={error !== ''}
            aria-describedby="sign-in-help"
            onInput={(event) => setKey(event.currentTarget.value)}
          />
        </label>
        {error && (
          <div class="notice tone-bad" role="alert">
            <span>{error}</span>
          </div>
        )}
        <button type="submit" class="button is-primary" disabled={isBusy || key.trim() === ''}>
          {isBusy ? 'Signing in' : 'Sign in'}
        </button>
        <p class="muted small" id="sign-in-help">
          The key is exchanged for a cookie that ends after 12 hours, and is kept nowhere.
        </p>
      </form>
      <dl class="facts small">
        <dt>viewer</dt>
        <dd>looks at jobs and pictures</dd>
        <dt>submitter</dt>
        <dd>also submits, cancels and retries</dd>
        <dt>admin</dt>
        <dd>also changes settings and sees deliveries</dd>
      </dl>
      <p class="muted small">
        To make a key: <code>stayler-worker --new-key NAME ROLE --keys-file FILE</code>
      </p>
    </div>
  );
}
