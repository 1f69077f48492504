// SPDX-License-Identifier: MIT
// Actions on many jobs that are under way, also those whose dialog was left.

import type { VNode } from 'preact';
import { send } from '../lib/api';
import { count } from '../lib/format';
import { useResource } from '../lib/resource';
import type { Operation } from '../lib/types';
import { Meter } from './panel';
import { attempt } from './toast';

/** One line for each operation that runs, with what stops it; nothing where none does. */
export function RunningOperations(): VNode {
  const found = useResource<{ operations: Operation[] }>('/worker/operations', { every: 3000 });
  const running = found.data?.operations.filter(({ state }) => state === 'running') ?? [];
  const stop = (id: string): void =>
    void attempt(() => send('DELETE', `/worker/operations/${id}`), 'The operation is stopped').then(
      found.reload,
    );
  return (
    <>
      {running.map(({ id, action, by, total, done, refused }) => (
        <div key={id} class="notice" role="group" aria-label={`Operation ${action}`}>
          <span>
            <b>{action}</b> {count(done + refused)} of {count(total)}
            {by && <span class="muted"> by {by}</span>}
            <Meter value={done + refused} max={total} label="Jobs that are dealt with" />
          </span>
          <button type="button" class="button small is-danger" onClick={() => stop(id)}>
            Stop
          </button>
        </div>
      ))}
    </>
  );
}
