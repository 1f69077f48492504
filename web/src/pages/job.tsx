// SPDX-License-Identifier: MIT
import { CircleX, FastForward, RefreshCw, RotateCcw, Wand } from 'lucide-preact';
import type { VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import { ApiError, explain, send } from '../lib/api';
import { now } from '../lib/clock';
import { local, plural } from '../lib/format';
import { picturesOf, reasonOf } from '../lib/jobs';
import { listWith } from '../lib/kept_lists';
import { onJob } from '../lib/live';
import { useResource } from '../lib/resource';
import { may, seesAll } from '../lib/session';
import { finalStatuses, type Job, type Waiting } from '../lib/types';
import { Compare } from '../ui/compare';
import { Empty, Failure, Meter, PageHead, Panel, Time, UserName } from '../ui/panel';
import { Status } from '../ui/status';
import { attempt, say } from '../ui/toast';
import { Walk } from '../ui/walk';
import { Attempts } from './job_attempts';
import { Calls, Facts, Raw } from './job_details';

/** Options as the form of "Try it" takes them. */
function rerunUrl(job: Job): string {
  const { person, garment } = picturesOf(job);
  const options = Object.fromEntries(
    Object.entries(job.payload.options ?? {}).map(([name, value]) => [name, String(value)]),
  );
  const query = new URLSearchParams({
    person: person ?? '',
    garment: garment ?? '',
    user: job.userId,
    ...options,
  });
  return `/ui/try?${query.toString()}`;
}

function Actions({ job, reload }: { job: Job; reload: () => void }): VNode | null {
  const { route } = useLocation();
  if (!may('submitter')) {
    return null;
  }
  const act = async (method: string, path: string, done: string): Promise<void> => {
    await attempt(() => send(method, path), done);
    reload();
  };
  const runAgain = async (): Promise<void> => {
    try {
      const made = await send<Job>('POST', `/worker/jobs/${job.id}/rerun`);
      say('It runs again, as this new job');
      route(`/ui/jobs/${made.id}`);
    } catch (error) {
      say(explain(error), true);
    }
  };
  const isWaiting = job.status === 'pending' || job.status === 'scheduled';
  return (
    <>
      {isWaiting && (
        <button
          type="button"
          class="button"
          onClick={() => void act('POST', `/worker/jobs/${job.id}/process`, 'It is next')}
        >
          <FastForward size={16} aria-hidden="true" /> Make it next
        </button>
      )}
      {job.status === 'failed' && (
        <button
          type="button"
          class="button is-primary"
          onClick={() => void act('POST', `/worker/jobs/${job.id}/retry`, 'It is tried again')}
        >
          <RotateCcw size={16} aria-hidden="true" /> Retry
        </button>
      )}
      {(isWaiting || job.status === 'processing') && (
        <button
          type="button"
          class="button is-danger"
          onClick={() => void act('DELETE', `/worker/jobs/${job.id}`, 'It is cancelled')}
        >
          <CircleX size={16} aria-hidden="true" /> Cancel
        </button>
      )}
      {finalStatuses.includes(job.status) && (
        <button type="button" class="button" onClick={() => void runAgain()}>
          <RefreshCw size={16} aria-hidden="true" /> Run again
        </button>
      )}
      {job.type === 'image_conversion' && (
        <a class="button" href={rerunUrl(job)}>
          <Wand size={16} aria-hidden="true" /> Change and run
        </a>
      )}
    </>
  );
}

const help: Record<string, string> = {
  stopped: 'An admin starts the service on the page Now.',
  paused: 'An admin resumes the type on the page Now.',
  budget: 'A larger budget would help (GEMINI_BUDGET_PER_DAY).',
  user_budget: 'A larger budget for each user would help (GEMINI_BUDGET_PER_USER).',
  quota: 'More workers would gain nothing: the provider takes no more calls.',
  no_worker: 'A worker has to join.',
  behind: 'Make it next, or add workers where the provider has room.',
};

function WaitingPanel({ waiting }: { waiting: Waiting }): VNode {
  const { estimatedStartAt: estimate } = waiting;
  return (
    <Panel title="Why it waits">
      <div class="waiting">
        <p class="waiting-reason">
          {reasonOf(waiting).replace(/^./, (first) => first.toUpperCase())}
        </p>
        <dl class="facts">
          {waiting.pause?.reason && (
            <>
              <dt>Reason</dt>
              <dd>{waiting.pause.reason}</dd>
            </>
          )}
          {waiting.pause?.by && (
            <>
              <dt>Paused by</dt>
              <dd>
                {waiting.pause.by}
                {waiting.pause.since && (
                  <>
                    , <Time at={waiting.pause.since} />
                  </>
                )}
              </dd>
            </>
          )}
          {waiting.until && (
            <>
              <dt>Until</dt>
              <dd>
                <Time at={waiting.until} /> <span class="muted">{local(waiting.until)}</span>
              </dd>
            </>
          )}
          {waiting.aheadAtMost !== undefined && (
            <>
              <dt>Before it</dt>
              <dd>{plural(waiting.aheadAtMost, 'job')} at most</dd>
            </>
          )}
          {estimate && (
            <>
              <dt>Starts</dt>
              <dd>
                {Date.parse(estimate.from) > now.value && (
                  <>
                    <Time at={estimate.from} /> at the earliest,{' '}
                  </>
                )}
                <Time at={estimate.to} /> at the latest
              </dd>
            </>
          )}
          {help[waiting.reason] && (
            <>
              <dt>What would help</dt>
              <dd>{help[waiting.reason]}</dd>
            </>
          )}
        </dl>
      </div>
    </Panel>
  );
}

function ProgressPanel({ job }: { job: Job }): VNode {
  return (
    <Panel title="Running" hint={`${job.progress.stage}, on ${job.workerId ?? 'a worker'}`}>
      <Meter value={job.progress.percent} max={100} label={`Progress: ${job.progress.stage}`} />
    </Panel>
  );
}

function ErrorPanel({ job }: { job: Job }): VNode | null {
  if (!job.error || job.status === 'completed') {
    return null;
  }
  return (
    <Panel title={job.status === 'cancelled' ? 'Cancelled' : 'Last error'}>
      <div class="job-error">
        <span class="tag tone-bad">{job.error.class}</span>
        <p class="error-text">{job.error.message}</p>
      </div>
      {job.next && (
        <p class="next-step">
          {job.next.why.replace(/^./, (first) => first.toUpperCase())}
          {job.next.at && (
            <>
              : <Time at={job.next.at} />
            </>
          )}
          .
        </p>
      )}
      {!job.next && job.status === 'failed' && (
        <p class="next-step muted">
          {job.error.retryable
            ? 'All its attempts are used up.'
            : 'Errors of this class are not tried again by themselves.'}
        </p>
      )}
    </Panel>
  );
}

function Shown({ job, reload }: { job: Job; reload: () => void }): VNode {
  const { person, garment, result } = picturesOf(job);
  return (
    <>
      <PageHead
        title={
          <>
            Job <span class="mono job-id">{job.id}</span>
          </>
        }
        about={
          <>
            <Status of={job.status} />{' '}
            <span>
              for <UserName id={job.userId} />
            </span>
            {job.suspect && <span class="tag tone-warn">suspect, runs alone</span>}
          </>
        }
      >
        <Walk id={job.id} />
        <Actions job={job} reload={reload} />
      </PageHead>
      <div class="grid">
        <div class="span-7 stack">
          <Panel title="Pictures">
            <Compare person={person} garment={garment} result={result} />
          </Panel>
        </div>
        <div class="span-5 stack">
          {job.status === 'processing' && <ProgressPanel job={job} />}
          {job.waiting && <WaitingPanel waiting={job.waiting} />}
          <ErrorPanel job={job} />
          <Facts job={job} />
        </div>
      </div>
      <Attempts job={job} />
      <Calls job={job} />
      <Raw job={job} />
    </>
  );
}

export function JobPage(): VNode {
  const { params } = useRoute();
  const { route } = useLocation();
  const id = params['id'] ?? '';
  const found = useResource<Job>(`/worker/jobs/${encodeURIComponent(id)}`, {
    every: seesAll.value ? 30_000 : 3000,
  });
  const { reload, change } = found;
  useEffect(
    () =>
      onJob((event) => {
        if (event.jobId === id) {
          change((before) => ({ ...before, status: event.status, progress: event.progress }));
          reload();
        }
      }),
    [id, reload, change],
  );

  // Why a job waits changes with other jobs, of which there is no event here.
  const waits = found.data?.status === 'pending' || found.data?.status === 'scheduled';
  useEffect(() => {
    const timer = waits ? setInterval(reload, 2000) : undefined;
    return () => clearInterval(timer);
  }, [waits, reload]);

  const { error } = found;
  // What the list has of it stands here until it is loaded.
  const data = found.data ?? listWith(id)?.jobs.find((job) => job.id === id);
  if (data) {
    return (
      <>
        {error && <Failure text={explain(error)} retry={reload} age={found.at || null} />}
        <Shown job={data} reload={reload} />
      </>
    );
  }
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Empty title="There is no such job">
        It may have been removed when its time was over, or it belongs to a user whom this key does
        not see.
        <div class="page-actions">
          <button type="button" class="button" onClick={() => route('/ui/jobs')}>
            All jobs
          </button>
        </div>
      </Empty>
    );
  }
  return error ? (
    <Failure text={explain(error)} retry={reload} />
  ) : (
    <div class="skeleton" role="status" aria-label="Loading">
      <i />
      <i />
      <i />
    </div>
  );
}
