// SPDX-License-Identifier: MIT
// What a job says of itself in words.

import { count, duration, relative, words } from './format';
import type { Attempt, Job, Waiting } from './types';

/** The pictures that a job is about. */
export function picturesOf(job: Job): { person?: string; garment?: string; result?: string } {
  return {
    person: job.payload.userImageId ?? job.payload.imageId,
    garment: job.type === 'image_conversion' ? job.payload.clothImageId : undefined,
    result: job.result?.imageId,
  };
}

export function costOf(job: Job): number | null {
  const paid = job.providerCalls.filter((call) => call.cost !== undefined);
  return paid.length === 0 ? null : paid.reduce((sum, call) => sum + (call.cost ?? 0), 0);
}

/** Whether money may have been spent for which there is no answer. */
export function mayBePaidTwice(job: Job): boolean {
  return (
    job.possiblyBilled ||
    job.providerCalls.some(({ state }) => state === 'aborted' || state === 'ambiguous')
  );
}

/** From submission to the end, milliseconds. */
export function tookOf(job: Job): number | null {
  return job.completedAt ? Date.parse(job.completedAt) - Date.parse(job.createdAt) : null;
}

const reasons: Record<string, string> = {
  stopped: 'the service is stopped',
  paused: 'its type is paused',
  budget: "the day's budget is used up",
  user_budget: "its user's budget of the day is used up",
  quota: "the provider's quota is used up",
  backoff: 'the pause after a failure',
  due_later: 'its start time',
  provider_closed: 'the provider fails',
  no_worker: 'no worker has joined',
  suspect_alone: 'a process of its own',
  behind: 'others are first',
  dispatching: 'it is next',
};

export function reasonOf(waiting: Waiting): string {
  return reasons[waiting.reason] ?? words(waiting.reason);
}

export function waitingText(waiting: Waiting, now: number): string {
  const parts = [reasonOf(waiting)];
  if (waiting.pause?.reason) {
    parts.push(waiting.pause.reason);
  }
  if (waiting.reason === 'behind' && waiting.aheadAtMost !== undefined) {
    parts[0] = `behind ${count(waiting.aheadAtMost)} at most`;
  }
  if (waiting.until) {
    parts.push(relative(waiting.until, now));
  }
  if (waiting.estimatedStartAt) {
    const from = waiting.estimatedStartAt.from;
    parts.push(Date.parse(from) > now ? `starts ${relative(from, now)}` : 'starts soon');
  }
  return parts.join(', ');
}

/** The steps of an attempt with their lengths in milliseconds, as far as they are known. */
export function stagesOf(
  attempt: Attempt,
  now: number,
): { stage: string; from: number; to: number }[] {
  const stages = attempt.stages ?? [];
  const end = attempt.endedAt ? Date.parse(attempt.endedAt) : now;
  return stages.map(({ stage, startedAt }, i) => {
    const next = stages[i + 1];
    return { stage, from: Date.parse(startedAt), to: next ? Date.parse(next.startedAt) : end };
  });
}

export function lengthOf(attempt: Attempt, now: number): string {
  return attempt.startedAt
    ? duration(
        (attempt.endedAt ? Date.parse(attempt.endedAt) : now) - Date.parse(attempt.startedAt),
      )
    : '';
}
