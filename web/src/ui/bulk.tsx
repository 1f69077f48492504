// SPDX-License-Identifier: MIT
// An action on all jobs that match: first what it would do and cost, then, after some seconds in which
// it can be called back, and by the token of that preview, just that. Jobs that come meanwhile are not
// touched.

import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError, explain, get, send } from '../lib/api';
import { toBulkFilter, type Filter } from '../lib/filter';
import { count, money, plural } from '../lib/format';
import type { BulkAction, BulkPreview, Operation } from '../lib/types';
import { Dialog } from './dialog';
import { Failure, JobLink, Meter, UserName } from './panel';

const verbs: Record<BulkAction, [string, string, string]> = {
  retry: ['Retry', 'retried', 'They go back into the queue, and are paid for again.'],
  cancel: [
    'Cancel',
    'cancelled',
    'Calls to the provider that are under way are aborted, and may be billed.',
  ],
  drop: ['Drop', 'dropped', 'Their records are removed, and cannot be had back.'],
};

/** To drop many for ever takes their number, typed. */
const typedFrom = 10;

/** How long an action can be called back before it begins. */
const secondsOfGrace = 10;

/** The highest rate that the API takes. */
const highestRate = 60_000;

type Cost = NonNullable<BulkPreview['cost']>;

/** What belongs on the button: what it will cost, or, where that is not known, what it may. */
function priceOf({ atMost, expected }: Cost): string {
  return atMost === 0
    ? ''
    : expected === undefined
      ? `: at most ${money(atMost)}`
      : `: about ${money(expected)}`;
}

function CostNote({ of }: { of: Cost }): VNode | null {
  return of.atMost > 0 ? (
    <p class="muted small">
      {of.expected !== undefined && 'That is one call each, at the average price of today. '}
      At most {money(of.atMost)}, if every attempt makes a call, and each is as dear as one can be.
      What the cache has costs nothing.
    </p>
  ) : null;
}

/** Counts down, and then does it, unless it is taken from the page before. */
function Countdown({ action, start }: { action: string; start: () => void }): VNode {
  const [left, setLeft] = useState(secondsOfGrace);
  useEffect(() => {
    const end = Date.now() + secondsOfGrace * 1000;
    const timer = setInterval(() => {
      const rest = Math.ceil((end - Date.now()) / 1000);
      setLeft(rest);
      if (rest <= 0) {
        clearInterval(timer);
        start();
      }
    }, 200);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="stack">
      <p class="countdown" role="timer" aria-label="Seconds until it begins">
        {Math.max(0, left)}
      </p>
      <p role="status">
        {action} begins in {plural(secondsOfGrace, 'second')}. Until then it can be undone.
      </p>
    </div>
  );
}

function Rate({ text, change }: { text: string; change: (text: string) => void }): VNode {
  return (
    <label class="field">
      <span>Jobs a minute</span>
      <input
        type="number"
        inputMode="numeric"
        min={1}
        max={highestRate}
        value={text}
        placeholder="as fast as it goes"
        onInput={(event) => change(event.currentTarget.value)}
      />
    </label>
  );
}

const isRate = (text: string): boolean =>
  text === '' || (/^\d+$/.test(text) && Number(text) >= 1 && Number(text) <= highestRate);

function Preview({ of }: { of: BulkPreview }): VNode {
  return (
    <>
      <ul class="preview-counts">
        {Object.entries(of.byStatus).map(([status, number]) => (
          <li key={status}>
            <b>{count(number)}</b> {status}
          </li>
        ))}
      </ul>
      {of.samples.length > 0 && (
        <ul class="samples" aria-label="Some of them">
          {of.samples.map((job) => (
            <li key={job.id}>
              <JobLink id={job.id} /> <UserName id={job.userId} link={false} />
              <span class="muted sample-text">
                {job.errorClass} {job.errorMessage}
              </span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Progress({ of }: { of: Operation }): VNode {
  return (
    <div class="stack" role="status">
      <Meter value={of.done + of.refused} max={of.total} label="Jobs that are dealt with" />
      <p>
        {count(of.done)} of {count(of.total)} {verbs[of.action][1]}
        {of.refused > 0 && (
          <span class="muted">
            , {count(of.refused)} refused{of.lastRefusal ? `: ${of.lastRefusal}` : ''}
          </span>
        )}
        {of.state === 'stopped' && ', then stopped'}
      </p>
    </div>
  );
}

export function BulkDialog({
  action,
  filter,
  about,
  onClose,
}: {
  action: BulkAction;
  filter: Filter;
  about: string;
  onClose: () => void;
}): VNode {
  const [verb, , consequence] = verbs[action];
  const [preview, setPreview] = useState<BulkPreview>();
  const [operation, setOperation] = useState<Operation>();
  const [error, setError] = useState('');
  const [typed, setTyped] = useState('');
  const [rate, setRate] = useState('');
  const [isCounting, setCounting] = useState(false);
  // What runs is what was previewed: the token is good for that filter alone.
  const [body] = useState(() => ({ action, filter: toBulkFilter(filter) }));

  const look = (): void => {
    setError('');
    send<BulkPreview>('POST', '/worker/jobs/bulk', { ...body, dryRun: true }).then(
      setPreview,
      (failure: unknown) =>
        setError(
          failure instanceof ApiError && (failure.status === 404 || failure.status === 405)
            ? 'This service cannot act on many jobs at once yet. Choose them in the list instead.'
            : explain(failure),
        ),
    );
  };
  useEffect(look, []);

  const isRunning = operation?.state === 'running';
  useEffect(() => {
    if (!isRunning || !operation) {
      return undefined;
    }
    const timer = setInterval(() => {
      get<Operation>(`/worker/operations/${operation.id}`).then(setOperation, (failure: unknown) =>
        setError(explain(failure)),
      );
    }, 700);
    return () => clearInterval(timer);
  }, [isRunning, operation?.id]);

  const run = (): void => {
    setError('');
    setCounting(false);
    const ratePerMinute = rate === '' ? undefined : Number(rate);
    send<Operation>('POST', '/worker/jobs/bulk', {
      ...body,
      token: preview?.token,
      ratePerMinute,
    }).then(setOperation, (failure: unknown) => setError(explain(failure)));
  };
  const stop = (): void => {
    if (operation) {
      send<Operation>('DELETE', `/worker/operations/${operation.id}`).then(
        (found) => found && setOperation(found),
        (failure: unknown) => setError(explain(failure)),
      );
    }
  };
  const asksNumber = action === 'drop' && (preview?.count ?? 0) >= typedFrom;
  const isConfirmed = !asksNumber || typed === String(preview?.count);
  const number = preview ? `${count(preview.count)}${preview.isComplete ? '' : ' or more'}` : '';
  const footer = operation ? (
    isRunning ? (
      <button type="button" class="button is-danger" onClick={stop}>
        Stop
      </button>
    ) : (
      <button type="button" class="button is-primary" onClick={onClose}>
        Done
      </button>
    )
  ) : isCounting ? (
    <>
      <button type="button" class="button" onClick={run}>
        Start now
      </button>
      <button type="button" class="button is-primary" onClick={() => setCounting(false)}>
        Undo
      </button>
    </>
  ) : (
    <>
      <button type="button" class="button" onClick={onClose}>
        Leave them
      </button>
      <button
        type="button"
        class={`button ${action === 'retry' ? 'is-primary' : 'is-danger'}`}
        onClick={() => setCounting(true)}
        disabled={!preview || preview.count === 0 || !isConfirmed || !isRate(rate)}
      >
        {verb} {number}
        {preview?.cost && priceOf(preview.cost)}
      </button>
    </>
  );
  return (
    <Dialog
      title={`${verb} ${preview ? plural(preview.count, 'job') : 'jobs'}`}
      onClose={onClose}
      footer={footer}
    >
      {error && <Failure text={error} />}
      {operation ? (
        <Progress of={operation} />
      ) : isCounting ? (
        <Countdown action={`${verb} ${number}`} start={run} />
      ) : (
        <>
          <p class="muted">
            All that match <code>{about || 'everything'}</code>, as of now. {consequence}
          </p>
          {!preview && !error && (
            <div class="skeleton" role="status" aria-label="Counting">
              <i />
              <i />
            </div>
          )}
          {preview && <Preview of={preview} />}
          {preview?.cost && <CostNote of={preview.cost} />}
          {preview && preview.count > 1 && <Rate text={rate} change={setRate} />}
          {asksNumber && (
            <label class="field">
              <span>Type {preview?.count} to drop them</span>
              <input
                inputMode="numeric"
                value={typed}
                onInput={(event) => setTyped(event.currentTarget.value)}
              />
            </label>
          )}
        </>
      )}
    </Dialog>
  );
}
