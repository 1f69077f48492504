// SPDX-License-Identifier: MIT
import type { VNode } from 'preact';
import { browserNow } from '../lib/clock';
import { lastByteAt, liveState } from '../lib/live';
import { seesAll } from '../lib/session';
import { duration } from '../lib/format';

/** Whether what is shown is what is so: never silently stale. */
export function LiveBadge(): VNode {
  if (!seesAll.value) {
    return (
      <span class="live is-quiet" role="status">
        refreshed every 5 s
      </span>
    );
  }
  const age = Math.max(0, Math.round((browserNow.value - lastByteAt.value) / 1000) * 1000);
  const isLate = lastByteAt.value > 0 && age > 20_000;
  const [name, text] =
    liveState.value === 'live'
      ? isLate
        ? ['late', `${duration(age)} old`]
        : ['live', 'Live']
      : liveState.value === 'paused'
        ? ['quiet', 'Paused']
        : lastByteAt.value > 0
          ? ['late', `Reconnecting, ${duration(age)} old`]
          : ['quiet', 'Connecting'];
  return (
    <span class={`live is-${name}`} role="status">
      <i aria-hidden="true" />
      {text}
    </span>
  );
}
