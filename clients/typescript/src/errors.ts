// SPDX-License-Identifier: MIT
import type { ErrorClass, FieldProblem, Problem } from './types.js';

const passingClasses = new Set<string>([
  'timeout',
  'connection',
  'rate_limited',
  'unavailable',
  'server_error',
  'worker_lost',
  'store_full',
  'held',
]);
/** Of answers that are not the service's own. */
const passingStatuses = new Set([408, 429, 502, 503, 504]);

interface Known {
  title?: string;
  fields?: FieldProblem[];
  requestId?: string | null;
  retryable?: boolean;
  retryAfter?: number | null;
  cause?: unknown;
}

/** What a call has failed of: the service's refusal, or that there was no answer. */
export class StaylerError extends Error {
  /** The kind of failure; null where something between here and the service has answered. */
  readonly class: ErrorClass | null;
  /** The status in words. */
  readonly title: string;
  /** The bad fields of the request. */
  readonly fields: FieldProblem[];
  /** The name of the call in the service's log. */
  readonly requestId: string | null;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** How many seconds the service asks to wait before that; null where it does not say. */
  readonly retryAfter: number | null;

  constructor(
    /** The HTTP status, or 0 where no answer came. */
    readonly status: number,
    errorClass: ErrorClass | null,
    /** What went wrong, for people. */
    readonly detail: string,
    known: Known = {},
  ) {
    const text = status === 0 ? detail : `${status} ${errorClass}: ${detail}`;
    super(known.requestId ? `${text} (request ${known.requestId})` : text, { cause: known.cause });
    this.name = 'StaylerError';
    this.class = errorClass;
    this.title = known.title ?? '';
    this.fields = known.fields ?? [];
    this.requestId = known.requestId ?? null;
    this.retryable = known.retryable ?? false;
    this.retryAfter = known.retryAfter ?? null;
  }
}

/** Of a try that has brought no answer. */
export function noAnswer(cause: unknown, errorClass: ErrorClass = 'connection'): StaylerError {
  const { message, cause: behind } = cause instanceof Error ? cause : new Error(String(cause));
  const detail = behind instanceof Error ? `${message}: ${behind.message}` : message;
  return new StaylerError(0, errorClass, detail, { retryable: true, cause });
}

/** Of an answer that is not a success. */
export async function refusal(answer: Response): Promise<StaylerError> {
  const problem = await readProblem(answer);
  const errorClass = problem?.error ?? null;
  return new StaylerError(
    answer.status,
    errorClass,
    problem?.detail ||
      `the answer is not one of the service's own: ${answer.status} ${answer.statusText}`,
    {
      title: problem?.title || answer.statusText,
      fields: problem?.errors,
      requestId: answer.headers.get('X-Request-Id'),
      retryable: errorClass ? passingClasses.has(errorClass) : passingStatuses.has(answer.status),
      retryAfter: readRetryAfter(answer.headers.get('Retry-After')),
    },
  );
}

async function readProblem(answer: Response): Promise<Partial<Problem> | null> {
  const text = await answer.text();
  if (!(answer.headers.get('Content-Type') ?? '').includes('json')) {
    return null;
  }
  try {
    return JSON.parse(text) as Partial<Problem>;
  } catch {
    return null;
  }
}

/** Seconds, or a date. */
function readRetryAfter(value: string | null): number | null {
  if (value === null) {
    return null;
  }
  const seconds = /^\d+$/.test(value) ? Number(value) : (Date.parse(value) - Date.now()) / 1000;
  return Number.isNaN(seconds) ? null : Math.max(seconds, 0);
}
