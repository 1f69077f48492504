// SPDX-License-Identifier: MIT
// From one job to the next, in the order of the list that it was opened from.

import { ChevronLeft, ChevronRight } from 'lucide-preact';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { explain, get } from '../lib/api';
import { count } from '../lib/format';
import { onKey } from '../lib/keyboard';
import { listWith, type KeptList } from '../lib/kept_lists';
import type { JobPage } from '../lib/types';
import { say } from './toast';

/** Reads on where the list goes on. */
async function extend(list: KeptList): Promise<void> {
  const page = await get<JobPage>(`${list.call}&cursor=${list.cursor ?? ''}`);
  list.jobs = [...list.jobs, ...page.jobs];
  list.cursor = page.nextCursor;
}

/** Nothing where the job was opened from no list. */
export function Walk({ id }: { id: string }): VNode | null {
  const { route } = useLocation();
  const list = listWith(id);
  const at = list?.jobs.findIndex((job) => job.id === id) ?? -1;
  const hasPrevious = at > 0;
  const hasNext = list !== null && (at + 1 < list.jobs.length || list.cursor !== null);

  const go = async (step: number): Promise<void> => {
    if (!list || (step > 0 ? !hasNext : !hasPrevious)) {
      return;
    }
    try {
      if (at + step >= list.jobs.length) {
        await extend(list);
      }
    } catch (failure) {
      say(explain(failure), true);
    }
    const job = list.jobs[at + step];
    if (job) {
      list.current = job.id;
      // In the place of this one: "back" is to lead to the list.
      route(`/ui/jobs/${job.id}`, true);
    }
  };
  useEffect(() => {
    if (list) {
      list.current = id;
    }
    const ends = [onKey('j', () => void go(1)), onKey('k', () => void go(-1))];
    return () => ends.forEach((end) => end());
  }, [list, id]);

  return (
    list && (
      <div class="walk" role="group" aria-label="In the list">
        <button
          type="button"
          class="icon-button"
          disabled={!hasPrevious}
          aria-label="Previous job of the list"
          title="Previous job of the list (k)"
          onClick={() => void go(-1)}
        >
          <ChevronLeft size={18} aria-hidden="true" />
        </button>
        <span class="muted small">
          {count(at + 1)} of {count(list.jobs.length)}
          {list.cursor !== null && '+'}
        </span>
        <button
          type="button"
          class="icon-button"
          disabled={!hasNext}
          aria-label="Next job of the list"
          title="Next job of the list (j)"
          onClick={() => void go(1)}
        >
          <ChevronRight size={18} aria-hidden="true" />
        </button>
      </div>
    )
  );
}
