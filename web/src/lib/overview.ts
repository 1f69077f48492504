// SPDX-License-Identifier: MIT
// The overview: loaded once, then kept up by a point a second from the stream.

import { useEffect } from 'preact/hooks';
import { onNamed } from './live';
import { useResource, type Resource } from './resource';
import {
  plainSeries,
  type Overview,
  type OverviewPoint,
  type OverviewSeries,
  type Quantiles,
} from './types';

type Values = (number | null)[];
const quantileNames: readonly (keyof Quantiles)[] = ['p50', 'p90', 'p99'];

/** `values` with one more; those that have only now begun are filled up to `length` before. */
function push(
  values: Values | undefined,
  value: number | null,
  length: number,
  usual: number | null,
): Values {
  return [...(values ?? Array<number | null>(length).fill(usual)), value];
}

/** The series with that point after it, and without what is then older than `seconds`. */
export function append(
  series: OverviewSeries,
  point: OverviewPoint,
  seconds: number,
): OverviewSeries {
  const length = series.time.length;
  const times = [...series.time, point.time];
  const surplus = times.findIndex((time) => time > point.time - seconds);
  const cut = (values: Values): Values => values.slice(Math.max(0, surplus));
  const made = {
    time: times.slice(Math.max(0, surplus)),
    latency: {},
    failures: {},
  } as OverviewSeries;
  for (const name of plainSeries) {
    made[name] = cut(push(series[name], point[name], length, null));
  }
  for (const stage of new Set([...Object.keys(series.latency), ...Object.keys(point.latency)])) {
    made.latency[stage] = {} as Record<keyof Quantiles, Values>;
    for (const name of quantileNames) {
      made.latency[stage][name] = cut(
        push(series.latency[stage]?.[name], point.latency[stage]?.[name] ?? null, length, null),
      );
    }
  }
  for (const name of new Set([...Object.keys(series.failures), ...Object.keys(point.failures)])) {
    made.failures[name] = cut(push(series.failures[name], point.failures[name] ?? 0, length, 0));
  }
  return made;
}

/** `window` in seconds. Points of a second come by the stream; longer steps are loaded each minute. */
export function useOverview(window: number): Resource<Overview> {
  const isFine = window <= 900;
  const found = useResource<Overview>(`/worker/overview?window=${window}s`, {
    every: isFine ? 60_000 : 30_000,
  });
  const { change, reload, data } = found;
  const isLimited = data?.scope === 'users';

  useEffect(
    () =>
      onNamed('overview', (tick) => {
        const told = tick as Overview;
        let hasGap = false;
        change((before) => {
          const { point, ...rest } = told;
          const newest = before.series?.time.at(-1);
          if (!isFine || !point || !before.series || newest === undefined) {
            return { ...before, ...rest, series: before.series, step: before.step };
          }
          hasGap = point.time > newest + 5;
          const isNew = point.time > newest;
          return {
            ...before,
            ...rest,
            step: before.step,
            series: isNew ? append(before.series, point, window) : before.series,
          };
        });
        if (hasGap) {
          reload();
        }
      }),
    [change, reload, window, isFine],
  );

  useEffect(() => {
    if (!isLimited) {
      return undefined;
    }
    const timer = setInterval(reload, 5000);
    return () => clearInterval(timer);
  }, [isLimited, reload]);

  return found;
}

/** Sums over `width` seconds each, without the last, which is not over: what is drawn is no finer than
 * what an eye can tell. `step`: how many seconds a value stands for. */
export function sumBy(
  times: number[],
  values: Values,
  width: number,
  step: number,
): { times: number[]; values: Values } {
  const made = new Map<number, number>();
  const end = (times.at(-1) ?? 0) + step;
  times.forEach((time, i) => {
    const start = Math.floor(time / width) * width;
    if (start + width <= end) {
      made.set(start, (made.get(start) ?? 0) + (values[i] ?? 0));
    }
  });
  return { times: [...made.keys()], values: [...made.values()] };
}
