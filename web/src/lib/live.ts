// SPDX-License-Identifier: MIT
// The one stream of events of this page. It is read with fetch: an EventSource is closed for ever by
// one answer that is not 200, such as a proxy's during a restart, and cannot see that a silent
// stream is alive.

import { signal } from '@preact/signals';
import { createParser } from 'eventsource-parser';
import { learnServerTime } from './clock';
import { request } from './api';
import type { JobEvent } from './types';

export type LiveState = 'live' | 'connecting' | 'paused' | 'off';

export const liveState = signal<LiveState>('off');
/** When the last byte came, by this browser's clock. */
export const lastByteAt = signal(0);

/** Without a byte for that long the connection is dead: the server sends one each 15 s. */
const silenceLimit = 45_000;
const hiddenLimit = 30_000;
const longestPause = 15_000;

export type JobListener = (event: JobEvent) => void;
const jobListeners = new Set<JobListener>();
const tickListeners = new Map<string, Set<(data: unknown) => void>>();
const gapListeners = new Set<() => void>();

function add<T>(set: Set<T>, listener: T): () => void {
  set.add(listener);
  return () => void set.delete(listener);
}

/** Each returns what ends the subscription. */
export const onJob = (listener: JobListener): (() => void) => add(jobListeners, listener);

/** Events were missed: what is shown has to be loaded anew. */
export const onGap = (listener: () => void): (() => void) => add(gapListeners, listener);

/** Events that are of no job, by their name. */
export function onNamed(name: string, listener: (data: unknown) => void): () => void {
  const set = tickListeners.get(name) ?? new Set();
  tickListeners.set(name, set);
  return add(set, listener);
}

let lastId = '';
let running: AbortController | null = null;
let failures = 0;
let isWanted = false;

function deliver(name: string, data: string): void {
  if (name === 'gap') {
    gapListeners.forEach((listener) => listener());
    return;
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(data);
  } catch {
    return;
  }
  if (name === 'status' || name === 'progress') {
    const event = parsed as JobEvent;
    learnServerTime(event.at);
    jobListeners.forEach((listener) => listener(event));
  } else {
    tickListeners.get(name)?.forEach((listener) => listener(parsed));
  }
}

async function readAll(answer: Response, control: AbortController): Promise<void> {
  const parser = createParser({
    onEvent: ({ event, data }) => deliver(event ?? 'message', data),
  });
  // The parser tells an id only with an event, and a quiet stream moves on by ids alone.
  let line = '';
  const noteIds = (text: string): void => {
    const lines = (line + text).split('\n');
    line = lines.pop() ?? '';
    for (const each of lines) {
      if (each.startsWith('id: ')) {
        lastId = each.slice(4).trim();
      }
    }
  };
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const timer = setTimeout(() => control.abort(), silenceLimit);
    const { done, value } = await reader.read().finally(() => clearTimeout(timer));
    if (done) {
      return;
    }
    lastByteAt.value = Date.now();
    parser.feed(value);
    noteIds(value);
  }
}

/** Reads until the stream ends; throws where there is none. */
async function followOnce(control: AbortController): Promise<void> {
  const headers: Record<string, string> = { Accept: 'text/event-stream' };
  if (lastId) {
    headers['Last-Event-ID'] = lastId;
  }
  const answer = await request('/worker/events?overview=true', {
    headers,
    signal: control.signal,
  });
  liveState.value = 'live';
  lastByteAt.value = Date.now();
  failures = 0;
  await readAll(answer, control);
}

function pause(milliseconds: number, signalled: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signalled.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

async function keepFollowing(stop: AbortController): Promise<void> {
  let hasFollowed = lastId !== '';
  while (!stop.signal.aborted) {
    liveState.value = 'connecting';
    const control = new AbortController();
    stop.signal.addEventListener('abort', () => control.abort());
    try {
      await followOnce(control);
      hasFollowed = true;
    } catch {
      failures += 1;
    }
    if (stop.signal.aborted) {
      return;
    }
    // What a stream without a place would have missed is told to nobody.
    if (hasFollowed && lastId === '') {
      gapListeners.forEach((listener) => listener());
    }
    liveState.value = 'connecting';
    await pause(
      Math.min(longestPause, 500 * 2 ** Math.min(failures, 6)) * (0.5 + Math.random() / 2),
      stop.signal,
    );
  }
}

function start(): void {
  if (!running && isWanted) {
    running = new AbortController();
    void keepFollowing(running);
  }
}

function stop(state: LiveState): void {
  running?.abort();
  running = null;
  liveState.value = state;
}

/** Follows from now on, or no more. Following goes on by itself over restarts and sleep. */
export function follow(wanted: boolean): void {
  isWanted = wanted;
  if (wanted) {
    start();
  } else {
    stop('off');
    lastId = '';
  }
}

let hiddenTimer: ReturnType<typeof setTimeout> | undefined;

// A browser has six connections to a service: pages that nobody looks at give theirs back.
document.addEventListener('visibilitychange', () => {
  clearTimeout(hiddenTimer);
  if (document.hidden) {
    hiddenTimer = setTimeout(() => isWanted && stop('paused'), hiddenLimit);
  } else {
    start();
  }
});
