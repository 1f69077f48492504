// SPDX-License-Identifier: MIT
import { Boxes } from 'lucide-preact';
import type { VNode } from 'preact';
import { count, plural } from '../lib/format';
import { useResource } from '../lib/resource';
import type { WorkerSlot } from '../lib/types';
import { Empty, JobLink, Loaded, PageHead, Panel, Time } from '../ui/panel';
import { OtherCoordinators } from '../ui/coordinators';
import { Status } from '../ui/status';

function byNode(slots: WorkerSlot[]): [string, WorkerSlot[]][] {
  const nodes = new Map<string, WorkerSlot[]>();
  for (const slot of slots) {
    nodes.set(slot.node, [...(nodes.get(slot.node) ?? []), slot]);
  }
  return [...nodes];
}

function Node({ name, slots }: { name: string; slots: WorkerSlot[] }): VNode {
  const busy = slots.filter(({ status }) => status === 'busy').length;
  return (
    <Panel
      title={name || 'this process'}
      hint={`${count(busy)} of ${plural(slots.length, 'worker')} busy`}
      class="is-flush"
    >
      <div
        class="table-wrap"
        tabIndex={0}
        role="group"
        aria-label={`Workers of ${name || 'this process'}`}
      >
        <table>
          <thead>
            <tr>
              <th>Worker</th>
              <th>State</th>
              <th>Job</th>
              <th class="number">Jobs done</th>
              <th class="number">Last seen</th>
              <th class="number">Up for</th>
              <th class="number">Restarts</th>
            </tr>
          </thead>
          <tbody>
            {slots.map((slot) => (
              <tr key={slot.workerId}>
                <td class="mono">{slot.workerId}</td>
                <td>
                  <Status of={slot.status} />
                </td>
                <td>
                  {slot.currentJob ? (
                    <JobLink id={slot.currentJob} />
                  ) : (
                    <span class="muted">–</span>
                  )}
                </td>
                <td class="number">{count(slot.jobsProcessed)}</td>
                <td class="number">
                  <Time at={slot.lastSeen} />
                </td>
                <td class="number">{slot.uptime}</td>
                <td class="number">
                  {slot.restarts > 0 ? (
                    <span class="tag tone-warn">{slot.restarts}</span>
                  ) : (
                    <span class="muted">0</span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}

export function WorkersPage(): VNode {
  const workers = useResource<{ workers: WorkerSlot[] }>('/worker/workers', {
    every: 5000,
    onEvents: 1500,
  });
  return (
    <>
      <PageHead
        title="Workers"
        about="Slots of the coordinator that answers and of the nodes that have joined it, and what each is doing."
      />
      <OtherCoordinators what="workers and nodes" />
      <Loaded
        from={workers}
        lines={5}
        render={({ workers: slots }) =>
          slots.length === 0 ? (
            <Panel title="None">
              <Empty icon={<Boxes size={24} />} title="No worker has joined">
                Set <code>WORKER_MAX_WORKERS</code> here, or start a node on another host:{' '}
                <code>stayler-worker --role=worker</code>.
              </Empty>
            </Panel>
          ) : (
            byNode(slots).map(([name, own]) => <Node key={name} name={name} slots={own} />)
          )
        }
      />
    </>
  );
}
