// SPDX-License-Identifier: MIT
// What the dashboards are made of. A panel is a few values; how it looks is decided here, once.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  GraphDrawStyle,
  StackingMode,
  VisibilityMode,
} from '@grafana/grafana-foundation-sdk/common';
import * as common from '@grafana/grafana-foundation-sdk/common';
import {
  AnnotationQueryBuilder,
  ConstantVariableBuilder,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  MappingType,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard, Panel } from '@grafana/grafana-foundation-sdk/dashboard';
import * as heatmap from '@grafana/grafana-foundation-sdk/heatmap';
import { DataqueryBuilder, PromQueryFormat } from '@grafana/grafana-foundation-sdk/prometheus';
import * as stat from '@grafana/grafana-foundation-sdk/stat';
import * as statetimeline from '@grafana/grafana-foundation-sdk/statetimeline';
import * as table from '@grafana/grafana-foundation-sdk/table';
import * as timeseries from '@grafana/grafana-foundation-sdk/timeseries';

const datasource = { type: 'prometheus', uid: '${datasource}' };

/** A scraped series of the services that are looked at, with further matchers. */
export const of = (metric: string, matchers = ''): string =>
  `${metric}{job=~"$job", namespace=~"$namespace"${matchers && `, ${matchers}`}}`;

/** A recorded one, which has no job. */
export const recorded = (name: string, matchers = ''): string =>
  `${name}{namespace=~"$namespace"${matchers && `, ${matchers}`}}`;

/** A counter's growth a second, summed over all processes. */
export const perSecond = (metric: string, by = '', matchers = ''): string =>
  `sum${by && ` by (${by})`} (rate(${of(metric, matchers)}[$__rate_interval]))`;

export const quantile = (q: number, histogram: string, by = ''): string =>
  `histogram_quantile(${q}, ${perSecond(`${histogram}_bucket`, by ? `le, ${by}` : 'le')})`;

/** What each process says of itself, with its role. */
export const ofEach = (metric: string, matchers = ''): string =>
  `${of(metric, matchers)} * on (instance) group_left (role) ${of('stayler_build_info', 'role=~"$role"')}`;

export type Unit =
  | 'short'
  | 's'
  | 'ms'
  | 'reqps'
  | 'ops'
  | 'percentunit'
  | 'currencyUSD'
  | 'bytes'
  | 'd'
  | 'dateTimeFromNow'
  | 'none';

export interface PanelOptions {
  title: string;
  says: string;
  unit: Unit;
  /** Expressions by their legends: text with {{label}}. */
  shows: Record<string, string>;
  kind?: 'lines' | 'stacked' | 'heatmap' | 'states' | 'number' | 'table';
  /** A heading of docs/operations.md. */
  runbook?: string;
  width?: 6 | 8 | 12 | 24;
  /** Values of states, from 0 on. */
  states?: string[];
}

const legend = () => new common.VizLegendOptionsBuilder().showLegend(true);

function make(
  kind: NonNullable<PanelOptions['kind']>,
):
  | timeseries.PanelBuilder
  | heatmap.PanelBuilder
  | statetimeline.PanelBuilder
  | stat.PanelBuilder
  | table.PanelBuilder {
  switch (kind) {
    case 'lines':
      return new timeseries.PanelBuilder().legend(legend()).showPoints(VisibilityMode.Never).min(0);
    case 'stacked':
      return new timeseries.PanelBuilder()
        .legend(legend())
        .drawStyle(GraphDrawStyle.Line)
        .fillOpacity(40)
        .min(0)
        .showPoints(VisibilityMode.Never)
        .stacking(new common.StackingConfigBuilder().mode(StackingMode.Normal).group('A'));
    case 'heatmap':
      return new heatmap.PanelBuilder();
    case 'states':
      return new statetimeline.PanelBuilder();
    case 'number':
      return new stat.PanelBuilder();
    case 'table':
      return new table.PanelBuilder();
  }
}

const letter = (i: number): string => String.fromCharCode('A'.charCodeAt(0) + i);

export function panel(options: PanelOptions): Builder<Panel> {
  const kind = options.kind ?? 'lines';
  const made = make(kind)
    .title(options.title)
    .description(options.says)
    .datasource(datasource)
    .unit(options.unit)
    .span(options.width ?? 12)
    .height(8)
    .links([
      new DashboardLinkBuilder('What to do')
        .type(DashboardLinkType.Link)
        .url(`$runbooks#${options.runbook ?? 'first-looks'}`),
    ]);
  Object.entries(options.shows).forEach(([legend, expression], i) => {
    const query = new DataqueryBuilder()
      .refId(letter(i))
      .datasource(datasource)
      .expr(expression)
      .legendFormat(legend);
    if (kind === 'heatmap') {
      query.format(PromQueryFormat.Heatmap).exemplar(true);
    } else if (kind === 'table') {
      query.format(PromQueryFormat.Table).instant();
    } else if (expression.startsWith('histogram_quantile')) {
      query.exemplar(true);
    }
    made.withTarget(query);
  });
  if (options.states) {
    const texts = options.states.map(
      (text, value) => [String(value), { text, index: value }] as const,
    );
    made.mappings([{ type: MappingType.ValueToText, options: Object.fromEntries(texts) }]);
  }
  return made;
}

const variables = () => [
  new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'),
  ...(
    [
      ['job', 'label_values(stayler_build_info, job)'],
      ['namespace', 'label_values(stayler_build_info{job=~"$job"}, namespace)'],
      ['role', 'label_values(stayler_build_info{job=~"$job", namespace=~"$namespace"}, role)'],
    ] as const
  ).map(([name, query]) =>
    new QueryVariableBuilder(name)
      .datasource(datasource)
      .query(query)
      .refresh(VariableRefresh.OnTimeRangeChanged)
      .includeAll(true)
      .allValue('.*')
      .current({ text: 'All', value: '$__all' }),
  ),
  new ConstantVariableBuilder('runbooks').value('docs/operations.md'),
];

/** What explains a bend in a curve: starts of processes, and other versions. */
const annotations = () =>
  (
    [
      [
        'Starts',
        `changes(${of('process_start_time_seconds')}[$__rate_interval]) > 0`,
        '{{instance}} was started',
      ],
      [
        'Versions',
        `count by (version) (${of('stayler_build_info')}) unless count by (version) (${of('stayler_build_info')} offset 5m)`,
        'version {{version}}',
      ],
    ] as const
  ).map(([name, expression, title]) =>
    new AnnotationQueryBuilder()
      .name(name)
      .datasource(datasource)
      .enable(true)
      .iconColor('orange')
      .expr(expression)
      .titleFormat(title),
  );

export interface Section {
  title: string;
  panels: PanelOptions[];
}

export function dashboard(uid: string, title: string, sections: Section[]): Dashboard {
  const made = new DashboardBuilder(`Stayler: ${title}`)
    .uid(uid)
    .tags(['stayler'])
    .timezone('browser')
    .refresh('30s')
    .time({ from: 'now-6h', to: 'now' })
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .variables(variables())
    .annotations(annotations())
    .link(
      new DashboardLinkBuilder('Stayler')
        .type(DashboardLinkType.Dashboards)
        .tags(['stayler'])
        .asDropdown(true)
        .keepTime(true)
        .includeVars(true),
    );
  for (const { title: heading, panels } of sections) {
    made.withRow(new RowBuilder(heading));
    panels.forEach((options) => made.withPanel(panel(options)));
  }
  return made.build();
}
