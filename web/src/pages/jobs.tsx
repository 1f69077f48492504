// SPDX-License-Identifier: MIT
import { Columns3, ListChecks, RotateCw } from 'lucide-preact';
import type { VNode } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { explain } from '../lib/api';
import { isEmpty, parseFilter, printFilter, type Filter } from '../lib/filter';
import { plural, words } from '../lib/format';
import { useJobList, type JobList } from '../lib/job_list';
import { listHere } from '../lib/kept_lists';
import { hiddenColumns } from '../lib/preferences';
import { curlOf, may, mayDrop, ofOwnUser, session } from '../lib/session';
import { allStatuses, type BulkAction } from '../lib/types';
import { BulkDialog } from '../ui/bulk';
import { columns, JobTable } from '../ui/job_table';
import { NotUnderstood, UserChoice } from '../ui/filter_notes';
import { RunningOperations } from '../ui/operations';
import { CopyButton } from '../ui/copy';
import { Empty, Failure, PageHead } from '../ui/panel';
import { ViewsMenu } from '../ui/views';

/** The filter with a status more or less. */
function toggled(filter: Filter, status: string): Filter {
  const has = filter.status.includes(status);
  return {
    ...filter,
    status: has ? filter.status.filter((each) => each !== status) : [...filter.status, status],
  };
}

function Chips({ filter, show }: { filter: Filter; show: (filter: Filter) => void }): VNode {
  const ownUsers = session.value?.users ?? [];
  const others = (
    ['type', 'class', 'user', 'conversion', 'id', 'since', 'before', 'group'] as const
  )
    .filter((word) => !(word === 'user' && ownUsers.length > 1))
    .filter((word) =>
      Array.isArray(filter[word]) ? filter[word].length > 0 : filter[word] !== '',
    );
  return (
    <div class="chips" role="group" aria-label="Filter">
      {allStatuses.map((status) => (
        <button
          key={status}
          type="button"
          class="chip"
          aria-pressed={filter.status.includes(status)}
          onClick={() => show(toggled(filter, status))}
        >
          {status}
        </button>
      ))}
      <UserChoice filter={filter} show={show} />
      {others.map((word) => (
        <button
          key={word}
          type="button"
          class="chip"
          aria-pressed="true"
          onClick={() => show({ ...filter, [word]: Array.isArray(filter[word]) ? [] : '' })}
        >
          <span class="visually-hidden">Remove the filter </span>
          {word}: <bdi class={word === 'user' ? 'private-text' : ''}>{String(filter[word])}</bdi> ×
        </button>
      ))}
    </div>
  );
}

function ColumnsMenu(): VNode {
  return (
    <details class="menu">
      <summary class="button small">
        <Columns3 size={14} aria-hidden="true" /> Columns
      </summary>
      <div class="menu-body">
        {columns
          .filter(({ isFixed }) => !isFixed)
          .map(({ name, title }) => (
            <label key={name} class="check">
              <input
                type="checkbox"
                checked={!hiddenColumns.value.includes(name)}
                onChange={(event) => {
                  const rest = hiddenColumns.value.filter((each) => each !== name);
                  hiddenColumns.value = event.currentTarget.checked ? rest : [...rest, name];
                }}
              />
              {title}
            </label>
          ))}
      </div>
    </details>
  );
}

function NoMatch({ filter, show }: { filter: Filter; show: (filter: Filter) => void }): VNode {
  if (isEmpty(filter)) {
    return (
      <Empty icon={<ListChecks size={24} />} title="No job yet">
        Jobs appear here as soon as they are submitted.
        {may('submitter') && (
          <div class="page-actions">
            <a class="button is-primary" href="/ui/try">
              Try it
            </a>
          </div>
        )}
      </Empty>
    );
  }
  return (
    <Empty icon={<ListChecks size={24} />} title="No job matches">
      Nothing kept here meets <code>{printFilter(filter)}</code>.
      <div class="page-actions">
        <button type="button" class="button" onClick={() => show(parseFilter(''))}>
          Show all jobs
        </button>
      </div>
    </Empty>
  );
}

/** Which actions on all that match make sense, by the states that are shown; none on more than was meant. */
function bulkActions(filter: Filter): BulkAction[] {
  if (!may('submitter') || filter.unknown.length > 0) {
    return [];
  }
  const shown = filter.status;
  const hasOnlyDead = shown.length > 0 && shown.every((each) => each === 'failed');
  const hasOnlyOpen =
    shown.length > 0 &&
    shown.every((each) => ['pending', 'scheduled', 'processing'].includes(each));
  if (hasOnlyDead) {
    return mayDrop() ? ['retry', 'drop'] : ['retry'];
  }
  return hasOnlyOpen ? ['cancel'] : [];
}

const bulkNames: Record<BulkAction, string> = {
  retry: 'Retry all',
  cancel: 'Cancel all',
  drop: 'Drop all',
};

function Foot({ list }: { list: JobList }): VNode {
  return (
    <div class="list-foot">
      <span class="muted small">
        {plural(list.jobs.length, 'job')}
        {list.hasMore ? ' shown, there are more' : ''}
      </span>
      {list.hasMore && (
        <button type="button" class="button" onClick={list.more} disabled={list.isLoading}>
          {list.isLoading ? 'Loading' : 'Show more'}
        </button>
      )}
    </div>
  );
}

export function JobsPage(): VNode {
  const { query, route } = useLocation();
  const text = query['q'] ?? '';
  const filter = useMemo(() => listHere()?.filter ?? ofOwnUser(parseFilter(text)), [text]);
  const list = useJobList('/worker/jobs', filter);
  const [bulk, setBulk] = useState<BulkAction | null>(null);
  useEffect(() => setBulk(null), [text]);
  const show = (wanted: Filter): void => {
    const made = printFilter(wanted);
    route(made ? `/ui/jobs?q=${encodeURIComponent(made)}` : '/ui/jobs');
  };
  return (
    <>
      <PageHead title="Jobs">
        {bulkActions(filter).map((action) => (
          <button
            key={action}
            type="button"
            class={`button small ${action === 'retry' ? '' : 'is-danger'}`}
            onClick={() => setBulk(action)}
            disabled={list.jobs.length === 0}
          >
            {bulkNames[action]}
          </button>
        ))}
        <ViewsMenu filter={text} />
        <ColumnsMenu />
        <CopyButton label="curl" text={() => curlOf(list.call)} />
        <button type="button" class="button small" onClick={list.reload}>
          <RotateCw size={14} aria-hidden="true" /> Refresh
        </button>
      </PageHead>
      <Chips filter={filter} show={show} />
      <NotUnderstood filter={filter} />
      {may('submitter') && <RunningOperations key={String(bulk)} />}
      <div class="new-jobs" aria-live="polite">
        {list.newer > 0 && (
          <button type="button" class="button small is-primary" onClick={list.reload}>
            Show {plural(list.newer, 'new job')}
          </button>
        )}
      </div>
      <section class="panel is-flush is-table" aria-label="List of jobs" aria-busy={list.isLoading}>
        {list.error && <Failure text={explain(list.error)} retry={list.reload} />}
        {list.isLoading && list.jobs.length === 0 && (
          <div class="skeleton" role="status" aria-label="Loading">
            <i />
            <i />
            <i />
            <i />
          </div>
        )}
        {!list.isLoading && !list.error && list.jobs.length === 0 && !list.hasMore && (
          <NoMatch filter={filter} show={show} />
        )}
        {!list.isLoading && list.jobs.length === 0 && list.hasMore && (
          <Empty title="None so far">
            Many jobs were looked at, and none of them matches. There are older ones.
          </Empty>
        )}
        {list.jobs.length > 0 && (
          <JobTable jobs={list.jobs} current={list.current} changed={list.reload} />
        )}
        {(list.jobs.length > 0 || list.hasMore) && <Foot list={list} />}
      </section>
      {bulk && (
        <BulkDialog
          action={bulk}
          filter={filter}
          about={words(printFilter(filter))}
          onClose={() => setBulk(null)}
        />
      )}
    </>
  );
}
