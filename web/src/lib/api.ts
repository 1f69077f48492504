// SPDX-License-Identifier: MIT
// Calls of the API. Every failure is an ApiError that says what a person can do about it.

import type { FieldProblem, Problem } from './types';

/** `status` is 0 where there was no answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly fields: FieldProblem[] = [],
    readonly retryAfterSeconds: number | null = null,
    readonly requestId: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Proves to the server that a script of this page makes the call, and no form of another's. */
const scriptHeader = 'X-CSRF';

type Listener = (error: ApiError) => void;
const unauthorizedListeners = new Set<Listener>();

/** Calls `listener` whenever the server no longer knows who is asking. */
export function onUnauthorized(listener: Listener): void {
  unauthorizedListeners.add(listener);
}

async function readProblem(answer: Response): Promise<ApiError> {
  const text = await answer.text().catch(() => '');
  let problem: Partial<Problem> = {};
  try {
    problem = JSON.parse(text) as Partial<Problem>;
  } catch {
    // A proxy's page: its status says more than its markup.
  }
  const fallback = answer.statusText || `the server answered ${answer.status}`;
  const retryAfter = Number(answer.headers.get('Retry-After'));
  return new ApiError(
    answer.status,
    problem.detail || problem.title || fallback,
    problem.errors ?? [],
    Number.isFinite(retryAfter) && retryAfter > 0 ? retryAfter : null,
    answer.headers.get('X-Request-Id'),
  );
}

export interface CallOptions {
  method?: string;
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** The answer where it is a success; throws an ApiError otherwise, and an AbortError when aborted. */
export async function request(path: string, options: CallOptions = {}): Promise<Response> {
  const headers: Record<string, string> = { [scriptHeader]: '1', ...options.headers };
  if (options.json !== undefined) {
    headers['Content-Type'] = 'application/json';
  }
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: options.method ?? 'GET',
      headers,
      body: options.json !== undefined ? JSON.stringify(options.json) : (options.body ?? null),
      signal: options.signal ?? null,
      credentials: 'same-origin',
      cache: 'no-store',
    });
  } catch (error) {
    if (options.signal?.aborted) {
      throw error;
    }
    throw new ApiError(0, 'the service does not answer');
  }
  if (answer.ok) {
    return answer;
  }
  const problem = await readProblem(answer);
  if (problem.status === 401) {
    unauthorizedListeners.forEach((listener) => listener(problem));
  }
  throw problem;
}

export async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  const answer = await request(path, { signal });
  return (await answer.json()) as T;
}

/** A call that changes something. An answer without a body is `undefined`. */
export async function send<T = unknown>(method: string, path: string, json?: unknown): Promise<T> {
  const answer = await request(path, { method, json });
  const text = await answer.text();
  return (text ? JSON.parse(text) : undefined) as T;
}

/** The query of a URL, without what is empty. */
export function query(parameters: Record<string, string | number | null | undefined>): string {
  const made = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== '') {
      made.set(name, String(value));
    }
  }
  const text = made.toString();
  return text ? `?${text}` : '';
}

/** What a failure means in a sentence, with what to do. */
export function explain(error: unknown): string {
  if (!(error instanceof ApiError)) {
    return error instanceof Error ? error.message : String(error);
  }
  const fields = error.fields.map(({ field, message }) => `${field} ${message}`).join('; ');
  const text = fields || error.message;
  const wait = error.retryAfterSeconds ? ` Try again in ${error.retryAfterSeconds} s.` : '';
  return text.charAt(0).toUpperCase() + text.slice(1) + (/[.!?]$/.test(text) ? '' : '.') + wait;
}
