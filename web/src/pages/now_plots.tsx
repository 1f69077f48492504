// SPDX-License-Identifier: MIT
import type { VNode } from 'preact';
import { useMemo } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { count, duration, none } from '../lib/format';
import { sumBy } from '../lib/overview';
import type { OverviewSeries } from '../lib/types';
import { Plot, type PlotProps, type Series } from '../ui/plot';

type Drawn = Pick<PlotProps, 'title' | 'times' | 'series' | 'format'>;

const failureColours = ['bad', 'warn', 'violet', 'teal', 'busy', 'muted'];

const milliseconds = (value: number | null): string => duration(value);
const seconds = (value: number | null): string => duration(value === null ? null : value * 1000);
export const rate = (value: number | null): string =>
  value === null ? none : `${value < 10 && value % 1 ? value.toFixed(1) : count(value)}`;

/** How many seconds a point of a plot of events stands for, by how many are shown. */
function binWidth(span: number): number {
  const widths: [number, number][] = [
    [300, 6],
    [900, 15],
    [3600, 60],
    [21_600, 300],
  ];
  return widths.find(([longest]) => span <= longest)?.[1] ?? 900;
}

function throughput(from: OverviewSeries, width: number, step: number): Drawn {
  const perMinute = (name: 'submitted' | 'completed' | 'failed'): (number | null)[] =>
    sumBy(from.time, from[name], width, step).values.map((each) => ((each ?? 0) * 60) / width);
  return {
    title: 'Jobs a minute',
    times: sumBy(from.time, from.completed, width, step).times,
    series: [
      { name: 'completed', colour: 'good', values: perMinute('completed'), isFilled: true },
      { name: 'submitted', colour: 'busy', values: perMinute('submitted') },
      { name: 'failed', colour: 'bad', values: perMinute('failed') },
    ],
    format: rate,
  };
}

function latency({ time, latency: { total } }: OverviewSeries): Drawn {
  const series: Series[] = total
    ? [
        { name: 'p50', colour: 'accent', values: total.p50, isFilled: true },
        { name: 'p90', colour: 'violet', values: total.p90 },
        { name: 'p99', colour: 'warn', values: total.p99 },
      ]
    : [];
  return { title: 'Time from submission to end', times: time, series, format: milliseconds };
}

function queue({ time, pending, processing }: OverviewSeries): Drawn {
  const series: Series[] = [
    { name: 'waiting', colour: 'busy', values: pending, isFilled: true },
    { name: 'running', colour: 'good', values: processing },
  ];
  return { title: 'Queue', times: time, series, format: rate };
}

function age({ time, queueAge }: OverviewSeries): Drawn {
  const series: Series[] = [
    { name: 'oldest waiting job', colour: 'warn', values: queueAge, isFilled: true },
  ];
  return { title: 'Queue age', times: time, series, format: seconds };
}

function calls({ time, callsInFlight, busyWorkers }: OverviewSeries): Drawn {
  const series: Series[] = [
    { name: 'calls in flight', colour: 'violet', values: callsInFlight, isFilled: true },
    { name: 'busy workers', colour: 'good', values: busyWorkers },
  ];
  return { title: 'Provider and workers', times: time, series, format: rate };
}

function failures(from: OverviewSeries, width: number, step: number): Drawn {
  const series = Object.entries(from.failures).map(([name, values], i): Series => ({
    name,
    colour: failureColours[i % failureColours.length] ?? 'bad',
    values: sumBy(from.time, values, width, step).values,
  }));
  const { times } = sumBy(from.time, from.completed, width, step);
  return { title: 'Failed attempts', times, series, format: rate };
}

/** `span`: how many seconds are shown; `step`: how many a value of the series stands for. */
export function Plots({
  series,
  span,
  step,
}: {
  series: OverviewSeries;
  span: number;
  step: number;
}): VNode {
  const { route } = useLocation();
  const width = binWidth(span);
  const plots = useMemo(
    () => [
      throughput(series, width, step),
      latency(series),
      queue(series),
      age(series),
      calls(series),
      failures(series, width, step),
    ],
    [series, width, step],
  );
  const select = (from: number, to: number): void => {
    const [since, before] = [from, to].map((each) => new Date(each * 1000).toISOString());
    route(`/ui/jobs?q=${encodeURIComponent(`since:${since} before:${before}`)}`);
  };
  return (
    <div class="plots">
      {plots.map((drawn) =>
        drawn.series.length > 0 ? (
          <Plot key={drawn.title} {...drawn} span={span} onSelect={select} />
        ) : (
          <div key={drawn.title} class="plot-none">
            <span class="plot-title">{drawn.title}</span>
            <p class="muted">None in this time.</p>
          </div>
        ),
      )}
    </div>
  );
}
