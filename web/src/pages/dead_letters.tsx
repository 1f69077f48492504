// SPDX-License-Identifier: MIT
import { Inbox } from 'lucide-preact';
import type { VNode } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { explain, query } from '../lib/api';
import { parseFilter, printFilter, toParameters, type Filter } from '../lib/filter';
import { count, plural } from '../lib/format';
import { useJobList } from '../lib/job_list';
import { listHere } from '../lib/kept_lists';
import { useResource } from '../lib/resource';
import { may, mayDrop, ofOwnUser } from '../lib/session';
import type { BulkAction, DeadLetterGroup, DeadLetterGroups } from '../lib/types';
import { BulkDialog } from '../ui/bulk';
import { NotUnderstood, UserChoice } from '../ui/filter_notes';
import { JobTable } from '../ui/job_table';
import { Empty, Failure, Loaded, PageHead, Panel, Time } from '../ui/panel';

interface Wanted {
  action: BulkAction;
  filter: Filter;
}

function Group({
  of,
  filter,
  act,
}: {
  of: DeadLetterGroup;
  filter: Filter;
  act: (wanted: Wanted) => void;
}): VNode {
  const own: Filter = { ...filter, status: ['failed'], class: [of.errorClass], group: of.group };
  return (
    <li class="group">
      <span class="group-count">{count(of.count)}</span>
      <div class="group-text">
        <p>
          <span class="tag tone-bad">{of.errorClass}</span>{' '}
          {!of.retryable && <span class="tag">not retried by itself</span>}
        </p>
        <p class="error-text">{of.message || 'without a message'}</p>
        <p class="muted small">
          first <Time at={of.first} />, last <Time at={of.last} /> ·{' '}
          <a href={`/ui/jobs/${of.sampleJobId}`}>an example</a>
        </p>
      </div>
      {may('submitter') && filter.unknown.length === 0 && (
        <div class="page-actions">
          <button
            type="button"
            class="button small"
            onClick={() => act({ action: 'retry', filter: own })}
          >
            Retry {count(of.count)}
          </button>
          {mayDrop() && (
            <button
              type="button"
              class="button small is-danger"
              onClick={() => act({ action: 'drop', filter: own })}
            >
              Drop
            </button>
          )}
        </div>
      )}
    </li>
  );
}

function DeadList({ filter }: { filter: Filter }): VNode {
  const list = useJobList('/worker/dead-letters', filter);
  return (
    <section
      class="panel is-flush is-table"
      aria-label="Dead letters one by one"
      aria-busy={list.isLoading}
    >
      {list.error && <Failure text={explain(list.error)} retry={list.reload} />}
      {list.isLoading && list.jobs.length === 0 && (
        <div class="skeleton" role="status" aria-label="Loading">
          <i />
          <i />
          <i />
        </div>
      )}
      {list.jobs.length > 0 && (
        <JobTable jobs={list.jobs} current={list.current} changed={list.reload} />
      )}
      {list.hasMore && (
        <div class="list-foot">
          <span class="spacer" />
          <button type="button" class="button" onClick={list.more}>
            Show more
          </button>
        </div>
      )}
    </section>
  );
}

export function DeadLettersPage(): VNode {
  const { query: parameters, route } = useLocation();
  const text = parameters['q'] ?? '';
  const filter = useMemo(() => listHere()?.filter ?? ofOwnUser(parseFilter(text)), [text]);
  const { status: _, group: __, ...rest } = toParameters(filter);
  const groups = useResource<DeadLetterGroups>(`/worker/dead-letters/groups${query(rest)}`, {
    every: 30_000,
    onEvents: 3000,
  });
  const [wanted, setWanted] = useState<Wanted | null>(null);
  const isEmpty = groups.data?.groups.length === 0;
  const all: Filter = { ...filter, status: ['failed'] };
  const show = (wanted: Filter): void =>
    route(`/ui/dead?q=${encodeURIComponent(printFilter(wanted))}`);
  return (
    <>
      <PageHead
        title="Dead letters"
        about="Jobs that have failed for good, by what they failed with."
      >
        <UserChoice filter={filter} show={show} />
        {may('submitter') && filter.unknown.length === 0 && groups.data && !isEmpty && (
          <button
            type="button"
            class="button"
            onClick={() => setWanted({ action: 'retry', filter: all })}
          >
            Retry all
          </button>
        )}
      </PageHead>
      <NotUnderstood filter={filter} />
      {isEmpty ? (
        <Panel title="None">
          <Empty icon={<Inbox size={24} />} title="No job has failed for good">
            What fails is tried again as long as that may help. What is left comes here, and stays
            until it is retried, dropped, or its time is over.
          </Empty>
        </Panel>
      ) : (
        <>
          <Panel
            title="By cause"
            hint={
              groups.data && !groups.data.isComplete
                ? `the newest ${count(groups.data.looked)} are counted`
                : undefined
            }
          >
            <Loaded
              from={groups}
              missing="This service does not group dead letters yet."
              render={({ groups: found }) => (
                <ul class="groups" aria-label={plural(found.length, 'cause')}>
                  {found.map((each) => (
                    <Group key={each.group} of={each} filter={filter} act={setWanted} />
                  ))}
                </ul>
              )}
            />
          </Panel>
          <DeadList key={text} filter={filter} />
        </>
      )}
      {wanted && (
        <BulkDialog
          action={wanted.action}
          filter={wanted.filter}
          about={printFilter(wanted.filter)}
          onClose={() => {
            setWanted(null);
            groups.reload();
          }}
        />
      )}
    </>
  );
}
