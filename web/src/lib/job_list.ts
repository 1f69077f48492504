// SPDX-License-Identifier: MIT
// A list of jobs that is read by pages and kept up by events: rows change where they are, new ones
// wait until they are asked for, so that nothing moves under a pointer.

import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, query } from './api';
import { matches, toParameters, type Filter } from './filter';
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
  more: () => void;
  reload: () => void;
}

const pageSize = 50;
/** A filter that few jobs meet gives short pages: how many are asked for before a person is asked. */
const pagesAtATime = 10;

function applyEvent(job: Job, event: JobEvent): Job {
  return {
    ...job,
    status: event.status,
    progress: event.progress,
    updatedAt: event.at,
    suspect: event.suspect ?? false,
    waiting: event.status === job.status ? job.waiting : undefined,
    error:
      event.errorClass && !job.error
        ? { class: event.errorClass, message: '', retryable: true }
        : job.error,
  };
}

export function useJobList(path: string, filter: Filter): JobList {
  const parameters = query({ ...toParameters(filter), limit: pageSize });
  const [jobs, setJobs] = useState<Job[]>([]);
  const [cursor, setCursor] = useState<string | null>(null);
  const [error, setError] = useState<ApiError>();
  const [isLoading, setLoading] = useState(true);
  const [unseen, setUnseen] = useState<ReadonlySet<string>>(new Set());
  const control = useRef<AbortController | null>(null);
  const known = useRef(new Map<string, Job>());
  known.current = new Map(jobs.map((job) => [job.id, job]));

  const load = useCallback(
    async (from: string | null, before: Job[]) => {
      control.current?.abort();
      const own = new AbortController();
      control.current = own;
      setLoading(true);
      try {
        let next = from;
        const found = [...before];
        for (let pages = 0; pages < pagesAtATime; pages += 1) {
          const page = await get<JobPage>(
            `${path}${parameters}${next ? `&cursor=${next}` : ''}`,
            own.signal,
          );
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
        if (own.signal.aborted) {
          return;
        }
        setError(failure instanceof ApiError ? failure : new ApiError(0, String(failure)));
      }
      setLoading(false);
    },
    [path, parameters],
  );

  useEffect(() => {
    setJobs([]);
    setCursor(null);
    void load(null, []);
    return () => control.current?.abort();
  }, [load]);

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
      for (const id of [...ended].slice(0, 10)) {
        ended.delete(id);
        void get<Job>(`/worker/jobs/${id}`).then(
          (fresh) => setJobs((before) => before.map((job) => (job.id === id ? fresh : job))),
          () => undefined,
        );
      }
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
    more: () => void load(cursor, jobs),
    reload: () => void load(null, []),
  };
}
