// SPDX-License-Identifier: MIT
import { ListChecks, Wand } from 'lucide-preact';
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { send } from '../lib/api';
import { clock, count, duration, money, none, percent, words } from '../lib/format';
import { sumBy, useOverview } from '../lib/overview';
import { useResource } from '../lib/resource';
import { may } from '../lib/session';
import type { Health, Overview, OverviewSeries, WorkerSlot } from '../lib/types';
import { Empty, Figure, JobLink, Loaded, Meter, PageHead, Panel, Time } from '../ui/panel';
import { Plot, type Series } from '../ui/plot';
import { Status } from '../ui/status';
import { attempt } from '../ui/toast';
import { Attention } from './now_attention';

const windows: [string, number][] = [['5 min', 300], ['15 min', 900], ['1 h', 3600], ['6 h', 21_600], ['24 h', 86_400]];
const failureColours = ['bad', 'warn', 'violet', 'teal', 'busy', 'muted'];

const milliseconds = (value: number | null): string => duration(value);
const seconds = (value: number | null): string => duration(value === null ? null : value * 1000);
const rate = (value: number | null): string => (value === null ? none : `${value < 10 && value % 1 ? value.toFixed(1) : count(value)}`);

/** Plots of what happened per step are drawn per minute, or per six seconds of a short window. */
function binWidth(window: number): number {
  return window <= 300 ? 6 : window <= 900 ? 15 : window <= 3600 ? 60 : window <= 21_600 ? 300 : 900;
}

function perMinute(series: OverviewSeries, name: 'submitted' | 'completed' | 'failed', width: number, step: number): ReturnType<typeof sumBy> {
  const { times, values } = sumBy(series.time, series[name], width, step);
  return { times, values: values.map((each) => ((each ?? 0) * 60) / width) };
}

function Plots({ series, window, step }: { series: OverviewSeries; window: number; step: number }): VNode {
  const { route } = useLocation();
  const width = binWidth(window);
  const select = (from: number, to: number): void =>
    route(`/ui/jobs?q=${encodeURIComponent(`since:${new Date(from * 1000).toISOString()} before:${new Date(to * 1000).toISOString()}`)}`);
  const throughput = useMemo(() => {
    const completed = perMinute(series, 'completed', width, step);
    const shown: Series[] = [
      { name: 'completed', colour: 'good', values: completed.values, isFilled: true },
      { name: 'submitted', colour: 'busy', values: perMinute(series, 'submitted', width, step).values },
      { name: 'failed', colour: 'bad', values: perMinute(series, 'failed', width, step).values },
    ];
    return { times: completed.times, shown };
  }, [series, width, step]);
  const failures = useMemo(() => {
    const shown = Object.entries(series.failures).map(([name, values], i): Series => ({
      name, colour: failureColours[i % failureColours.length] ?? 'bad', values: sumBy(series.time, values, width, step).values,
    }));
    return { times: sumBy(series.time, series.completed, width, step).times, shown };
  }, [series, width, step]);
  const latency = useMemo((): Series[] => {
    const total = series.latency['total'];
    return total === undefined ? [] : [
      { name: 'p50', colour: 'accent', values: total.p50, isFilled: true },
      { name: 'p90', colour: 'violet', values: total.p90 },
      { name: 'p99', colour: 'warn', values: total.p99 },
    ];
  }, [series]);
  const queue = useMemo((): Series[] => [
    { name: 'waiting', colour: 'busy', values: series.pending, isFilled: true },
    { name: 'running', colour: 'good', values: series.processing },
  ], [series]);
  const age = useMemo((): Series[] => [{ name: 'oldest waiting job', colour: 'warn', values: series.queueAge, isFilled: true }], [series]);
  const calls = useMemo((): Series[] => [
    { name: 'calls in flight', colour: 'violet', values: series.callsInFlight, isFilled: true },
    { name: 'busy workers', colour: 'good', values: series.busyWorkers },
  ], [series]);
  return (
    <div class="plots">
      <Plot title="Jobs a minute" span={window} times={throughput.times} series={throughput.shown} format={rate} onSelect={select} />
      <Plot title="Time from submission to end" span={window} times={series.time} series={latency} format={milliseconds} onSelect={select} />
      <Plot title="Queue" span={window} times={series.time} series={queue} format={rate} onSelect={select} />
      <Plot title="Queue age" span={window} times={series.time} series={age} format={seconds} onSelect={select} />
      <Plot title="Provider and workers" span={window} times={series.time} series={calls} format={rate} onSelect={select} />
      {failures.shown.length > 0
        ? <Plot title="Failed attempts" span={window} times={failures.times} series={failures.shown} format={rate} onSelect={select} />
        : <div class="plot-none"><span class="plot-title">Failed attempts</span><p class="muted">None in this time.</p></div>}
    </div>
  );
}

function Figures({ of, window }: { of: Overview; window: number }): VNode {
  const { jobs } = of.queue;
  const series = of.series;
  const minutes = Math.max(1, Math.min(window, 300) / 60);
  const recent = series ? series.completed.slice(-minutes * (60 / (of.step ?? 1))).reduce<number>((sum, each) => sum + (each ?? 0), 0) : null;
  const ended = (jobs?.completed ?? 0) + (jobs?.failed ?? 0);
  const total = of.stages?.['total'];
  return (
    <div class="figures">
      <Figure name="Waiting" value={count(jobs?.pending)} hint={`oldest ${seconds(of.queue.queueAge ?? null)}`} href="/ui/jobs?q=status:pending" />
      <Figure name="Scheduled" value={count(jobs?.scheduled)} hint="for later, or a retry" href="/ui/jobs?q=status:scheduled" />
      <Figure name="Running" value={count(jobs?.processing)} hint={`${count(of.workers?.busy)} of ${count(of.workers?.total)} workers`} href="/ui/jobs?q=status:processing" />
      <Figure name="Completed" value={count(jobs?.completed)} hint={recent === null ? 'kept jobs' : `${rate(recent / minutes)} a minute`} href="/ui/jobs?q=status:completed" />
      <Figure name="Dead letters" value={count(jobs?.failed)} tone={jobs?.failed ? 'bad' : ''} hint={`${percent(ended > 0 ? (jobs?.completed ?? 0) / ended : null)} succeed`} href="/ui/dead" />
      <Figure name="Typical time" value={milliseconds(total?.p50 ?? null)} hint={`9 of 10 within ${milliseconds(total?.p90 ?? null)}`} />
      <Figure name="Spent today" value={money(of.costs?.total)} hint={of.costs?.budgetPerDay ? `of ${money(of.costs.budgetPerDay)}` : 'no budget set'} href="/ui/costs" />
    </div>
  );
}

function ProviderPanel({ of }: { of: Overview }): VNode {
  const { provider, costs } = of;
  return (
    <Panel title="Provider" hint={provider?.model}>
      {!provider ? <p class="muted">It is being restarted.</p> : (
        <dl class="facts">
          <dt>Circuit breaker</dt>
          <dd><Status of={provider.breaker} label={provider.breaker === 'closed' ? 'closed, calls go through' : words(provider.breaker)} tone={provider.breaker === 'open' ? 'bad' : undefined} /></dd>
          {provider.closedUntil && <><dt>No calls until</dt><dd><Time at={provider.closedUntil} /> <span class="muted">{provider.closedReason}</span></dd></>}
          <dt>Calls in flight</dt>
          <dd>
            {count(provider.callsInFlight)} <span class="muted">of {count(provider.maxInFlight)} at a time, {count(provider.callsWaiting)} waiting</span>
            <Meter value={provider.callsInFlight ?? 0} max={provider.maxInFlight ?? 0} label="Calls in flight" />
          </dd>
          <dt>Quota found</dt><dd>{provider.requestsPerMinute ? `${count(provider.requestsPerMinute)} calls a minute` : <span class="muted">none met so far</span>}</dd>
          {costs?.budgetPerDay ? (
            <>
              <dt>Budget</dt>
              <dd>
                {money(costs.total + costs.reserved)} <span class="muted">of {money(costs.budgetPerDay)}{costs.usedUpAt ? `, used up at ${clock(costs.usedUpAt)}` : ''}</span>
                <Meter value={costs.total + costs.reserved} max={costs.budgetPerDay} label="Today's budget" />
              </dd>
            </>
          ) : null}
        </dl>
      )}
    </Panel>
  );
}

function TypesPanel({ of, reload }: { of: Overview; reload: () => void }): VNode {
  const { types = {}, pausedTypes } = of.queue;
  const setPaused = async (type: string, isPaused: boolean): Promise<void> => {
    await attempt(() => send('POST', `/worker/types/${type}/${isPaused ? 'resume' : 'pause'}`), `${words(type)} ${isPaused ? 'goes on' : 'is paused'}`);
    reload();
  };
  return (
    <Panel title="Types" class="is-flush">
      <div class="table-wrap" tabIndex={0} role="group" aria-label="Jobs by type">
        <table>
          <thead><tr><th>Type</th><th class="number">Completed</th><th class="number">Failed</th><th class="number">Cancelled</th>{may('admin') && <th><span class="visually-hidden">Action</span></th>}</tr></thead>
          <tbody>
            {Object.entries(types).map(([type, ended]) => {
              const isPaused = (pausedTypes as string[]).includes(type);
              return (
                <tr key={type}>
                  <td><a class="quiet" href={`/ui/jobs?q=type:${type}`}>{words(type)}</a> {isPaused && <span class="tag tone-warn">paused</span>}</td>
                  <td class="number">{count(ended.completed)}</td>
                  <td class="number">{count(ended.failed)}</td>
                  <td class="number">{count(ended.cancelled)}</td>
                  {may('admin') && (
                    <td class="number">
                      <button type="button" class="button small" onClick={() => void setPaused(type, isPaused)}>{isPaused ? 'Resume' : 'Pause'}</button>
                    </td>
                  )}
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

function WorkersStrip(): VNode {
  const workers = useResource<{ workers: WorkerSlot[] }>('/worker/workers', { every: 10_000, onEvents: 2000 });
  return (
    <Panel title="Workers" actions={<a class="small" href="/ui/workers">All workers</a>}>
      <Loaded from={workers} render={({ workers: slots }) => (
        <ul class="slots">
          {slots.slice(0, 24).map((slot) => (
            <li key={slot.workerId} class={`slot is-${slot.status}`}>
              <span class="slot-name" title={slot.workerId}>{slot.workerId}</span>
              {slot.currentJob ? <JobLink id={slot.currentJob} /> : <span class="muted">idle</span>}
            </li>
          ))}
          {slots.length > 24 && <li class="muted">and {count(slots.length - 24)} more</li>}
        </ul>
      )} />
    </Panel>
  );
}

function FirstRun(): VNode {
  return (
    <Panel title="No job yet">
      <Empty icon={<Wand size={24} />} title="Put a garment on a person">
        <p>Two sample pictures are here already, and it costs one call to the provider.</p>
        <div class="page-actions"><a class="button is-primary" href="/ui/try">Try it</a></div>
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
        <div class="page-actions"><a class="button is-primary" href="/ui/jobs">Jobs</a></div>
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
            <button key={name} type="button" aria-pressed={length === window} onClick={() => route(`/ui/now?window=${name.replace(' ', '')}`)}>{name}</button>
          ))}
        </div>
      </PageHead>
      <Attention overview={overview.data} health={health.data} reload={overview.reload} />
      <Loaded from={overview} lines={6} missing="This service has no overview yet: it is older than this page." render={(of) => (
        <>
          {of.queue.jobs && <Figures of={of} window={window} />}
          {of.queue.jobs?.total === 0 && may('submitter') && <FirstRun />}
          {of.series && of.queue.jobs?.total !== 0 && (
            <Panel title="Over time" hint={`the last ${windows.find(([, length]) => length === window)?.[0]}`}>
              <Plots series={of.series} window={window} step={of.step ?? 1} />
            </Panel>
          )}
          {of.scope === 'users' ? <OwnUsers /> : (
            <div class="grid">
              <div class="span-6 stack"><ProviderPanel of={of} /></div>
              <div class="span-6 stack">
                {of.queue.types && <TypesPanel of={of} reload={overview.reload} />}
                <WorkersStrip />
              </div>
            </div>
          )}
        </>
      )} />
    </>
  );
}
