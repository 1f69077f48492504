// SPDX-License-Identifier: MIT
// The attempts of a job as a waterfall: what each spent its time with, and the pauses between them.

import type { VNode } from 'preact';
import { now } from '../lib/clock';
import { duration } from '../lib/format';
import { lengthOf, stagesOf } from '../lib/jobs';
import type { Attempt, Job } from '../lib/types';
import { Panel } from '../ui/panel';

const stageNames = [
  'downloading',
  'converting',
  'processing',
  'uploading',
  'recording',
  'notifying',
];

interface Span {
  from: number;
  to: number;
}

/** Where a bar lies in the whole, in percent. */
function place(bar: Span, whole: Span): { left: string; width: string } {
  const length = Math.max(1, whole.to - whole.from);
  const left = ((bar.from - whole.from) / length) * 100;
  return { left: `${left}%`, width: `${Math.max(0.4, ((bar.to - bar.from) / length) * 100)}%` };
}

function Row({ attempt, whole }: { attempt: Attempt; whole: Span }): VNode {
  const stages = stagesOf(attempt, now.value);
  const span = {
    from: Date.parse(attempt.startedAt ?? ''),
    to: attempt.endedAt ? Date.parse(attempt.endedAt) : now.value,
  };
  const outcome = attempt.error ? attempt.error.class : attempt.endedAt ? 'done' : 'running';
  return (
    <li class="attempt">
      <div class="attempt-head">
        <b>Attempt {attempt.attempt}</b>
        <span class={`tag ${attempt.error ? 'tone-bad' : attempt.endedAt ? 'tone-good' : ''}`}>
          {outcome}
        </span>
        <span class="muted small">{attempt.workerId}</span>
        <span class="spacer" />
        <span class="small">{lengthOf(attempt, now.value)}</span>
      </div>
      <div class="waterfall" aria-hidden="true">
        {stages.length === 0 ? (
          <i class={attempt.error ? 'is-failed' : ''} style={place(span, whole)} />
        ) : (
          stages.map((stage, i) => (
            <i
              key={i}
              class={`stage-${stageNames.indexOf(stage.stage)}`}
              style={place(stage, whole)}
              title={`${stage.stage}: ${duration(stage.to - stage.from)}`}
            />
          ))
        )}
      </div>
      {stages.length > 0 && (
        <ul class="stage-list">
          {stages.map((stage, i) => (
            <li key={i}>
              <i class={`stage-${stageNames.indexOf(stage.stage)}`} aria-hidden="true" />
              {stage.stage} <b>{duration(stage.to - stage.from)}</b>
            </li>
          ))}
        </ul>
      )}
      {attempt.error && <p class="error-text small">{attempt.error.message}</p>}
    </li>
  );
}

export function Attempts({ job }: { job: Job }): VNode {
  const known = job.attempts.filter(({ startedAt }) => startedAt);
  const starts = known.map(({ startedAt }) => Date.parse(startedAt ?? ''));
  const ends = known.map(({ endedAt }) => (endedAt ? Date.parse(endedAt) : now.value));
  const whole = { from: Math.min(...starts, Date.parse(job.createdAt)), to: Math.max(...ends) };
  return (
    <Panel
      title="Attempts"
      hint={
        known.length > 0
          ? `from submission on, ${duration(whole.to - whole.from)} in all`
          : undefined
      }
    >
      {known.length === 0 ? (
        <p class="muted">None has begun.</p>
      ) : (
        <ol class="attempts">
          {known
            .slice()
            .reverse()
            .map((each) => (
              <Row key={each.attempt} attempt={each} whole={whole} />
            ))}
        </ol>
      )}
    </Panel>
  );
}
