// SPDX-License-Identifier: MIT
import { ListChecks, Wand } from 'lucide-preact';
import type { VNode } from 'preact';
import { useLocation } from 'preact-iso/router';
import { count, duration, money, percent } from '../lib/format';
import { useOverview } from '../lib/overview';
import { useResource } from '../lib/resource';
import { may } from '../lib/session';
import type { Health, Overview } from '../lib/types';
import { Empty, Figure, Loaded, PageHead, Panel } from '../ui/panel';
import { Attention } from './now_attention';
import { ProviderPanel, TypesPanel, WorkersStrip } from './now_panels';
import { Plots, rate } from './now_plots';

const windows: [string, number][] = [
  ['5 min', 300],
  ['15 min', 900],
  ['1 h', 3600],
  ['6 h', 21_600],
  ['24 h', 86_400],
];

function Figures({ of, window }: { of: Overview; window: number }): VNode {
  const jobs = of.queue?.jobs;
  const series = of.series;
  const minutes = Math.max(1, Math.min(window, 300) / 60);
  const recent = series
    ? series.completed
        .slice(-minutes * (60 / (of.step ?? 1)))
        .reduce<number>((sum, each) => sum + (each ?? 0), 0)
    : null;
  const ended = (jobs?.['completed'] ?? 0) + (jobs?.['failed'] ?? 0);
  const measured = of.stages?.['total'];
  const total = measured?.count ? measured : undefined;
  return (
    <div class="figures">
      <Figure
        name="Waiting"
        value={count(jobs?.['pending'])}
        hint={`oldest ${duration((of.queue?.queueAge ?? 0) * 1000)}`}
        href="/ui/jobs?q=status:pending"
      />
      <Figure
        name="Scheduled"
        value={count(jobs?.['scheduled'])}
        hint="for later, or a retry"
        href="/ui/jobs?q=status:scheduled"
      />
      <Figure
        name="Running"
        value={count(jobs?.['processing'])}
        hint={`${count(of.workers?.busy)} of ${count(of.workers?.total)} workers`}
        href="/ui/jobs?q=status:processing"
      />
      <Figure
        name="Completed"
        value={count(jobs?.['completed'])}
        hint={recent === null ? 'kept jobs' : `${rate(recent / minutes)} a minute`}
        href="/ui/jobs?q=status:completed"
      />
      <Figure
        name="Dead letters"
        value={count(jobs?.['failed'])}
        tone={jobs?.['failed'] ? 'bad' : ''}
        hint={`${percent(ended > 0 ? (jobs?.['completed'] ?? 0) / ended : null)} succeed`}
        href="/ui/dead"
      />
      <Figure
        name="Typical time"
        value={duration(total?.p50 ?? null)}
        hint={`9 of 10 within ${duration(total?.p90 ?? null)}`}
      />
      <Figure
        name="Spent today"
        value={money(of.costs?.total)}
        hint={of.costs?.budgetPerDay ? `of ${money(of.costs.budgetPerDay)}` : 'no budget set'}
        href="/ui/costs"
      />
    </div>
  );
}

function FirstRun(): VNode {
  return (
    <Panel title="No job yet">
      <Empty icon={<Wand size={24} />} title="Put a garment on a person">
        <p>Two sample pictures are here already, and it costs one call to the provider.</p>
        <div class="page-actions">
          <a class="button is-primary" href="/ui/try">
            Try it
          </a>
        </div>
        <pre class="curl">{`curl -sS ${location.origin}/worker/jobs -H 'Content-Type: application/json' -d '{\n  "type": "image_conversion", "conversionId": "c-1", "userId": "u-1",\n  "payload": {"userImageId": "PERSON", "clothImageId": "GARMENT"}}'`}</pre>
      </Empty>
    </Panel>
  );
}

/** Totals are not for keys that name users. */
function OwnUsers(): VNode {
  return (
    <Panel title="This key is for some users">
      <Empty icon={<ListChecks size={24} />} title="Their jobs are on the page Jobs">
        How the whole service does is for keys that are for all users.
        <div class="page-actions">
          <a class="button is-primary" href="/ui/jobs">
            Jobs
          </a>
        </div>
      </Empty>
    </Panel>
  );
}

export function NowPage(): VNode {
  const { query, route } = useLocation();
  const window = windows.find(([name]) => name.replace(' ', '') === query['window'])?.[1] ?? 900;
  const overview = useOverview(window);
  const health = useResource<Health>('/health', { every: 10_000 });
  return (
    <>
      <PageHead title="Now">
        <div class="segmented" role="group" aria-label="Time that is shown">
          {windows.map(([name, length]) => (
            <button
              key={name}
              type="button"
              aria-pressed={length === window}
              onClick={() => route(`/ui/now?window=${name.replace(' ', '')}`)}
            >
              {name}
            </button>
          ))}
        </div>
      </PageHead>
      <Attention overview={overview.data} health={health.data} reload={overview.reload} />
      <Loaded
        from={overview}
        lines={6}
        missing="This service has no overview yet: it is older than this page."
        render={(of) => (
          <>
            {of.queue?.jobs && <Figures of={of} window={window} />}
            {of.queue?.jobs?.['total'] === 0 && may('submitter') && <FirstRun />}
            {of.series && of.queue?.jobs?.['total'] !== 0 && (
              <Panel
                title="Over time"
                hint={`the last ${windows.find(([, length]) => length === window)?.[0]}`}
              >
                <Plots series={of.series} span={window} step={of.step ?? 1} />
              </Panel>
            )}
            {of.scope === 'users' ? (
              <OwnUsers />
            ) : (
              <div class="grid">
                <div class="span-6 stack">
                  <ProviderPanel of={of} />
                </div>
                <div class="span-6 stack">
                  {of.queue?.types && <TypesPanel of={of.queue} reload={overview.reload} />}
                  <WorkersStrip />
                </div>
              </div>
            )}
          </>
        )}
      />
    </>
  );
}
