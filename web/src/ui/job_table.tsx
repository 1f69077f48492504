// SPDX-License-Identifier: MIT
// Jobs as rows: walked with j and k, chosen with x, opened with Enter.

import { useSignal } from '@preact/signals';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { send } from '../lib/api';
import { now } from '../lib/clock';
import { duration, money, none, plural, priorityName, words } from '../lib/format';
import { costOf, mayBePaidTwice, picturesOf, tookOf, waitingText } from '../lib/jobs';
import { onKey } from '../lib/keyboard';
import { hiddenColumns } from '../lib/preferences';
import { may } from '../lib/session';
import type { Job } from '../lib/types';
import { JobLink, Time, UserName } from './panel';
import { Status } from './status';
import { Thumb } from './thumb';
import { say } from './toast';

interface Column {
  name: string;
  title: string;
  isFixed?: boolean;
  isNumber?: boolean;
  cell: (job: Job) => ComponentChildren;
}

function Thumbs({ job }: { job: Job }): VNode {
  const { person, garment, result } = picturesOf(job);
  return (
    <a class="thumbs" href={`/ui/jobs/${job.id}`} tabIndex={-1} aria-hidden="true">
      <Thumb id={person} role="person" />
      {job.type === 'image_conversion' && <Thumb id={garment} role="garment" />}
      <Thumb id={result} role="result" />
    </a>
  );
}

/** What is worth knowing of a job in its state: where it is, what it waits for, why it failed. */
function Detail({ job }: { job: Job }): VNode | null {
  if (job.status === 'processing') {
    return (
      <span class="stage">
        <span class="stage-bar" aria-hidden="true">
          <i style={{ width: `${job.progress.percent}%` }} />
        </span>
        {job.progress.stage} {job.progress.percent}%
      </span>
    );
  }
  if (job.waiting) {
    return <span class="muted">{waitingText(job.waiting, now.value)}</span>;
  }
  if (job.error && job.status !== 'completed') {
    return (
      <span class="detail-error" title={job.error.message}>
        <b>{job.error.class}</b> {job.error.message}
      </span>
    );
  }
  if (job.status === 'completed') {
    return (
      <span class="muted">
        {job.result?.cached
          ? 'from the cache'
          : job.result
            ? `${job.result.width} × ${job.result.height}`
            : ''}
      </span>
    );
  }
  return job.dueAt ? (
    <span class="muted">
      due <Time at={job.dueAt} />
    </span>
  ) : null;
}

export const columns: Column[] = [
  { name: 'pictures', title: 'Pictures', cell: (job) => <Thumbs job={job} /> },
  { name: 'job', title: 'Job', isFixed: true, cell: (job) => <JobLink id={job.id} /> },
  {
    name: 'status',
    title: 'Status',
    isFixed: true,
    cell: (job) => (
      <>
        <Status of={job.status} />
        {job.suspect && <span class="tag tone-warn">suspect</span>}
      </>
    ),
  },
  { name: 'detail', title: 'Where it is', cell: (job) => <Detail job={job} /> },
  { name: 'user', title: 'User', cell: (job) => <UserName id={job.userId} /> },
  {
    name: 'type',
    title: 'Type',
    cell: (job) => <span class="muted nowrap">{words(job.type).replace('image ', '')}</span>,
  },
  {
    name: 'priority',
    title: 'Priority',
    cell: (job) => <span class="muted">{priorityName(job.priority)}</span>,
  },
  { name: 'attempt', title: 'Attempts', isNumber: true, cell: (job) => job.attempts.length },
  { name: 'age', title: 'Submitted', isNumber: true, cell: (job) => <Time at={job.createdAt} /> },
  { name: 'took', title: 'Took', isNumber: true, cell: (job) => duration(tookOf(job)) },
  {
    name: 'cost',
    title: 'Cost',
    isNumber: true,
    cell: (job) => (
      <>
        {job.result?.cached ? money(0) : costOf(job) === null ? none : money(costOf(job))}
        {mayBePaidTwice(job) && (
          <span class="tag tone-warn" title="A call of it may have been billed without an answer">
            2×?
          </span>
        )}
      </>
    ),
  },
];

type RowAction = 'cancel' | 'retry';

function able(job: Job, action: RowAction): boolean {
  return action === 'retry'
    ? job.status === 'failed'
    : ['pending', 'scheduled', 'processing'].includes(job.status);
}

/** Does that with the chosen jobs, one after the other, and says what became of them. */
async function actOn(jobs: Job[], action: RowAction): Promise<void> {
  let refused = 0;
  for (const { id } of jobs) {
    const call =
      action === 'retry'
        ? send('POST', `/worker/jobs/${id}/retry`)
        : send('DELETE', `/worker/jobs/${id}`);
    await call.catch(() => (refused += 1));
  }
  const done = `${plural(jobs.length - refused, 'job')} ${action === 'retry' ? 'retried' : 'cancelled'}`;
  say(refused > 0 ? `${done}, ${refused} refused: their state has changed` : done, refused > 0);
}

function Chosen({
  jobs,
  clear,
  changed,
}: {
  jobs: Job[];
  clear: () => void;
  changed: () => void;
}): VNode {
  const act = async (action: RowAction): Promise<void> => {
    await actOn(
      jobs.filter((job) => able(job, action)),
      action,
    );
    clear();
    changed();
  };
  return (
    <div class="chosen" role="region" aria-label="Chosen jobs">
      <b>{jobs.length} chosen</b>
      {(['retry', 'cancel'] as const).map((action) => {
        const number = jobs.filter((job) => able(job, action)).length;
        return (
          <button
            key={action}
            type="button"
            class={`button small ${action === 'cancel' ? 'is-danger' : ''}`}
            disabled={number === 0}
            onClick={() => void act(action)}
          >
            {action === 'retry' ? 'Retry' : 'Cancel'} {number}
          </button>
        );
      })}
      <button type="button" class="link-button" onClick={clear}>
        Clear
      </button>
    </div>
  );
}

export function JobTable({
  jobs,
  current,
  changed,
}: {
  jobs: Job[];
  /** The row that is marked at first; null: none. */
  current: string | null;
  changed: () => void;
}): VNode {
  const { route } = useLocation();
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const at = useSignal(jobs.findIndex(({ id }) => id === current));
  const shown = columns.filter(
    ({ name, isFixed }) => isFixed || !hiddenColumns.value.includes(name),
  );
  const mayChoose = may('submitter');
  const toggle = (id: string): void =>
    setChosen((before) => {
      const after = new Set(before);
      if (!after.delete(id)) {
        after.add(id);
      }
      return after;
    });
  useEffect(() => {
    const go = (step: number): void => {
      at.value = Math.min(jobs.length - 1, Math.max(0, at.value + step));
    };
    const withCurrent = (act: (id: string) => void): void => {
      const current = jobs[at.value];
      if (current) {
        act(current.id);
      }
    };
    const ends = [
      onKey('j', () => go(1)),
      onKey('k', () => go(-1)),
      onKey('x', () => mayChoose && withCurrent(toggle)),
      onKey('Enter', () => withCurrent((id) => route(`/ui/jobs/${id}`))),
    ];
    return () => ends.forEach((end) => end());
  }, [jobs, mayChoose]);
  useEffect(() => {
    document.querySelector('tr.is-current')?.scrollIntoView({ block: 'nearest' });
  }, [at.value]);
  const picked = jobs.filter(({ id }) => chosen.has(id));
  return (
    <>
      {picked.length > 0 && (
        <Chosen jobs={picked} clear={() => setChosen(new Set())} changed={changed} />
      )}
      <div class="table-wrap" tabIndex={0} role="group" aria-label="Jobs">
        <table class="jobs">
          <thead>
            <tr>
              {mayChoose && (
                <th class="choose">
                  <input
                    type="checkbox"
                    aria-label="Choose all that are shown"
                    checked={picked.length === jobs.length}
                    onChange={(event) =>
                      setChosen(
                        new Set(event.currentTarget.checked ? jobs.map(({ id }) => id) : []),
                      )
                    }
                  />
                </th>
              )}
              {shown.map(({ name, title, isNumber }) => (
                <th key={name} class={isNumber ? 'number' : ''}>
                  {title}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {jobs.map((job, i) => (
              <tr key={job.id} class={i === at.value ? 'is-current' : ''}>
                {mayChoose && (
                  <td class="choose">
                    <input
                      type="checkbox"
                      aria-label={`Choose job ${job.id}`}
                      checked={chosen.has(job.id)}
                      onChange={() => toggle(job.id)}
                    />
                  </td>
                )}
                {shown.map(({ name, isNumber, cell }) => (
                  <td key={name} class={`cell-${name} ${isNumber ? 'number' : ''}`}>
                    {cell(job)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
