// SPDX-License-Identifier: MIT
// The parts that pages are put together from: panels with their data's age and failures, empty
// states, figures, and what shows a time or an id.

import { CircleAlert, RotateCw } from 'lucide-preact';
import type { ComponentChildren, VNode } from 'preact';
import { now } from '../lib/clock';
import { explain } from '../lib/api';
import { quote } from '../lib/filter';
import { duration, local, none, relative, shortId } from '../lib/format';
import type { Resource } from '../lib/resource';

interface PanelProps {
  title: string;
  children?: ComponentChildren;
  /** Shown at the right of the title. */
  actions?: ComponentChildren;
  hint?: ComponentChildren;
  class?: string;
}

export function Panel({ title, children, actions, hint, class: name = '' }: PanelProps): VNode {
  const id = `panel-${title.toLowerCase().replace(/[^a-z]+/g, '-')}`;
  return (
    <section class={`panel ${name}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {hint && <span class="muted small">{hint}</span>}
        <span class="spacer" />
        {actions}
      </header>
      {children}
    </section>
  );
}

export function PageHead({
  title,
  children,
  about,
}: {
  title: ComponentChildren;
  children?: ComponentChildren;
  about?: ComponentChildren;
}): VNode {
  return (
    <div class="page-head">
      <div>
        <h1>{title}</h1>
        {about && <p class="muted">{about}</p>}
      </div>
      <div class="page-actions">{children}</div>
    </div>
  );
}

/** What `render` makes of the data; before it is there a quiet place, and where it fails why. */
export function Loaded<T>({
  from,
  render,
  lines = 3,
  missing,
}: {
  from: Resource<T>;
  render: (data: T) => ComponentChildren;
  lines?: number;
  /** What to say where this service has no such call. */
  missing?: string;
}): VNode {
  const { data, error, at, reload } = from;
  if (data === undefined && !error) {
    return (
      <div class="skeleton" role="status" aria-label="Loading">
        {Array.from({ length: lines }, (_, i) => (
          <i key={i} />
        ))}
      </div>
    );
  }
  return (
    <>
      {error && (
        <Failure
          text={error.status === 404 && missing ? missing : explain(error)}
          retry={reload}
          age={data !== undefined ? at : null}
        />
      )}
      {data !== undefined && <div class={error ? 'is-stale' : 'contents'}>{render(data)}</div>}
    </>
  );
}

export function Failure({
  text,
  retry,
  age,
}: {
  text: string;
  retry?: () => void;
  age?: number | null;
}): VNode {
  return (
    <div class="notice tone-bad" role="alert">
      <CircleAlert size={16} aria-hidden="true" />
      <span>
        {text}
        {age ? (
          <span class="muted"> What you see is {duration(Math.max(0, now.value - age))} old.</span>
        ) : null}
      </span>
      {retry && (
        <button type="button" class="button small" onClick={retry}>
          <RotateCw size={14} aria-hidden="true" /> Try again
        </button>
      )}
    </div>
  );
}

export function Empty({
  icon,
  title,
  children,
}: {
  icon?: ComponentChildren;
  title: string;
  children?: ComponentChildren;
}): VNode {
  return (
    <div class="empty">
      {icon && (
        <div class="empty-icon" aria-hidden="true">
          {icon}
        </div>
      )}
      <h3>{title}</h3>
      {children && <div class="muted">{children}</div>}
    </div>
  );
}

/** A figure with its name; `hint` says of what time or scope it is. */
export function Figure({
  name,
  value,
  hint,
  tone = '',
  href,
}: {
  name: string;
  value: ComponentChildren;
  hint?: ComponentChildren;
  tone?: string;
  href?: string;
}): VNode {
  const content = (
    <>
      <span class="figure-name">{name}</span>
      <span class={`figure-value ${tone && `tone-${tone}`}`}>{value}</span>
      {hint && <span class="figure-hint">{hint}</span>}
    </>
  );
  return href ? (
    <a class="figure" href={href}>
      {content}
    </a>
  ) : (
    <div class="figure">{content}</div>
  );
}

/** A share of a whole, drawn and told. `isLimit`: the whole is one that should not be reached. */
export function Meter({
  value,
  max,
  label,
  isLimit = false,
}: {
  value: number;
  max: number;
  label: string;
  isLimit?: boolean;
}): VNode {
  const share = max > 0 ? Math.min(1, value / max) : 0;
  const tone = !isLimit || share < 0.8 ? 'accent' : share < 1 ? 'warn' : 'bad';
  return (
    <div
      class={`meter tone-${tone}`}
      role="meter"
      aria-label={label}
      aria-valuenow={value}
      aria-valuemin={0}
      aria-valuemax={max}
    >
      <i style={{ width: `${share * 100}%` }} />
    </div>
  );
}

/** How long ago, or until when; the full time on demand. */
export function Time({ at }: { at: string | null | undefined }): VNode {
  return at ? (
    <time dateTime={at} title={local(at)}>
      {relative(at, now.value)}
    </time>
  ) : (
    <span class="muted">{none}</span>
  );
}

export function JobLink({ id }: { id: string }): VNode {
  return (
    <a class="mono" href={`/ui/jobs/${encodeURIComponent(id)}`} title={id}>
      {shortId(id)}
    </a>
  );
}

/** A user's id, which may be anything that its application likes. */
export function UserName({ id, link = true }: { id: string; link?: boolean }): VNode {
  const text = (
    <bdi class="user private-text" title={id}>
      {id}
    </bdi>
  );
  return link ? (
    <a class="quiet" href={`/ui/jobs?q=${encodeURIComponent(`user:${quote(id)}`)}`}>
      {text}
    </a>
  ) : (
    text
  );
}
