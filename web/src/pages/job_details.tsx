// SPDX-License-Identifier: MIT
import type { ComponentChildren, VNode } from 'preact';
import { now } from '../lib/clock';
import { quote } from '../lib/filter';
import { bytes, duration, local, money, plural, priorityName, words } from '../lib/format';
import { costOf, mayBePaidTwice, tookOf } from '../lib/jobs';
import { curlOf } from '../lib/session';
import type { Job } from '../lib/types';
import { CopyButton } from '../ui/copy';
import { JobLink, Panel, Time, UserName } from '../ui/panel';

export function Facts({ job }: { job: Job }): VNode {
  const rows: [string, ComponentChildren][] = [
    ['User', <UserName id={job.userId} />],
    [
      'Conversion',
      job.conversionId && (
        <a href={`/ui/jobs?q=${encodeURIComponent(`conversion:${quote(job.conversionId)}`)}`}>
          <bdi>{job.conversionId}</bdi>
        </a>
      ),
    ],
    [
      'Runs again',
      job.rerunOf && (
        <>
          job <JobLink id={job.rerunOf} />
        </>
      ),
    ],
    ['Type', words(job.type)],
    ['Priority', `${priorityName(job.priority)} (${job.priority})`],
    [
      'Submitted',
      <>
        <Time at={job.createdAt} /> <span class="muted">{local(job.createdAt)}</span>
      </>,
    ],
    ['Due', job.dueAt && <Time at={job.dueAt} />],
    [
      'Ended',
      job.completedAt && (
        <>
          <Time at={job.completedAt} /> <span class="muted">{local(job.completedAt)}</span>
        </>
      ),
    ],
    ['Took', tookOf(job) !== null && duration(tookOf(job))],
    ['Worker', job.workerId],
    [
      'Cost',
      job.result?.cached
        ? `${money(0)}, from the cache`
        : costOf(job) !== null && money(costOf(job)),
    ],
    ['Retries', `${job.retryCount} of ${job.maxRetries}`],
    ['Interrupted', job.interruptions > 0 && plural(job.interruptions, 'time')],
    ['Lost its worker', job.crashes > 0 && plural(job.crashes, 'time')],
    [
      'Result',
      job.result &&
        `${job.result.width} × ${job.result.height}, ${bytes(job.result.bytes)}, ${job.result.mimeType}`,
    ],
    ['Model', job.result?.modelVersion],
  ];
  const options = Object.entries(job.payload.options ?? {});
  return (
    <Panel title="Details">
      <dl class="facts">
        {rows
          .filter(([, value]) => value)
          .map(([name, value]) => (
            <>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </>
          ))}
        {options.map(([name, value]) => (
          <>
            <dt>{words(name)}</dt>
            <dd>{typeof value === 'object' ? JSON.stringify(value) : String(value)}</dd>
          </>
        ))}
      </dl>
    </Panel>
  );
}

export function Calls({ job }: { job: Job }): VNode | null {
  if (job.providerCalls.length === 0) {
    return null;
  }
  const tones: Record<string, string> = { ambiguous: 'tone-warn', aborted: 'tone-warn' };
  return (
    <Panel
      title="Provider calls"
      class="is-flush"
      hint={mayBePaidTwice(job) ? <span class="tag tone-warn">may be paid twice</span> : undefined}
    >
      <div class="table-wrap" tabIndex={0} role="group" aria-label="Provider calls">
        <table>
          <thead>
            <tr>
              <th>Attempt</th>
              <th>State</th>
              <th>Outcome</th>
              <th class="number">Took</th>
              <th class="number wide-only">Tokens</th>
              <th class="number">Cost</th>
            </tr>
          </thead>
          <tbody>
            {job.providerCalls.map((call, i) => (
              <tr key={i}>
                <td>{call.attempt}</td>
                <td>
                  <span class={`tag ${tones[call.state] ?? ''}`}>{call.state}</span>
                </td>
                <td>
                  {call.outcome ?? (
                    <span class="muted">
                      {call.state === 'open' ? 'not answered yet' : 'unknown, it may be billed'}
                    </span>
                  )}
                </td>
                <td class="number">
                  {call.openedAt &&
                    duration(
                      (call.closedAt ? Date.parse(call.closedAt) : now.value) -
                        Date.parse(call.openedAt),
                    )}
                </td>
                <td class="number wide-only">{call.tokens?.toLocaleString('en')}</td>
                <td class="number">{money(call.cost)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

export function Raw({ job }: { job: Job }): VNode {
  return (
    <Panel
      title="Copy and raw"
      actions={
        <>
          <CopyButton label="Link" text={() => location.href} />
          <CopyButton label="curl" text={() => curlOf(`/worker/jobs/${job.id}`)} />
          <CopyButton label="JSON" text={() => JSON.stringify(job, null, 2)} />
        </>
      }
    >
      <details class="raw">
        <summary>The job as the API shows it</summary>
        <pre tabIndex={0}>{JSON.stringify(job, null, 2)}</pre>
      </details>
    </Panel>
  );
}
