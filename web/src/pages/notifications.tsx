// SPDX-License-Identifier: MIT
import { Bell } from 'lucide-preact';
import type { VNode } from 'preact';
import { useLocation } from 'preact-iso/router';
import { query, send } from '../lib/api';
import { count, words } from '../lib/format';
import { usePages } from '../lib/pages';
import type { Notification, NotificationPage } from '../lib/types';
import { Empty, JobLink, Loaded, PageHead, Panel, Time } from '../ui/panel';
import { Status } from '../ui/status';
import { attempt, say } from '../ui/toast';

const states = ['open', 'given_up', 'delivered'] as const;

function Row({ of, redeliver }: { of: Notification; redeliver: () => void }): VNode {
  return (
    <tr>
      <td>
        <Status of={of.state} label={words(of.state)} />
      </td>
      <td>{words(of.event.replace('.', ' '))}</td>
      <td>{of.jobId === undefined ? <b>{of.alert?.name}</b> : <JobLink id={of.jobId} />}</td>
      <td class="number">{count(of.attempts)}</td>
      <td class="cell-detail">
        {of.lastError ? (
          <span class="detail-error" title={of.lastError.message}>
            <b>{words(of.lastError.problem)}</b> {of.lastError.message}
          </span>
        ) : (
          <span class="muted">{of.alert?.summary ?? of.receiver ?? ''}</span>
        )}
      </td>
      <td class="number">
        <Time at={of.nextAttemptAt ?? of.endedAt ?? of.createdAt} />
      </td>
      <td class="number">
        <button type="button" class="button small" onClick={redeliver}>
          Deliver
        </button>
      </td>
    </tr>
  );
}

export function NotificationsPage(): VNode {
  const { query: parameters, route } = useLocation();
  const state = parameters['state'] ?? '';
  const path = `/worker/notifications${query({ state, limit: 100 })}`;
  const { first, older, hasMore, more } = usePages<NotificationPage>(path, { every: 10_000 });
  const behind = older.flatMap(({ notifications }) => notifications);

  const redeliver = async (id: string): Promise<void> => {
    await attempt(
      () => send('POST', `/worker/notifications/${encodeURIComponent(id)}/redeliver`),
      'It is delivered once more',
    );
    first.reload();
  };
  const redeliverAll = async (): Promise<void> => {
    await attempt(async () => {
      const { redelivered } = await send<{ redelivered: number }>(
        'POST',
        '/worker/notifications/redeliver',
        {},
      );
      say(`${count(redelivered)} are delivered once more`);
    }, 'Those that were given up are open again');
    first.reload();
  };
  return (
    <>
      <PageHead
        title="Notifications"
        about="What the application is told when a job ends, and of alerts."
      >
        <button type="button" class="button" onClick={() => void redeliverAll()}>
          Deliver all that were given up
        </button>
      </PageHead>
      <div class="chips" role="group" aria-label="State">
        <button
          type="button"
          class="chip"
          aria-pressed={state === ''}
          onClick={() => route('/ui/notifications')}
        >
          open and given up
        </button>
        {states.map((each) => (
          <button
            key={each}
            type="button"
            class="chip"
            aria-pressed={state === each}
            onClick={() => route(`/ui/notifications?state=${each}`)}
          >
            {words(each)}
          </button>
        ))}
      </div>
      <Panel title="Deliveries" class="is-flush">
        <Loaded
          from={first}
          render={({ notifications }) =>
            notifications.length === 0 ? (
              <Empty
                icon={<Bell size={24} />}
                title={state === '' ? 'All is delivered' : `None is ${words(state)}`}
              >
                Set <code>WORKER_WEBHOOK_URL</code> to have the application told when jobs end.
              </Empty>
            ) : (
              <div class="table-wrap" tabIndex={0} role="group" aria-label="Deliveries">
                <table>
                  <thead>
                    <tr>
                      <th>State</th>
                      <th>Event</th>
                      <th>Job or alert</th>
                      <th class="number">Tries</th>
                      <th>Problem, alert, or receiver</th>
                      <th class="number">When</th>
                      <th>
                        <span class="visually-hidden">Action</span>
                      </th>
                    </tr>
                  </thead>
                  <tbody>
                    {[...notifications, ...behind].map((each) => (
                      <Row key={each.id} of={each} redeliver={() => void redeliver(each.id)} />
                    ))}
                  </tbody>
                </table>
              </div>
            )
          }
        />
        {hasMore && (
          <div class="list-foot">
            <span class="spacer" />
            <button type="button" class="button" onClick={() => void more()}>
              Show more
            </button>
          </div>
        )}
      </Panel>
    </>
  );
}
