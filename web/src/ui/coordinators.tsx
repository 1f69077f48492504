// SPDX-License-Identifier: MIT
// Says of what only one coordinator knows whose it is, where several share a queue.

import type { VNode } from 'preact';
import { count, plural } from '../lib/format';
import { useResource } from '../lib/resource';
import { session } from '../lib/session';
import type { Provider } from '../lib/types';

/** Nothing where the coordinator that answers is alone. `what`: what others have of their own. */
export function OtherCoordinators({ what }: { what: string }): VNode | null {
  const provider = useResource<Provider>('/worker/provider', { every: 30_000 });
  const others = (provider.data?.coordinators ?? 1) - 1;
  const name = session.value?.instance;
  return others > 0 ? (
    <div class="notice tone-warn" role="note">
      <span>
        This is shown by one coordinator{name && <> ({name})</>} of {count(others + 1)} that share
        the queue. {plural(others, 'other has', 'others have')} {what} that{' '}
        {others === 1 ? 'is' : 'are'} not shown here: ask {others === 1 ? 'it' : 'them'} at{' '}
        {others === 1 ? 'its own address' : 'their own addresses'}.
      </span>
    </div>
  ) : null;
}
