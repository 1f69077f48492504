// SPDX-License-Identifier: MIT
import type { VNode } from 'preact';
import { useState } from 'preact/hooks';
import { clock, count, money, words } from '../lib/format';
import { useResource } from '../lib/resource';
import { may } from '../lib/session';
import type { Overview, WorkerSlot } from '../lib/types';
import { JobLink, Loaded, Meter, Panel, Time } from '../ui/panel';
import { PauseDialog, ResumeButton } from '../ui/pause';
import { Status } from '../ui/status';

export function ProviderPanel({ of }: { of: Overview }): VNode {
  const { provider, costs } = of;
  return (
    <Panel title="Provider" hint={provider?.model}>
      {!provider ? (
        <p class="muted">It is being restarted.</p>
      ) : (
        <dl class="facts">
          <dt>Circuit breaker</dt>
          <dd>
            <Status
              of={provider.breaker}
              label={
                provider.breaker === 'closed' ? 'closed, calls go through' : words(provider.breaker)
              }
              tone={provider.breaker === 'open' ? 'bad' : undefined}
            />
          </dd>
          {provider.closedUntil && (
            <>
              <dt>No calls until</dt>
              <dd>
                <Time at={provider.closedUntil} />{' '}
                <span class="muted">{provider.closedReason}</span>
              </dd>
            </>
          )}
          <dt>Calls in flight</dt>
          <dd>
            {count(provider.callsInFlight)}{' '}
            <span class="muted">
              of {count(provider.maxInFlight)} at a time, {count(provider.callsWaiting)} waiting
            </span>
            <Meter
              value={provider.callsInFlight ?? 0}
              max={provider.maxInFlight ?? 0}
              label="Calls in flight"
            />
          </dd>
          <dt>Quota found</dt>
          <dd>
            {provider.requestsPerMinute ? (
              `${count(provider.requestsPerMinute)} calls a minute`
            ) : (
              <span class="muted">none met so far</span>
            )}
          </dd>
          {costs?.budgetPerDay ? (
            <>
              <dt>Budget</dt>
              <dd>
                {money(costs.total + costs.reserved)}{' '}
                <span class="muted">
                  of {money(costs.budgetPerDay)}
                  {costs.usedUpAt ? `, used up at ${clock(costs.usedUpAt)}` : ''}
                </span>
                <Meter
                  value={costs.total + costs.reserved}
                  max={costs.budgetPerDay}
                  label="Today's budget"
                  isLimit
                />
              </dd>
            </>
          ) : null}
        </dl>
      )}
    </Panel>
  );
}

export function TypesPanel({
  of: { types = {}, pausedTypes },
  reload,
}: {
  of: NonNullable<Overview['queue']>;
  reload: () => void;
}): VNode {
  const [asked, setAsked] = useState<string>();
  return (
    <Panel title="Types" class="is-flush">
      <div class="table-wrap" tabIndex={0} role="group" aria-label="Jobs by type">
        <table>
          <thead>
            <tr>
              <th>Type</th>
              <th class="number">Completed</th>
              <th class="number">Failed</th>
              <th class="number">Cancelled</th>
              {may('admin') && (
                <th>
                  <span class="visually-hidden">Action</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {Object.entries(types).map(([type, ended]) => {
              const isPaused = (pausedTypes as string[]).includes(type);
              return (
                <tr key={type}>
                  <td>
                    <a class="quiet" href={`/ui/jobs?q=type:${type}`}>
                      {words(type)}
                    </a>{' '}
                    {isPaused && <span class="tag tone-warn">paused</span>}
                  </td>
                  <td class="number">{count(ended['completed'])}</td>
                  <td class="number">{count(ended['failed'])}</td>
                  <td class="number">{count(ended['cancelled'])}</td>
                  {may('admin') && (
                    <td class="number">
                      <span class="button-pair">
                        {isPaused && <ResumeButton type={type} reload={reload} />}
                        <button
                          type="button"
                          class="button small"
                          onClick={() => setAsked(type)}
                          aria-label={`${isPaused ? 'Change the pause of' : 'Pause'} ${words(type)}`}
                        >
                          {isPaused ? 'Change' : 'Pause'}
                        </button>
                      </span>
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {asked && <PauseDialog type={asked} reload={reload} onClose={() => setAsked(undefined)} />}
    </Panel>
  );
}

export function WorkersStrip(): VNode {
  const workers = useResource<{ workers: WorkerSlot[] }>('/worker/workers', {
    every: 10_000,
    onEvents: 2000,
  });
  return (
    <Panel
      title="Workers"
      actions={
        <a class="small" href="/ui/workers">
          All workers
        </a>
      }
    >
      <Loaded
        from={workers}
        render={({ workers: slots }) => (
          <ul class="slots">
            {slots.slice(0, 24).map((slot) => (
              <li key={slot.workerId} class={`slot is-${slot.status}`}>
                <span class="slot-name" title={slot.workerId}>
                  {slot.workerId}
                </span>
                {slot.currentJob ? (
                  <JobLink id={slot.currentJob} />
                ) : (
                  <span class="muted">idle</span>
                )}
              </li>
            ))}
            {slots.length > 24 && <li class="muted">and {count(slots.length - 24)} more</li>}
          </ul>
        )}
      />
    </Panel>
  );
}
