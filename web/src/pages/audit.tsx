// SPDX-License-Identifier: MIT
// Who has changed what, the newest first, and the state of the chain that holds the records.

import { ScrollText } from 'lucide-preact';
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { useLocation } from 'preact-iso/router';
import { query } from '../lib/api';
import { serverNow } from '../lib/clock';
import { count, parseDuration } from '../lib/format';
import { usePages } from '../lib/pages';
import { may, seesAll } from '../lib/session';
import type { AuditPage as Page, AuditRecord } from '../lib/types';
import { CopyButton } from '../ui/copy';
import { Empty, JobLink, Loaded, PageHead, Panel, Time } from '../ui/panel';
import { Status } from '../ui/status';

const outcomes = ['succeeded', 'refused', 'failed'] as const;

const fields = [
  ['actor', 'Key or address', 'ops'],
  ['action', 'Action', 'PUT /worker/config'],
  ['target', 'Target', "a job's id"],
  ['since', 'Since', '1h'],
  ['before', 'Before', '2026-11-30T09:00:00Z'],
] as const;

type Parameters = Record<string, string>;

/** For the API: a duration is so long before now. */
function moment(text: string | undefined): string {
  const ago = parseDuration(text ?? '');
  return ago === null ? (text ?? '') : new Date(serverNow() - ago).toISOString();
}

const isJob = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function Target({ of }: { of: AuditRecord }): VNode | null {
  const { target } = of;
  if (!target) {
    return null;
  }
  return isJob.test(target) && /\/worker\/(jobs|dead-letters)/.test(of.action) ? (
    <JobLink id={target} />
  ) : (
    <bdi class="mono audit-target" title={target}>
      {target}
    </bdi>
  );
}

function Row({ of }: { of: AuditRecord }): VNode {
  return (
    <tr>
      <td class="number muted wide-only">{of.sequence}</td>
      <td class="nowrap">
        <Time at={of.time} />
      </td>
      <td class="nowrap">
        <Status of={of.outcome} /> <span class="muted small">{of.status}</span>
      </td>
      <td>
        {of.key ? <bdi>{of.key}</bdi> : <span class="muted">no key</span>}{' '}
        <span class="muted small wide-only">{of.who}</span>
      </td>
      <td class="mono audit-action">{of.action}</td>
      <td>
        <Target of={of} />
      </td>
      <td class="cell-detail">
        <bdi class="small audit-details" title={of.details}>
          {of.calls !== undefined && `${count(of.calls)} calls. `}
          {of.details}
        </bdi>
      </td>
    </tr>
  );
}

/** The filter as fields; it counts when it is sent. */
function Filter({ of, show }: { of: Parameters; show: (wanted: Parameters) => void }): VNode {
  const [texts, setTexts] = useState<Parameters>(of);
  const shown = JSON.stringify(of);
  useEffect(() => setTexts(of), [shown]);
  return (
    <form
      class="audit-filter"
      role="search"
      aria-label="Records"
      onSubmit={(event) => {
        event.preventDefault();
        show(texts);
      }}
    >
      {fields.map(([name, title, example]) => (
        <label key={name} class="field">
          <span>{title}</span>
          <input
            value={texts[name] ?? ''}
            placeholder={example}
            spellcheck={false}
            onInput={(event) => setTexts({ ...texts, [name]: event.currentTarget.value })}
          />
        </label>
      ))}
      <button type="submit" class="button">
        Show
      </button>
      {Object.keys(of).length > 0 && (
        <button type="button" class="link-button" onClick={() => show({})}>
          All records
        </button>
      )}
    </form>
  );
}

function Chain({ of }: { of: Page }): VNode {
  return (
    <Panel
      title="Chain"
      hint={of.trail && <span class="mono">{of.trail}</span>}
      actions={<CopyButton label="Hash" text={of.head.hash} />}
    >
      <p>
        {of.head.sequence === 0 ? (
          'There is no record yet.'
        ) : (
          <>
            Each record holds the hash of the one before it. The newest is {count(of.head.sequence)}
            , with <span class="mono audit-hash">{of.head.hash}</span>.
          </>
        )}
      </p>
      <p class="muted small">
        A note of it elsewhere shows whether anything before it was changed:{' '}
        <code>stayler-worker --verify-audit</code> checks the whole file. These are the records of
        the coordinator that has answered; each keeps its own.
      </p>
    </Panel>
  );
}

function Records(): VNode {
  const { query: given, route } = useLocation();
  const asked = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== ''));
  const { since, before, ...rest } = asked;
  // A time before now moves on: it is counted from when the filter was sent.
  const [bounds, setBounds] = useState({ since: moment(since), before: moment(before) });
  useEffect(() => setBounds({ since: moment(since), before: moment(before) }), [since, before]);
  const path = `/worker/audit${query({ ...rest, ...bounds, limit: 100 })}`;
  const { first, older, hasMore, more } = usePages<Page>(path, { every: 10_000 });
  const show = (wanted: Parameters): void => route(`/ui/audit${query(wanted)}`);
  const records = [first.data, ...older].flatMap((page) => page?.records ?? []);
  return (
    <>
      <PageHead title="Audit" about="Who has changed what, from where, and what became of it." />
      <div class="chips" role="group" aria-label="Outcome">
        {outcomes.map((each) => {
          const isOn = asked['outcome'] === each;
          return (
            <button
              key={each}
              type="button"
              class="chip"
              aria-pressed={isOn}
              onClick={() => show({ ...asked, outcome: isOn ? '' : each })}
            >
              {each}
            </button>
          );
        })}
      </div>
      <Filter of={asked} show={show} />
      <Panel title="Records" class="is-flush">
        <Loaded
          from={first}
          lines={6}
          render={() =>
            records.length === 0 ? (
              <Empty icon={<ScrollText size={24} />} title="No record matches">
                Calls that only look leave none, nor does what is older than{' '}
                <code>WORKER_AUDIT_RETENTION</code>.
              </Empty>
            ) : (
              <div class="table-wrap" tabIndex={0} role="group" aria-label="Audit records">
                <table>
                  <thead>
                    <tr>
                      <th class="number wide-only">Record</th>
                      <th>When</th>
                      <th>Outcome</th>
                      <th>Who</th>
                      <th>Action</th>
                      <th>Target</th>
                      <th>Details</th>
                    </tr>
                  </thead>
                  <tbody>
                    {records.map((each) => (
                      <Row key={each.sequence} of={each} />
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
      {first.data && <Chain of={first.data} />}
    </>
  );
}

export function AuditPage(): VNode {
  return may('admin') && seesAll.value ? (
    <Records />
  ) : (
    <Empty icon={<ScrollText size={24} />} title="The audit trail is for admins">
      It takes a key with the role admin that is for all users.
    </Empty>
  );
}
