// SPDX-License-Identifier: MIT
// Lists of jobs as they were left: who comes back to one finds its rows and its place, and the page of a
// job knows what is before and behind it. A list belongs to its entry in the browser's history.

import type { Filter } from './filter';
import type { Job } from './types';

export interface KeptList {
  /** The call that it is read by, and the filter that this was made of. */
  call: string;
  filter: Filter;
  jobs: Job[];
  cursor: string | null;
  /** How far the page was scrolled down, in pixels. */
  scroll: number;
  /** The job that was looked at last. */
  current: string | null;
}

const mostKept = 8;
const kept = new Map<string, KeptList>();
let latest: KeptList | null = null;

interface EntryState {
  list?: string;
}

const entryState = (): EntryState => (history.state as EntryState | null) ?? {};

/** The list that belongs to where the browser is in its history. */
export function listHere(): KeptList | null {
  return kept.get(entryState().list ?? '') ?? null;
}

/** Keeps a list where the browser is now, in place of what was kept there. */
export function keepHere(list: KeptList): void {
  const name = entryState().list ?? crypto.getRandomValues(new Uint32Array(2)).join('-');
  history.replaceState({ ...entryState(), list: name }, '');
  kept.delete(name);
  kept.set(name, list);
  for (const oldest of [...kept.keys()].slice(0, -mostKept)) {
    kept.delete(oldest);
  }
  latest = list;
}

/** The list that was looked at last, where that job is on it. */
export function listWith(id: string): KeptList | null {
  return latest?.jobs.some((job) => job.id === id) ? latest : null;
}
