// SPDX-License-Identifier: MIT
// Who works, and on what machines.
import { dashboard, of, ofEach } from './parts.js';

export const nodes = () =>
  dashboard('stayler-nodes', 'nodes', [
    {
      title: 'Slots',
      panels: [
        {
          title: 'Slots: desired, connected, busy',
          says: 'Desired is what the provider and the queue can make use of: the number that scalers follow.',
          unit: 'short',
          shows: {
            desired: `max(${of('stayler_workers_desired')})`,
            connected: `sum(${of('worker_active_workers')})`,
            busy: `sum(${of('stayler_node_slots_busy')})`,
          },
          runbook: 'queuetooold',
        },
        {
          title: 'Slots by node',
          says: 'As the coordinators see them.',
          unit: 'short',
          kind: 'stacked',
          shows: { '{{node}}': `sum by (node) (${of('stayler_node_slots')})` },
          runbook: 'noworkers',
        },
        {
          title: 'Joined, lost, refused, adopted',
          says: 'In 15 minutes. Adopted: attempts begun under another coordinator and gone on with.',
          unit: 'short',
          shows: Object.fromEntries(
            ['nodes_joined', 'nodes_lost', 'nodes_refused', 'attempts_adopted'].map((what) => [
              what.replace('_', ' '),
              `sum(increase(${of(`stayler_${what}_total`)}[15m]))`,
            ]),
          ),
          runbook: 'nodeslostorrefused',
        },
        {
          title: 'Nodes without a coordinator',
          says: 'Connected: 1; looking for one: 0.',
          unit: 'none',
          kind: 'states',
          states: ['looking', 'connected'],
          shows: { '{{instance}}': `max by (instance) (${of('stayler_coordinator_connected')})` },
          runbook: 'noworkers',
        },
      ],
    },
    {
      title: 'Processes',
      panels: [
        {
          title: 'Memory in RAM',
          says: 'Of the service itself; its codec processes come on top.',
          unit: 'bytes',
          shows: { '{{role}} {{instance}}': ofEach('process_resident_memory_bytes') },
          runbook: 'restarts',
        },
        {
          title: 'Memory limit',
          says: 'Of the control group; 0: none.',
          unit: 'bytes',
          shows: { '{{role}} {{instance}}': ofEach('stayler_memory_limit_bytes') },
          runbook: 'restarts',
        },
        {
          title: 'Processor',
          says: 'Cores in use.',
          unit: 'short',
          shows: {
            '{{instance}}': `sum by (instance) (rate(${of('process_cpu_seconds_total')}[$__rate_interval]))`,
          },
        },
        {
          title: 'Descriptors',
          says: 'Open, as a share of what is allowed.',
          unit: 'percentunit',
          shows: {
            '{{instance}}': `sum by (instance) (${of('process_open_fds')}) / max by (instance) (${of('process_max_fds')})`,
          },
          runbook: 'restarts',
        },
        {
          title: 'Disk that is free',
          says: 'Of the data folder, as a share.',
          unit: 'percentunit',
          shows: {
            '{{instance}} {{path}}': `${of('stayler_disk_free_bytes')} / ${of('stayler_disk_size_bytes')}`,
          },
          runbook: 'storefull',
        },
        {
          title: 'Started, and certificates',
          says: 'Hours that each process runs, and days until the certificate that it has loaded ends.',
          unit: 'short',
          shows: {
            'hours {{instance}}': `(time() - ${of('process_start_time_seconds')}) / 3600`,
            'days {{use}}': `(min by (use) (${of('stayler_certificate_expiry_timestamp_seconds')}) - time()) / 86400`,
          },
          runbook: 'certificatesoon',
        },
      ],
    },
  ]);
