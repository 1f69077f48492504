// SPDX-License-Identifier: MIT
// A list of jobs that is read by pages and kept up by events: rows change where they are, new ones
// wait until they are asked for, so that nothing moves under a pointer. Who comes back to a list finds it
// as it was left.

import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, query } from './api';
import { matches, toParameters, type Filter } from './filter';
import { keepHere, listHere, type KeptList } from './kept_lists';
import { onGap, onJob } from './live';
import { seesAll } from './session';
import { finalStatuses, type Job, type JobEvent, type JobPage } from './types';

export interface JobList {
  jobs: Job[];
  error: ApiError | undefined;
  isLoading: boolean;
  hasMore: boolean;
  /** How many jobs have come that belong to the list. */
  newer: number;
  /** The call of the API that the list is read by. */
  call: string;
  /** The job that was looked at when the list was left; null for a list that is new. */
  current: string | null;
  more: () => void;
  reload: () => void;
}

const pageSize = 50;
/** A filter that few jobs meet gives short pages: how many are asked for before a person is asked. */
const pagesAtATime = 10;
/** The most jobs that one call of the API tells. */
const largestPage = 500;
/** So many jobs are read one by one, whose events or list do not tell all. */
const mostReread = 10;

function applyEvent(job: Job, event: JobEvent): Job {
  return {
    ...job,
    status: event.status,
    progress: event.progress,
    updatedAt: event.at,
    suspect: event.suspect,
    waiting: event.status === job.status ? job.waiting : undefined,
    error:
      event.errorClass && !job.error
        ? { class: event.errorClass, message: '', retryable: true }
        : job.error,
  };
}

/** What was kept of the list that this call reads, where the browser is. */
function returnedTo(call: string): KeptList | null {
  const list = listHere();
  return list?.call === call ? list : null;
}

export function useJobList(path: string, filter: Filter): JobList {
  const parameters = query({ ...toParameters(filter), limit: pageSize });
  const call = path + parameters;
  const [returned, setReturned] = useState(() => returnedTo(call));
  const [jobs, setJobs] = useState<Job[]>(returned?.jobs ?? []);
  const [cursor, setCursor] = useState<string | null>(returned?.cursor ?? null);
  const [error, setError] = useState<ApiError>();
  const [isLoading, setLoading] = useState(returned === null);
  const [unseen, setUnseen] = useState<ReadonlySet<string>>(new Set());
  const control = useRef<AbortController | null>(null);
  const own = useRef<KeptList | null>(null);
  const known = useRef(new Map<string, Job>());
  known.current = new Map(jobs.map((job) => [job.id, job]));

  const load = useCallback(
    async (from: string | null, before: Job[]) => {
      control.current?.abort();
      const mine = new AbortController();
      control.current = mine;
      setLoading(true);
      try {
        let next = from;
        const found = [...before];
        for (let pages = 0; pages < pagesAtATime; pages += 1) {
          const page = await get<JobPage>(`${call}${next ? `&cursor=${next}` : ''}`, mine.signal);
          found.push(...page.jobs);
          next = page.nextCursor;
          if (next === null || found.length >= before.length + pageSize / 2) {
            break;
          }
        }
        setJobs(found);
        setCursor(next);
        setError(undefined);
        if (from === null) {
          setUnseen(new Set());
        }
      } catch (failure) {
        if (mine.signal.aborted) {
          return;
        }
        setError(failure instanceof ApiError ? failure : new ApiError(0, String(failure)));
      }
      setLoading(false);
    },
    [call],
  );

  /** Reads jobs one by one, and puts them where they are. */
  const reread = useCallback((ids: string[]) => {
    for (const id of ids.slice(0, mostReread)) {
      void get<Job>(`/worker/jobs/${id}`).then(
        (fresh) => setJobs((before) => before.map((job) => (job.id === id ? fresh : job))),
        () => undefined,
      );
    }
  }, []);

  /** Puts what has become of the jobs meanwhile in their places. */
  const catchUp = useCallback(
    async (list: KeptList) => {
      const limit = Math.min(largestPage, Math.max(pageSize, list.jobs.length));
      const page = await get<JobPage>(path + query({ ...toParameters(filter), limit }));
      const fresh = new Map(page.jobs.map((job) => [job.id, job]));
      const newest = list.jobs[0]?.id ?? '';
      setJobs((before) => before.map((job) => fresh.get(job.id) ?? job));
      setUnseen(new Set([...fresh.keys()].filter((id) => id > newest)));
      const left = list.jobs.map(({ id }) => id).filter((id) => !fresh.has(id));
      reread(left.sort((a, b) => Number(b === list.current) - Number(a === list.current)));
    },
    [call],
  );

  useEffect(() => {
    const found = returnedTo(call);
    own.current = found ?? { call, filter, jobs: [], cursor: null, scroll: 0, current: null };
    keepHere(own.current);
    setReturned(found);
    setJobs(own.current.jobs);
    setCursor(own.current.cursor);
    if (found) {
      setLoading(false);
      catchUp(found).catch((failure: unknown) => failure instanceof ApiError && setError(failure));
    } else {
      void load(null, []);
    }
    return () => control.current?.abort();
  }, [load]);

  useEffect(() => {
    if (own.current?.call === call) {
      Object.assign(own.current, { jobs, cursor });
    }
  }, [jobs, cursor]);

  useEffect(() => {
    const note = (): void => {
      const list = listHere();
      if (list) {
        list.scroll = scrollY;
      }
    };
    addEventListener('scroll', note, { passive: true });
    return () => removeEventListener('scroll', note);
  }, []);

  useLayoutEffect(() => {
    if (returned) {
      scrollTo(0, returned.scroll);
    }
  }, [returned]);

  useEffect(() => onGap(() => void load(null, [])), [load]);

  // A key for some users has no stream of events.
  const isOnePage = jobs.length <= pageSize;
  useEffect(() => {
    if (seesAll.value || !isOnePage) {
      return undefined;
    }
    const timer = setInterval(() => document.hidden || void load(null, []), 5000);
    return () => clearInterval(timer);
  }, [load, isOnePage]);

  // Events of a second are put into the list together: one painting a second is enough for an eye.
  useEffect(() => {
    let pending = new Map<string, JobEvent>();
    const ended = new Set<string>();
    const timer = setInterval(() => {
      if (pending.size === 0) {
        return;
      }
      const batch = pending;
      pending = new Map();
      setJobs((before) =>
        before.some((job) => batch.has(job.id))
          ? before.map((job) => {
              const event = batch.get(job.id);
              return event ? applyEvent(job, event) : job;
            })
          : before,
      );
      // An event has no cost and no picture's size: a job that has ended is read once more.
      const now = [...ended].slice(0, mostReread);
      now.forEach((id) => ended.delete(id));
      reread(now);
    }, 1000);
    const end = onJob((event) => {
      if (known.current.has(event.jobId)) {
        pending.set(event.jobId, event);
        if (finalStatuses.includes(event.status) || event.status === 'scheduled') {
          ended.add(event.jobId);
        }
      } else if (event.attempt === 0 && matches(filter, event)) {
        setUnseen((before) =>
          before.has(event.jobId) ? before : new Set(before).add(event.jobId),
        );
      }
    });
    return () => {
      clearInterval(timer);
      end();
    };
  }, [parameters]);

  return {
    jobs,
    error,
    isLoading,
    hasMore: cursor !== null,
    newer: unseen.size,
    call,
    current: returned?.current ?? null,
    more: () => void load(cursor, jobs),
    reload: () => void load(null, []),
  };
}
