// SPDX-License-Identifier: MIT
import { noAnswer, refusal, StaylerError } from './errors.js';

/** How calls are made; times are in milliseconds. */
export interface Options {
  /** One of WORKER_API_KEYS, in clear. A service on loopback without keys needs none. */
  apiKey?: string;
  /** How often a call is made at most, the first time included: 5. */
  tries?: number;
  /** For one try: a minute. */
  timeout?: number;
  /** The pause after the first try that failed; it doubles each time, and a random part of it is waited for: 200. */
  leastPause?: number;
  /** Bounds these pauses, and Retry-After: what asks for more is thrown as an error at once. 30 s. */
  longestPause?: number;
  /** How long a stream may bring no byte before it is taken for dead: 45 s. The service sends one every 15 s. */
  silence?: number;
  /** How long a stream that is lost tries to come back: 5 min. */
  reconnectFor?: number;
  /** More headers, for proxies. */
  headers?: Record<string, string>;
  /** In place of the global one. */
  fetch?: typeof fetch;
}

/** Of a single call. */
export interface CallOptions {
  /** Ends the call: it throws the signal's reason. */
  signal?: AbortSignal;
}

export interface Call extends CallOptions {
  method: string;
  path: string;
  body?: BodyInit;
  headers?: Record<string, string>;
  /** Whether an answer that is no success is read like one. */
  takes?: (answer: Response) => boolean;
  /** Asked, after a try whose answer was lost, whether a 409 or 404 of the next means that the lost one did it. */
  settle?: () => Promise<Response | null>;
}

/** What of Options is always there. */
export type Rules = Required<Omit<Options, 'apiKey' | 'headers' | 'fetch'>>;

const usual: Rules = {
  tries: 5,
  timeout: 60_000,
  leastPause: 200,
  longestPause: 30_000,
  silence: 45_000,
  reconnectFor: 300_000,
};

export class Transport {
  readonly rules: Rules;
  private readonly address: string;

  constructor(
    address: string,
    private readonly options: Options,
  ) {
    const given = Object.entries(options).filter(([, value]) => value !== undefined);
    this.rules = { ...usual, ...(Object.fromEntries(given) as Partial<Rules>) };
    if (address !== '' && !/^https?:\/\/[^/]/.test(address)) {
      throw new TypeError(
        `an address is http://HOST[:PORT] or https://HOST[:PORT], not ${address}`,
      );
    }
    this.address = address.replace(/\/+$/, '');
  }

  /** Makes a call until it succeeds, is refused for good, or the tries are used up. `read` takes the answer's body. */
  async do<T>(call: Call, read: (answer: Response) => Promise<T>): Promise<T> {
    let isAnswerLost = false;
    for (let failures = 1; ; ++failures) {
      try {
        return await this.tryOnce(call, read);
      } catch (failed) {
        call.signal?.throwIfAborted();
        if (!(failed instanceof StaylerError)) {
          throw failed;
        }
        const isRefused = failed.status === 404 || failed.status === 409;
        const settled = isRefused && isAnswerLost ? await call.settle?.() : null;
        if (settled) {
          return read(settled);
        }
        if (!failed.retryable || failures >= this.rules.tries || this.isTooLong(failed)) {
          throw failed;
        }
        // A gateway that gave up waiting does not know either whether it was done.
        isAnswerLost ||= failed.status === 0 || failed.status >= 502;
        await this.pause(failures, failed, call.signal);
      }
    }
  }

  isTooLong(failed: StaylerError): boolean {
    return (failed.retryAfter ?? 0) * 1000 > this.rules.longestPause;
  }

  /** Waits as long as the service asks, and a random time, so that not all callers come back at once. */
  pause(failures: number, failed: StaylerError, signal?: AbortSignal): Promise<void> {
    const { leastPause, longestPause } = this.rules;
    const longest = Math.min(leastPause * 2 ** Math.min(failures - 1, 16), longestPause);
    const wait = (failed.retryAfter ?? 0) * 1000 + Math.random() * longest;
    return new Promise((resolve, reject) => {
      const stop = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', stop);
        resolve();
      }, wait);
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted) {
        stop();
      }
    });
  }

  send(call: Call): Promise<Response> {
    const { apiKey, headers, fetch: given } = this.options;
    return (given ?? fetch)(this.address + call.path, {
      method: call.method,
      headers: {
        ...(apiKey ? { Authorization: `Bearer ${apiKey}` } : {}),
        ...headers,
        ...call.headers,
      },
      body: call.body ?? null,
      signal: call.signal ?? null,
      cache: 'no-store',
    });
  }

  private async tryOnce<T>(call: Call, read: (answer: Response) => Promise<T>): Promise<T> {
    const limit = new Deadline(call.signal);
    limit.set(this.rules.timeout);
    try {
      const answer = await this.send({ ...call, signal: limit.signal });
      if (!answer.ok && !call.takes?.(answer)) {
        throw await refusal(answer);
      }
      return await read(answer);
    } catch (cause) {
      throw cause instanceof StaylerError ? cause : limit.explain(cause);
    } finally {
      limit.clear();
    }
  }
}

/** A signal that ends with the caller's, or when a time is over. */
export class Deadline {
  private readonly control = new AbortController();
  private readonly follow = (): void => this.control.abort(this.outer?.reason);
  private timer: ReturnType<typeof setTimeout> | undefined;
  private isOver = false;

  constructor(private readonly outer?: AbortSignal) {
    outer?.addEventListener('abort', this.follow, { once: true });
    if (outer?.aborted) {
      this.follow();
    }
  }

  get signal(): AbortSignal {
    return this.control.signal;
  }

  /** Counts anew from now. */
  set(milliseconds: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.isOver = true;
      this.control.abort();
    }, milliseconds);
  }

  /** Has no more effect. */
  clear(): void {
    clearTimeout(this.timer);
    this.outer?.removeEventListener('abort', this.follow);
  }

  /** Ends what goes on under the signal. */
  end(): void {
    this.clear();
    this.control.abort();
  }

  /** The error of what has failed under the signal. */
  explain(cause: unknown): StaylerError {
    return this.isOver ? noAnswer(new Error('no answer came in time'), 'timeout') : noAnswer(cause);
  }
}
