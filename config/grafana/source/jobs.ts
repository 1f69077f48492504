// SPDX-License-Identifier: MIT
// What waits, for how long and why; what becomes of attempts.
import { dashboard, of, perSecond, quantile } from './parts.js';

const attempts = 'stayler_job_attempts_total';

export const jobs = () =>
  dashboard('stayler-jobs', 'jobs', [
    {
      title: 'The queue',
      panels: [
        {
          title: 'Jobs by state',
          says: 'Of the whole store.',
          unit: 'short',
          shows: {
            pending: `max(${of('worker_jobs_pending')})`,
            scheduled: `max(${of('stayler_jobs_scheduled')})`,
            processing: `max(${of('worker_jobs_processing')})`,
          },
          runbook: 'queuestandsstill',
        },
        {
          title: 'Held, by reason',
          says: 'Jobs that nothing is given out of, and types that are paused.',
          unit: 'short',
          shows: {
            '{{reason}}': `max by (reason) (${of('stayler_jobs_held')})`,
            'paused: {{type}}': `max by (type) (${of('stayler_types_paused')})`,
          },
          runbook: 'queuestandsstill',
        },
        {
          title: 'Age of the oldest pending job',
          says: 'How long it could have run already.',
          unit: 's',
          shows: { oldest: `max(${of('stayler_queue_oldest_pending_seconds')})` },
          runbook: 'queuetooold',
        },
        {
          title: 'Wait in the queue',
          says: 'Of the jobs that were started.',
          unit: 's',
          kind: 'heatmap',
          shows: { '{{le}}': perSecond('stayler_job_queue_wait_seconds_bucket', 'le') },
          runbook: 'queuetooold',
        },
      ],
    },
    {
      title: 'Work',
      panels: [
        {
          title: 'Time by stage',
          says: 'Seconds a second that jobs spend in each stage: how many jobs are in it.',
          unit: 'short',
          kind: 'stacked',
          shows: { '{{stage}}': perSecond('stayler_job_stage_duration_seconds_sum', 'stage') },
        },
        {
          title: 'p95 by stage',
          says: 'Time that 95 % of the jobs need for a stage at most.',
          unit: 's',
          shows: { '{{stage}}': quantile(0.95, 'stayler_job_stage_duration_seconds', 'stage') },
        },
        {
          title: 'Attempts by outcome and class',
          says: 'How attempts have ended, and why.',
          unit: 'ops',
          kind: 'stacked',
          shows: { '{{outcome}} {{error_class}}': perSecond(attempts, 'outcome, error_class') },
          runbook: 'failureratio',
        },
        {
          title: 'Retries to all attempts',
          says: 'Share of the attempts that will be tried again.',
          unit: 'percentunit',
          shows: {
            retried: `${perSecond(attempts, '', 'outcome="retried"')} / ${perSecond(attempts)}`,
          },
          runbook: 'failureratio',
        },
      ],
    },
    {
      title: 'What went wrong',
      panels: [
        {
          title: 'Dead letters',
          says: 'Jobs that failed for good and are still kept.',
          unit: 'short',
          width: 8,
          shows: { 'dead letters': `max(${of('stayler_dead_letters')})` },
          runbook: 'failureratio',
        },
        {
          title: 'Cancelled, interrupted',
          says: 'Interrupted: leases that came back unfinished, by stops, lost workers, lost nodes.',
          unit: 'ops',
          width: 8,
          shows: {
            cancelled: perSecond('stayler_jobs_cancelled_total'),
            interrupted: perSecond('stayler_jobs_interrupted_total'),
          },
          runbook: 'nodeslostorrefused',
        },
        {
          title: 'Stale reports',
          says: 'Reports that were refused because their lease had moved on; in an hour.',
          unit: 'short',
          width: 8,
          shows: { 'stale reports': `max(increase(${of('stayler_stale_reports_total')}[1h]))` },
          runbook: 'nodeslostorrefused',
        },
      ],
    },
  ]);
