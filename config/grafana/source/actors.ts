// SPDX-License-Identifier: MIT
// What happens within the processes.
import { dashboard, of, perSecond, quantile } from './parts.js';

export const actors = () =>
  dashboard('stayler-actors', 'actors', [
    {
      title: 'Supervision',
      panels: [
        {
          title: 'Restarts by kind',
          says: 'Actors that the supervisor restarted, in 15 minutes.',
          unit: 'short',
          shows: {
            '{{actor}}': `sum by (actor) (increase(${of('stayler_actor_restarts_total')}[15m]))`,
          },
          runbook: 'restarts',
        },
        {
          title: 'Longest mailboxes',
          says: 'The ten kinds of actors with the longest mailboxes.',
          unit: 'short',
          shows: {
            '{{actor}}': `topk(10, max by (actor) (${of('stayler_actor_mailbox_messages')}))`,
          },
          runbook: 'queuestandsstill',
        },
        {
          title: 'Written off',
          says: 'Actors that are stuck, each with its thread.',
          unit: 'short',
          width: 8,
          shows: { '{{instance}}': `max by (instance) (${of('stayler_actors_written_off')})` },
          runbook: 'restarts',
        },
        {
          title: 'Codec processes that were lost',
          says: 'By the reason, in 15 minutes.',
          unit: 'short',
          width: 8,
          shows: {
            '{{reason}}': `sum by (reason) (increase(${of('stayler_codec_processes_lost_total')}[15m]))`,
          },
          runbook: 'restarts',
        },
        {
          title: 'Streams of events',
          says: 'That are open.',
          unit: 'short',
          width: 8,
          shows: { open: `sum(${of('stayler_event_streams_open')})` },
        },
      ],
    },
    {
      title: 'The job store',
      panels: [
        {
          title: 'Changes written at once',
          says: 'Half and nearly all batches.',
          unit: 'short',
          width: 8,
          shows: {
            p50: quantile(0.5, 'stayler_store_batch_size'),
            p95: quantile(0.95, 'stayler_store_batch_size'),
          },
        },
        {
          title: 'Time to write them',
          says: 'Half and nearly all batches.',
          unit: 's',
          width: 8,
          shows: {
            p50: quantile(0.5, 'stayler_store_batch_duration_seconds'),
            p99: quantile(0.99, 'stayler_store_batch_duration_seconds'),
          },
          runbook: 'partunhealthy',
        },
        {
          title: 'What the store refused',
          says: 'By class of error.',
          unit: 'ops',
          width: 8,
          shows: { '{{class}}': perSecond('stayler_store_errors_total', 'class') },
          runbook: 'storefull',
        },
      ],
    },
    {
      title: 'Notifications',
      panels: [
        {
          title: 'Open',
          says: 'Neither delivered nor given up.',
          unit: 'short',
          width: 8,
          shows: { open: `max(${of('stayler_notifications_open')})` },
          runbook: 'notificationsstuck',
        },
        {
          title: 'Delivered, given up, unsaved',
          says: 'Unsaved: in memory alone, for the outbox was away.',
          unit: 'ops',
          width: 8,
          shows: {
            delivered: perSecond('stayler_notifications_delivered_total'),
            'given up': perSecond('stayler_notifications_given_up_total'),
            unsaved: perSecond('stayler_notifications_unsaved_total'),
          },
          runbook: 'notificationsstuck',
        },
        {
          title: 'What receivers answered',
          says: 'Deliveries that failed, by the problem.',
          unit: 'ops',
          width: 8,
          shows: { '{{problem}}': perSecond('stayler_notification_failures_total', 'problem') },
          runbook: 'notificationsstuck',
        },
      ],
    },
  ]);
