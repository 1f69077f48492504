// SPDX-License-Identifier: MIT
// What belongs to a filter on each page that has one.

import type { VNode } from 'preact';
import type { Filter } from '../lib/filter';
import { session } from '../lib/session';

/** Whose jobs are shown, for a key that names several users; nothing for other keys. */
export function UserChoice({
  filter,
  show,
}: {
  filter: Filter;
  show: (filter: Filter) => void;
}): VNode | null {
  const users = session.value?.users ?? [];
  return users.length > 1 ? (
    <select
      aria-label="User"
      value={filter.user}
      onChange={(event) => show({ ...filter, user: event.currentTarget.value })}
    >
      {users.map((user) => (
        <option key={user}>{user}</option>
      ))}
    </select>
  ) : null;
}

/** The words of the filter that are ignored: more is shown than was asked for. */
export function NotUnderstood({ filter }: { filter: Filter }): VNode | null {
  return filter.unknown.length > 0 ? (
    <div class="notice tone-warn" role="alert">
      <span>
        Not understood, and left out: <code>{filter.unknown.join(' ')}</code>. A filter has words
        such as <code>status:failed</code>, <code>user:ann</code>, <code>class:timeout</code>,{' '}
        <code>type:image_conversion</code>, <code>since:1h30m</code>,{' '}
        <code>before:2026-11-30T09:00Z</code>, each once, or the beginning of a job's id.
      </span>
    </div>
  ) : null;
}
