// SPDX-License-Identifier: MIT
import type { VNode } from 'preact';
import { signal } from '@preact/signals';
import { useEffect, useMemo, useState } from 'preact/hooks';
import { explain, ApiError, send } from '../lib/api';
import { count, plural } from '../lib/format';
import { useResource } from '../lib/resource';
import type { ConfigChanges, ConfigOption } from '../lib/types';
import { Dialog } from '../ui/dialog';
import { Failure, Loaded, PageHead, Panel } from '../ui/panel';
import { say } from '../ui/toast';

type Edits = Readonly<Record<string, string>>;

/** What is not applied yet stays while other pages are looked at. */
const pending = signal<Edits>({});
const setEdits = (update: (before: Edits) => Edits): void => {
  pending.value = update(pending.value);
};

/** What PUT /worker/config takes: members of groups in objects of their own. */
function toBody(edits: Edits, options: ConfigOption[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(edits)) {
    const kind = options.find((each) => each.name === name)?.kind;
    const value =
      kind === 'boolean'
        ? text === 'true'
        : kind === 'number' && text.trim() !== '' && Number.isFinite(Number(text))
          ? Number(text)
          : text;
    const [group, member] = name.split('.');
    if (member === undefined) {
      body[name] = value;
    } else {
      body[group ?? ''] = { ...(body[group ?? ''] as object | undefined), [member]: value };
    }
  }
  return body;
}

/** The failure with the names that the page shows in place of the API's. */
function inVariables(failure: unknown, options: ConfigOption[]): unknown {
  if (!(failure instanceof ApiError)) {
    return failure;
  }
  const fields = failure.fields.map(({ field, message }) => ({
    field: options.find(({ name }) => name === field)?.variable ?? field,
    message,
  }));
  return new ApiError(failure.status, failure.message, fields, failure.retryAfterSeconds);
}

function Value({
  option,
  text,
  edit,
  problem,
}: {
  option: ConfigOption;
  text: string;
  edit: (text: string) => void;
  problem: string | undefined;
}): VNode {
  if (!option.isLive || option.isSecret) {
    return (
      <span class="mono setting-value">
        {String(option.value) || <span class="muted">not set</span>}
      </span>
    );
  }
  const common = { 'aria-label': option.variable, 'aria-invalid': problem !== undefined };
  return option.kind === 'boolean' ? (
    <select {...common} value={text} onChange={(event) => edit(event.currentTarget.value)}>
      <option value="true">true</option>
      <option value="false">false</option>
    </select>
  ) : (
    <input
      {...common}
      class="mono"
      value={text}
      spellcheck={false}
      onInput={(event) => edit(event.currentTarget.value)}
    />
  );
}

function Row({
  option,
  edits,
  edit,
  problem,
}: {
  option: ConfigOption;
  edits: Edits;
  edit: (name: string, text: string) => void;
  problem: string | undefined;
}): VNode {
  const text = edits[option.name] ?? String(option.value);
  return (
    <li class={`setting ${edits[option.name] !== undefined ? 'is-edited' : ''}`}>
      <div class="setting-text">
        <p>
          <span class="mono">{option.variable}</span>{' '}
          {option.isLive ? (
            <span class="tag tone-good">live</span>
          ) : (
            <span class="tag">at the next start</span>
          )}{' '}
          {!option.isDefault && <span class="tag tone-warn">set</span>}
        </p>
        <p class="muted small">{option.description}</p>
      </div>
      <div class="setting-edit">
        <Value
          option={option}
          text={text}
          edit={(made) => edit(option.name, made)}
          problem={problem}
        />
        <p class={`small ${problem ? 'tone-bad' : 'muted'}`}>
          {problem ?? (
            <>
              {option.allowed && `${option.allowed}; `}usually {String(option.default) || 'not set'}
            </>
          )}
        </p>
      </div>
    </li>
  );
}

function Diff({
  found,
  apply,
  onClose,
  error,
}: {
  found: ConfigChanges;
  apply: () => void;
  onClose: () => void;
  error: string;
}): VNode {
  return (
    <Dialog
      title="Apply these changes?"
      onClose={onClose}
      footer={
        <>
          <button type="button" class="button" onClick={onClose}>
            Not yet
          </button>
          <button
            type="button"
            class="button is-primary"
            onClick={apply}
            disabled={found.changes.length === 0}
          >
            Apply {plural(found.changes.length, 'change')}
          </button>
        </>
      }
    >
      {error && <Failure text={error} />}
      {found.changes.length === 0 ? (
        <p class="muted">Nothing would change.</p>
      ) : (
        <ul class="diff">
          {found.changes.map(({ name, before, after }) => (
            <li key={name}>
              <span class="mono">{name}</span>
              <span class="diff-values">
                <del>{String(before) || 'not set'}</del> <span aria-label="becomes">→</span>{' '}
                <ins>{String(after) || 'not set'}</ins>
              </span>
            </li>
          ))}
        </ul>
      )}
      <p class="muted small">
        They hold at once, and until the next start of this process: to keep them, set them where it
        is started.
      </p>
    </Dialog>
  );
}

export function SettingsPage(): VNode {
  const schema = useResource<{ options: ConfigOption[] }>('/worker/config/schema');
  const options = schema.data?.options ?? [];
  const edits = pending.value;
  const [search, setSearch] = useState('');
  const [onlySet, setOnlySet] = useState(false);
  const [problems, setProblems] = useState<Record<string, string>>({});
  const [diff, setDiff] = useState<ConfigChanges | null>(null);
  const [error, setError] = useState('');
  const shown = useMemo(
    () =>
      options.filter(
        (each) =>
          (!onlySet || !each.isDefault) &&
          `${each.variable} ${each.description}`.toLowerCase().includes(search.toLowerCase()),
      ),
    [options, search, onlySet],
  );
  const body = toBody(edits, options);

  const edit = (name: string, text: string): void =>
    setEdits((before) => {
      const { [name]: _, ...others } = before;
      const option = options.find((each) => each.name === name);
      return option && String(option.value) === text ? others : { ...before, [name]: text };
    });
  const take = (failure: unknown): void => {
    setProblems(
      failure instanceof ApiError
        ? Object.fromEntries(failure.fields.map(({ field, message }) => [field, message]))
        : {},
    );
    setError(explain(inVariables(failure, options)));
  };
  const preview = (): void => {
    setError('');
    setProblems({});
    send<ConfigChanges>('PUT', '/worker/config?dryRun=true', body).then(setDiff, take);
  };
  const apply = (): void => {
    setError('');
    send('PUT', '/worker/config', body).then(() => {
      setDiff(null);
      setEdits(() => ({}));
      say('The changes hold');
      schema.reload();
    }, take);
  };
  const number = Object.keys(edits).length;
  useEffect(() => {
    const ask = (event: Event): void => event.preventDefault();
    if (number > 0) {
      addEventListener('beforeunload', ask);
    }
    return () => removeEventListener('beforeunload', ask);
  }, [number > 0]);
  return (
    <>
      <PageHead
        title="Settings"
        about="What is in force, and what can be changed while the service runs."
      >
        {number > 0 && (
          <>
            <button type="button" class="button" onClick={() => setEdits(() => ({}))}>
              Discard
            </button>
            <button type="button" class="button is-primary" onClick={preview}>
              Review {plural(number, 'change')}
            </button>
          </>
        )}
      </PageHead>
      {error && !diff && <Failure text={error} />}
      <Panel
        title="Options"
        hint={
          shown.length < options.length
            ? `${count(shown.length)} of ${count(options.length)}`
            : undefined
        }
        actions={
          <div class="setting-tools">
            <label class="check small">
              <input
                type="checkbox"
                checked={onlySet}
                onChange={(event) => setOnlySet(event.currentTarget.checked)}
              />{' '}
              only what is set
            </label>
            <input
              type="search"
              class="filter-field"
              aria-label="Find an option"
              placeholder="Find an option"
              value={search}
              onInput={(event) => setSearch(event.currentTarget.value)}
            />
          </div>
        }
      >
        <Loaded
          from={schema}
          lines={8}
          missing="This service does not describe its options yet: GET /worker/config shows their values."
          render={() => (
            <ul class="settings">
              {shown.map((option) => (
                <Row
                  key={option.name}
                  option={option}
                  edits={edits}
                  edit={edit}
                  problem={problems[option.name]}
                />
              ))}
            </ul>
          )}
        />
      </Panel>
      {diff && <Diff found={diff} apply={apply} error={error} onClose={() => setDiff(null)} />}
    </>
  );
}
