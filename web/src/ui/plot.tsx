// SPDX-License-Identifier: MIT
// A plot over time: drawn by uPlot, told in a sentence, walked with the arrow keys, and to be had as
// a table.

import type { VNode } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import { clock } from '../lib/format';
import { theme } from '../lib/preferences';

export interface Series {
  name: string;
  /** A colour of the style sheet: --NAME. */
  colour: string;
  values: (number | null)[];
  isFilled?: boolean;
}

export interface PlotProps {
  title: string;
  /** Seconds since 1970, in order. */
  times: number[];
  series: Series[];
  format: (value: number | null) => string;
  /** Seconds that are shown up to the newest, also where there is nothing of the first. */
  span: number;
  height?: number;
  /** Called with the first and last second that were chosen by dragging. */
  onSelect?: (from: number, to: number) => void;
}

function colourOf(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** light-dark() is resolved only where a colour is used. */
function resolved(name: string): string {
  const probe = document.createElement('i');
  probe.className = 'probe';
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found || colourOf(name);
}

function translucent(colour: string): string {
  const [r, g, b] = colour.match(/[\d.]+/g) ?? ['0', '0', '0'];
  return `rgba(${r}, ${g}, ${b}, 0.14)`;
}

function last(values: (number | null)[]): number | null {
  for (let i = values.length - 1; i >= 0; i -= 1) {
    if (values[i] !== null && values[i] !== undefined) {
      return values[i] ?? null;
    }
  }
  return null;
}

function summary({ title, series, format }: PlotProps): string {
  const told = series.map(({ name, values }) => {
    const known = values.filter((each): each is number => each !== null);
    return known.length === 0
      ? `${name}: no values`
      : `${name}: now ${format(last(values))}, at most ${format(Math.max(...known))}`;
  });
  return `${title}. ${told.join('. ')}.`;
}

function options(
  props: PlotProps,
  width: number,
  height: number,
  onCursor: (at: number | null) => void,
): uPlot.Options {
  const line = resolved('line');
  const muted = resolved('muted');
  const axis: uPlot.Axis = {
    stroke: muted,
    font: '11px Inter, system-ui, sans-serif',
    grid: { stroke: line, width: 1 },
    ticks: { show: false },
    gap: 6,
  };
  return {
    width,
    height,
    padding: [8, 4, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      drag: { x: props.onSelect !== undefined, y: false, setScale: false },
      points: { size: 7 },
    },
    scales: {
      x: { range: (_, __, newest) => [(newest ?? 0) - props.span, newest ?? 0] },
      y: { range: (_, __, max) => [0, max > 0 ? max * 1.1 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 24,
        space: 70,
        values: (_, ticks) => ticks.map((each) => clock(new Date(each * 1000).toISOString())),
      },
      {
        ...axis,
        size: 52,
        space: 34,
        values: (_, ticks) => ticks.map((each) => props.format(each)),
      },
    ],
    series: [
      {},
      ...props.series.map(({ name, colour, isFilled }): uPlot.Series => {
        const stroke = resolved(colour);
        return {
          label: name,
          stroke,
          width: 1.75,
          points: { show: false },
          spanGaps: false,
          fill: isFilled ? translucent(stroke) : undefined,
        };
      }),
    ],
    hooks: {
      setCursor: [(plot) => onCursor(plot.cursor.idx ?? null)],
      setSelect: [
        (plot) => {
          if (plot.select.width > 4) {
            props.onSelect?.(
              plot.posToVal(plot.select.left, 'x'),
              plot.posToVal(plot.select.left + plot.select.width, 'x'),
            );
          }
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

function Table({ times, series, format, title }: PlotProps): VNode {
  return (
    <div class="plot-table" tabIndex={0} role="group" aria-label={`${title} as a table`}>
      <table>
        <thead>
          <tr>
            <th>Time</th>
            {series.map(({ name }) => (
              <th key={name} class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times
            .slice(-60)
            .map((time, i, shown) => (
              <tr key={time}>
                <td>{clock(new Date(time * 1000).toISOString())}</td>
                {series.map(({ name, values }) => (
                  <td key={name} class="number">
                    {format(values[times.length - shown.length + i] ?? null)}
                  </td>
                ))}
              </tr>
            ))
            .reverse()}
        </tbody>
      </table>
    </div>
  );
}

export function Plot(props: PlotProps): VNode {
  const { title, times, series, format, height = 160 } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const [at, setAt] = useState<number | null>(null);
  const [isTable, setTable] = useState(false);
  const shape = series.map(({ name, colour }) => name + colour).join() + props.span;
  const data = useMemo<uPlot.AlignedData>(
    () => [times, ...series.map(({ values }) => values)],
    [times, series],
  );
  const scheme = useScheme();

  useEffect(() => {
    const box = place.current;
    if (!box || isTable) {
      return undefined;
    }
    plot.current = new uPlot(options(props, box.clientWidth || 300, height, setAt), data, box);
    const observer = new ResizeObserver(() =>
      plot.current?.setSize({ width: box.clientWidth, height }),
    );
    observer.observe(box);
    return () => {
      observer.disconnect();
      plot.current?.destroy();
      plot.current = null;
    };
  }, [shape, height, scheme, isTable]);

  useEffect(() => plot.current?.setData(data), [data]);

  const step = (event: KeyboardEvent): void => {
    const move = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
    if (move !== 0 && plot.current) {
      event.preventDefault();
      const next = Math.min(times.length - 1, Math.max(0, (at ?? times.length) + move));
      plot.current.setCursor({ left: plot.current.valToPos(times[next] ?? 0, 'x'), top: 10 });
      setAt(next);
    }
  };

  return (
    <figure class="plot">
      <figcaption>
        <span class="plot-title">{title}</span>
        <span class="legend">
          {series.map(({ name, colour, values }) => (
            <span key={name} class="legend-item">
              <i style={{ background: `var(--${colour})` }} aria-hidden="true" />
              {name} <b>{format(at === null ? last(values) : (values[at] ?? null))}</b>
            </span>
          ))}
          {at !== null && times[at] !== undefined && (
            <span class="legend-time" aria-live="polite">
              {clock(new Date(times[at] * 1000).toISOString())}
            </span>
          )}
        </span>
        <button
          type="button"
          class="link-button small"
          aria-pressed={isTable}
          aria-label={`${title} as a table`}
          onClick={() => setTable(!isTable)}
        >
          {isTable ? 'Plot' : 'Table'}
        </button>
      </figcaption>
      {isTable ? (
        <Table {...props} />
      ) : (
        <div
          ref={place}
          class="plot-area"
          tabIndex={0}
          role="img"
          aria-label={summary(props)}
          onKeyDown={step}
          onBlur={() => setAt(null)}
        />
      )}
    </figure>
  );
}

/** Changes with the colours of the page. */
function useScheme(): string {
  const dark = useMemo(() => matchMedia('(prefers-color-scheme: dark)'), []);
  const [isDark, setDark] = useState(dark.matches);
  useEffect(() => {
    const note = (): void => setDark(dark.matches);
    dark.addEventListener('change', note);
    return () => dark.removeEventListener('change', note);
  }, [dark]);
  return `${theme.value}${isDark}`;
}
