// SPDX-License-Identifier: MIT
// What needs a person, the worst first, each with what to do about it.

import { CircleCheck, TriangleAlert } from 'lucide-preact';
import type { ComponentChildren, VNode } from 'preact';
import { send } from '../lib/api';
import { clock, count, plural, words } from '../lib/format';
import { may } from '../lib/session';
import type { Health, Overview } from '../lib/types';
import { Time } from '../ui/panel';
import { PauseNote, ResumeButton } from '../ui/pause';
import { attempt } from '../ui/toast';

interface Matter {
  tone: 'bad' | 'warn';
  text: ComponentChildren;
  action?: ComponentChildren;
}

function aboutQueue(of: Overview, reload: () => void): Matter[] {
  const found: Matter[] = [];
  const start = may('admin') && (
    <button
      type="button"
      class="button small"
      onClick={() =>
        void attempt(() => send('POST', '/worker/start'), 'Jobs are started again').then(reload)
      }
    >
      Start
    </button>
  );
  const { queue } = of;
  if (!queue) {
    return [{ tone: 'bad', text: 'The queue is being restarted: no job is taken or started.' }];
  }
  if (queue.state !== 'running') {
    found.push({
      tone: 'bad',
      text: `The service is ${queue.state}: no job is started.`,
      action: start,
    });
  }
  if (of.workers?.total === 0 && queue.state === 'running') {
    found.push({
      tone: 'bad',
      text: 'No worker has joined: jobs are taken, but none is done.',
      action: (
        <a class="button small" href="/ui/workers">
          Workers
        </a>
      ),
    });
  }
  // A coordinator of an earlier version names the types alone.
  for (const pause of queue.pauses ?? queue.pausedTypes.map((type) => ({ type }))) {
    found.push({
      tone: 'warn',
      text: (
        <>
          Jobs of type {words(pause.type)} are paused
          <PauseNote of={pause} />
        </>
      ),
      action: may('admin') && <ResumeButton type={pause.type} reload={reload} />,
    });
  }
  if (queue.jobs?.['failed']) {
    found.push({
      tone: 'warn',
      text: `${plural(queue.jobs['failed'], 'job has', 'jobs have')} failed for good.`,
      action: (
        <a class="button small" href="/ui/dead">
          Dead letters
        </a>
      ),
    });
  }
  return found;
}

function aboutProvider({ provider, costs }: Overview): Matter[] {
  const found: Matter[] = [];
  if (provider?.breaker === 'half_open') {
    found.push({
      tone: 'warn',
      text: `The provider has failed: the circuit breaker is half open, and the next call tells. ${provider.closedReason ?? ''}`,
    });
  } else if (provider && provider.breaker !== 'closed') {
    found.push({
      tone: 'bad',
      text: (
        <>
          The provider fails: the circuit breaker is {words(provider.breaker)}.{' '}
          {provider.closedReason}
        </>
      ),
    });
  } else if (provider?.closedUntil) {
    found.push({
      tone: 'warn',
      text: (
        <>
          The provider takes no calls; it is asked again <Time at={provider.closedUntil} />.{' '}
          {provider.closedReason}
        </>
      ),
    });
  }
  if (costs?.budgetPerDay && costs.total + costs.reserved >= costs.budgetPerDay) {
    found.push({
      tone: 'bad',
      text: `Today's budget is used up${costs.resetsAt ? ` until ${clock(costs.resetsAt)}` : ''}.`,
      action: (
        <a class="button small" href="/ui/costs">
          Money
        </a>
      ),
    });
  } else if (costs?.usedUpAt && costs.resetsAt && costs.usedUpAt < costs.resetsAt) {
    found.push({
      tone: 'warn',
      text: `At the rate of the last hour today's budget is used up at ${clock(costs.usedUpAt)}.`,
      action: (
        <a class="button small" href="/ui/costs">
          Money
        </a>
      ),
    });
  }
  return found;
}

function aboutHealth(health: Health, { provider }: Overview): Matter[] {
  // What aboutProvider tells is not told again.
  const isTold = provider && (provider.breaker !== 'closed' || provider.closedUntil);
  return Object.entries(health.checks)
    .filter(([name]) => name !== 'gemini' || !isTold)
    .filter(([, check]) => check.status === 'unhealthy' || check.status === 'degraded')
    .map(([name, check]) => ({
      tone: check.status === 'degraded' ? 'warn' : 'bad',
      text: (
        <>
          <b>{words(name)}</b> is {check.status}
          {check.message ? `: ${check.message}` : '.'}
        </>
      ),
    }));
}

/** One sentence: what bounds the rate now, and what more of it would bring. */
function bottleneck({ queue, workers, provider }: Overview): string {
  const waiting = queue?.jobs?.['pending'] ?? 0;
  if (waiting === 0) {
    return 'Nothing waits.';
  }
  if (provider && (provider.callsInFlight ?? 0) >= (provider.maxInFlight ?? 1)) {
    const quota = provider.requestsPerMinute
      ? `: it gives ${count(provider.requestsPerMinute)} calls a minute`
      : '';
    return `${plural(waiting, 'job waits', 'jobs wait')} for the provider${quota}. More workers would gain nothing.`;
  }
  if (workers && workers.busy >= workers.total) {
    return `${plural(waiting, 'job waits', 'jobs wait')} for a worker: all ${count(workers.total)} are busy.`;
  }
  return `${plural(waiting, 'job waits', 'jobs wait')}.`;
}

export function Attention({
  overview,
  health,
  reload,
}: {
  overview: Overview | undefined;
  health: Health | undefined;
  reload: () => void;
}): VNode | null {
  if (!overview) {
    return null;
  }
  const matters = [
    ...aboutQueue(overview, reload),
    ...aboutProvider(overview),
    ...(health ? aboutHealth(health, overview) : []),
  ].sort((a, b) => a.tone.localeCompare(b.tone));
  return (
    <section class="attention" aria-label="Needs attention">
      {matters.length === 0 && (
        <div class="notice tone-good">
          <CircleCheck size={16} class="tone-good" aria-hidden="true" />
          <span>
            All is well. {overview.queue?.jobs && <span class="muted">{bottleneck(overview)}</span>}
          </span>
        </div>
      )}
      {matters.map(({ tone, text, action }, i) => (
        <div key={i} class={`notice tone-${tone}`}>
          <TriangleAlert size={16} class={`tone-${tone}`} aria-hidden="true" />
          <span>{text}</span>
          {action}
        </div>
      ))}
      {matters.length > 0 && (overview.queue?.jobs?.['pending'] ?? 0) > 0 && (
        <p class="muted small">{bottleneck(overview)}</p>
      )}
    </section>
  );
}
