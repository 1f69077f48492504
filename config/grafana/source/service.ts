// SPDX-License-Identifier: MIT
// Whether callers get what they are promised.
import { dashboard, of, perSecond, quantile, recorded } from './parts.js';

const endToEnd = 'stayler_job_end_to_end_seconds';
const requests = 'stayler_http_requests_total';

export const service = () =>
  dashboard('stayler-service', 'service', [
    {
      title: 'Jobs',
      panels: [
        {
          title: 'Jobs a minute',
          says: 'Accepted, and how they ended. Where accepted stays above the others, the queue grows.',
          unit: 'short',
          shows: {
            accepted: `60 * ${recorded('stayler:jobs_accepted:rate5m')}`,
            '{{outcome}}': `60 * ${recorded('stayler:jobs_ended:rate5m')}`,
          },
          runbook: 'queuestandsstill',
        },
        {
          title: 'From accepted to completed',
          says: 'Of completed jobs; 99 % are promised within 120 s.',
          unit: 's',
          shows: Object.fromEntries(
            [0.5, 0.95, 0.99].map((q) => [
              `p${q * 100}`,
              `histogram_quantile(${q}, ${perSecond(`${endToEnd}_bucket`, 'le', 'outcome="completed"')})`,
            ]),
          ),
          runbook: 'sloburn',
        },
        {
          title: 'Error budget that is left of three days',
          says: 'Share of the jobs and calls that may fail within the promise and have not yet. Below 0: the promise is broken.',
          unit: 'percentunit',
          shows: {
            jobs: `1 - ${recorded('stayler:slo_jobs_error:ratio3d')} / 0.01`,
            'calls of the API': `1 - ${recorded('stayler:slo_api_error:ratio3d')} / 0.001`,
          },
          runbook: 'sloburn',
        },
        {
          title: 'Failed by no fault of their callers',
          says: 'Share of the jobs that ended within ten minutes.',
          unit: 'percentunit',
          shows: { 'failure ratio': recorded('stayler:failure_ratio:rate10m') },
          runbook: 'failureratio',
        },
      ],
    },
    {
      title: 'The API',
      panels: [
        {
          title: 'Calls by status',
          says: 'Of all routes and coordinators.',
          unit: 'reqps',
          kind: 'stacked',
          shows: { '{{status}}': perSecond(requests, 'status') },
          runbook: 'sloburn',
        },
        {
          title: 'p99 by route',
          says: 'Time to answer; streams of events are not in it.',
          unit: 's',
          shows: { '{{route}}': quantile(0.99, 'stayler_http_request_duration_seconds', 'route') },
        },
      ],
    },
    {
      title: 'Health',
      panels: [
        {
          title: 'Parts',
          says: 'The worst that any process says of the part.',
          unit: 'none',
          kind: 'states',
          states: ['healthy', 'degraded', 'unhealthy'],
          shows: { '{{part}}': `max by (part) (${of('stayler_health')})` },
          runbook: 'partunhealthy',
        },
        {
          title: 'Processes',
          says: 'Each with its role, version and revision. More than one version for long: a rollout that hangs.',
          unit: 'none',
          kind: 'table',
          shows: {
            processes: `count by (instance, role, version, revision) (${of('stayler_build_info')})`,
          },
          runbook: 'nodeslostorrefused',
        },
      ],
    },
  ]);
