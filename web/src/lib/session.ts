// SPDX-License-Identifier: MIT
// Who looks at this page. The key itself is never kept: it is exchanged for a cookie that no script
// can read.

import { computed, signal } from '@preact/signals';
import { get, onUnauthorized, request, send, ApiError } from './api';
import { learnServerTime } from './clock';
import type { Filter } from './filter';
import { follow } from './live';
import { isPrivate } from './preferences';
import type { Role, Session } from './types';

export const session = signal<Session | null>(null);
/** Why it is not known who looks: the service does not answer. */
export const sessionError = signal<ApiError | null>(null);
/** A key is asked for in place of the page, which then goes on as it was. */
export const needsKey = signal(false);

const ranks: Record<Role, number> = { viewer: 0, submitter: 1, admin: 2 };

/** Whether the server would let that be done; only for what is shown: the server decides. */
export function may(role: Role): boolean {
  const own = session.value?.role;
  return own !== undefined && ranks[own] >= ranks[role];
}

/** Whether the server would let dead letters be dropped: only an admin of all users may. */
export const mayDrop = (): boolean => may('admin') && seesAll.value;

/** The filter as this key may ask it: one that names several users has to say which of them. */
export function ofOwnUser(filter: Filter): Filter {
  const [first, second] = session.value?.users ?? [];
  return filter.user === '' && first !== undefined && second !== undefined
    ? { ...filter, user: first }
    : filter;
}

/** Whether the key is for all users: totals and settings are. */
export const seesAll = computed(() => (session.value?.users ?? []).length === 0);

/** The line for a shell that reads what is at that path of the API. The key is for its user to put in. */
export function curlOf(path: string): string {
  const key = session.value?.keyNeeded ? " -H 'Authorization: Bearer KEY'" : '';
  // No path of the API holds an apostrophe that is not written as %27.
  return `curl -sS${key} '${location.origin}${path.replaceAll("'", '%27')}'`;
}

function enter(found: Session): void {
  session.value = found;
  sessionError.value = null;
  needsKey.value = !found.signedIn;
  learnServerTime(found.serverTime);
  follow(found.signedIn && (found.users ?? []).length === 0);
}

export async function loadSession(): Promise<void> {
  try {
    enter(await get<Session>('/worker/session'));
  } catch (error) {
    sessionError.value = error instanceof ApiError ? error : new ApiError(0, String(error));
    setTimeout(() => void loadSession(), 3000);
  }
}

/** Throws an ApiError where the key does not open anything. */
export async function signIn(key: string): Promise<void> {
  const answer = await request('/worker/session', {
    method: 'POST',
    headers: { Authorization: `Bearer ${key}` },
  });
  const found = (await answer.json()) as Session;
  if (found.role === 'viewer') {
    isPrivate.value = true;
  }
  enter(found);
}

export async function signOut(): Promise<void> {
  await send('DELETE', '/worker/session').catch(() => undefined);
  await loadSession();
}

onUnauthorized(() => {
  if (session.value?.signedIn) {
    follow(false);
    session.value = { ...session.value, signedIn: false };
    needsKey.value = true;
  }
});
