// SPDX-License-Identifier: MIT
import { CircleX, FastForward, RotateCcw, Wand } from 'lucide-preact';
import type { ComponentChildren, VNode } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation, useRoute } from 'preact-iso/router';
import { ApiError, explain, send } from '../lib/api';
import { now } from '../lib/clock';
import { bytes, duration, local, money, plural, priorityName, words } from '../lib/format';
import { costOf, mayBePaidTwice, picturesOf, reasonOf, tookOf } from '../lib/jobs';
import { onJob } from '../lib/live';
import { useResource } from '../lib/resource';
import { may, seesAll } from '../lib/session';
import type { Job, Waiting } from '../lib/types';
import { Compare } from '../ui/compare';
import { CopyButton } from '../ui/copy';
import { Empty, Failure, Meter, PageHead, Panel, Time, UserName } from '../ui/panel';
import { Status } from '../ui/status';
import { attempt } from '../ui/toast';
import { Attempts } from './job_attempts';

/** Options as the form of "Try it" takes them. */
function rerunUrl(job: Job): string {
  const { person, garment } = picturesOf(job);
  const options = Object.fromEntries(Object.entries(job.payload.options ?? {}).map(([name, value]) => [name, String(value)]));
  return `/ui/try?${new URLSearchParams({ person: person ?? '', garment: garment ?? '', user: job.userId, ...options }).toString()}`;
}

function Actions({ job, reload }: { job: Job; reload: () => void }): VNode | null {
  if (!may('submitter')) {
    return null;
  }
  const act = async (method: string, path: string, done: string): Promise<void> => {
    await attempt(() => send(method, path), done);
    reload();
  };
  const isWaiting = job.status === 'pending' || job.status === 'scheduled';
  return (
    <>
      {isWaiting && (
        <button type="button" class="button" onClick={() => void act('POST', `/worker/jobs/${job.id}/process`, 'It is next')}>
          <FastForward size={16} aria-hidden="true" /> Make it next
        </button>
      )}
      {job.status === 'failed' && (
        <button type="button" class="button is-primary" onClick={() => void act('POST', `/worker/jobs/${job.id}/retry`, 'It is tried again')}>
          <RotateCcw size={16} aria-hidden="true" /> Retry
        </button>
      )}
      {(isWaiting || job.status === 'processing') && (
        <button type="button" class="button is-danger" onClick={() => void act('DELETE', `/worker/jobs/${job.id}`, 'It is cancelled')}>
          <CircleX size={16} aria-hidden="true" /> Cancel
        </button>
      )}
      {job.type === 'image_conversion' && (
        <a class="button" href={rerunUrl(job)}><Wand size={16} aria-hidden="true" /> Run again</a>
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
        <p class="waiting-reason">{reasonOf(waiting).replace(/^./, (first) => first.toUpperCase())}</p>
        <dl class="facts">
          {waiting.until && <><dt>Until</dt><dd><Time at={waiting.until} /> <span class="muted">{local(waiting.until)}</span></dd></>}
          {waiting.aheadAtMost !== undefined && <><dt>Before it</dt><dd>{plural(waiting.aheadAtMost, 'job')} at most</dd></>}
          {estimate && <><dt>Starts</dt><dd>{Date.parse(estimate.from) > now.value && <><Time at={estimate.from} /> at the earliest, </>}<Time at={estimate.to} /> at the latest</dd></>}
          {help[waiting.reason] && <><dt>What would help</dt><dd>{help[waiting.reason]}</dd></>}
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
      {job.next && <p class="next-step">{job.next.why.replace(/^./, (first) => first.toUpperCase())}{job.next.at && <>: <Time at={job.next.at} /></>}.</p>}
      {!job.next && job.status === 'failed' && (
        <p class="next-step muted">{job.error.retryable ? 'All its attempts are used up.' : 'Errors of this class are not tried again by themselves.'}</p>
      )}
    </Panel>
  );
}

function Facts({ job }: { job: Job }): VNode {
  const rows: [string, ComponentChildren][] = [
    ['User', <UserName id={job.userId} />],
    ['Conversion', job.conversionId && <a href={`/ui/jobs?q=${encodeURIComponent(`conversion:${job.conversionId}`)}`}><bdi>{job.conversionId}</bdi></a>],
    ['Type', words(job.type)],
    ['Priority', `${priorityName(job.priority)} (${job.priority})`],
    ['Submitted', <><Time at={job.createdAt} /> <span class="muted">{local(job.createdAt)}</span></>],
    ['Due', job.dueAt && <Time at={job.dueAt} />],
    ['Ended', job.completedAt && <><Time at={job.completedAt} /> <span class="muted">{local(job.completedAt)}</span></>],
    ['Took', tookOf(job) !== null && duration(tookOf(job))],
    ['Worker', job.workerId],
    ['Cost', job.result?.cached ? `${money(0)}, from the cache` : costOf(job) !== null && money(costOf(job))],
    ['Retries', `${job.retryCount} of ${job.maxRetries}`],
    ['Interrupted', job.interruptions > 0 && plural(job.interruptions, 'time')],
    ['Lost its worker', job.crashes > 0 && plural(job.crashes, 'time')],
    ['Result', job.result && `${job.result.width} × ${job.result.height}, ${bytes(job.result.bytes)}, ${job.result.mimeType}`],
    ['Model', job.result?.modelVersion],
  ];
  const options = Object.entries(job.payload.options ?? {});
  return (
    <Panel title="Details">
      <dl class="facts">
        {rows.filter(([, value]) => value).map(([name, value]) => <><dt>{name}</dt><dd>{value}</dd></>)}
        {options.map(([name, value]) => <><dt>{words(name)}</dt><dd>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd></>)}
      </dl>
    </Panel>
  );
}

function Calls({ job }: { job: Job }): VNode | null {
  if (job.providerCalls.length === 0) {
    return null;
  }
  const tones: Record<string, string> = { ambiguous: 'tone-warn', aborted: 'tone-warn' };
  return (
    <Panel title="Provider calls" class="is-flush" hint={mayBePaidTwice(job) ? <span class="tag tone-warn">may be paid twice</span> : undefined}>
      <div class="table-wrap" tabIndex={0} role="group" aria-label="Provider calls">
        <table>
          <thead><tr><th>Attempt</th><th>State</th><th>Outcome</th><th class="number">Took</th><th class="number">Tokens</th><th class="number">Cost</th></tr></thead>
          <tbody>
            {job.providerCalls.map((call, i) => (
              <tr key={i}>
                <td>{call.attempt}</td>
                <td><span class={`tag ${tones[call.state] ?? ''}`}>{call.state}</span></td>
                <td>{call.outcome ?? <span class="muted">{call.state === 'open' ? 'not answered yet' : 'unknown, it may be billed'}</span>}</td>
                <td class="number">{call.openedAt && duration((call.closedAt ? Date.parse(call.closedAt) : now.value) - Date.parse(call.openedAt))}</td>
                <td class="number">{call.tokens?.toLocaleString('en')}</td>
                <td class="number">{money(call.cost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function Raw({ job }: { job: Job }): VNode {
  const path = `/worker/jobs/${job.id}`;
  const header = seesAll.value && !may('submitter') ? '' : " -H 'Authorization: Bearer KEY'";
  return (
    <Panel title="Copy and raw" actions={
      <>
        <CopyButton label="Link" text={() => location.href} />
        <CopyButton label="curl" text={() => `curl -sS${header} ${location.origin}${path}`} />
        <CopyButton label="JSON" text={() => JSON.stringify(job, null, 2)} />
      </>
    }>
      <details class="raw">
        <summary>The job as the API shows it</summary>
        <pre tabIndex={0}>{JSON.stringify(job, null, 2)}</pre>
      </details>
    </Panel>
  );
}

function Shown({ job, reload }: { job: Job; reload: () => void }): VNode {
  const { person, garment, result } = picturesOf(job);
  return (
    <>
      <PageHead
        title={<>Job <span class="mono job-id">{job.id}</span></>}
        about={<><Status of={job.status} /> <span>for <UserName id={job.userId} /></span>{job.suspect && <span class="tag tone-warn">suspect, runs alone</span>}</>}
      >
        <Actions job={job} reload={reload} />
      </PageHead>
      <div class="grid">
        <div class="span-7 stack">
          <Panel title="Pictures"><Compare person={person} garment={garment} result={result} /></Panel>
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
  const found = useResource<Job>(`/worker/jobs/${encodeURIComponent(id)}`, { every: seesAll.value ? 30_000 : 3000 });
  const { reload, change } = found;
  useEffect(() => onJob((event) => {
    if (event.jobId === id) {
      change((before) => ({ ...before, status: event.status, progress: event.progress }));
      reload();
    }
  }), [id, reload, change]);

  // Why a job waits changes with other jobs, of which there is no event here.
  const waits = found.data?.status === 'pending' || found.data?.status === 'scheduled';
  useEffect(() => {
    const timer = waits ? setInterval(reload, 2000) : undefined;
    return () => clearInterval(timer);
  }, [waits, reload]);

  const { data, error } = found;
  if (data) {
    return <>{error && <Failure text={explain(error)} retry={reload} age={found.at} />}<Shown job={data} reload={reload} /></>;
  }
  if (error instanceof ApiError && error.status === 404) {
    return (
      <Empty title="There is no such job">
        It may have been removed when its time was over, or it belongs to a user whom this key does not see.
        <div class="page-actions"><button type="button" class="button" onClick={() => route('/ui/jobs')}>All jobs</button></div>
      </Empty>
    );
  }
  return error ? <Failure text={explain(error)} retry={reload} /> : <div class="skeleton" role="status" aria-label="Loading"><i /><i /><i /></div>;
}
