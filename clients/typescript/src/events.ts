// SPDX-License-Identifier: MIT
// Streams of events, which come back by themselves where they were. They are read with fetch: an EventSource can show no
// key, is closed for ever by one answer of a proxy's, and does not notice a connection that has died.
import { noAnswer, refusal, StaylerError } from './errors.js';
import { Deadline, type CallOptions, type Transport } from './transport.js';
import { isFinal, type Job, type JobEvent, type JobStatus } from './types.js';

/**
 * Something that has happened to a job. A `gap` says that events have been missed: what is known of jobs has to be asked
 * for anew. `id` is where a later stream can go on.
 */
export type StreamEvent =
  | { kind: 'snapshot'; id: string; job: Job }
  | { kind: 'status' | 'progress'; id: string; change: JobEvent }
  | { kind: 'gap'; id: string };

/** The state that an event tells of; undefined for a gap. */
export function statusOf(event: StreamEvent): JobStatus | undefined {
  return event.kind === 'gap'
    ? undefined
    : event.kind === 'snapshot'
      ? event.job.status
      : event.change.status;
}

export interface Stream extends CallOptions {
  path: string;
  isOneJob: boolean;
  lastId?: string;
}

/** The events of a stream, over as many connections as it takes. */
export async function* follow(
  transport: Transport,
  { path, isOneJob, lastId = '', signal }: Stream,
): AsyncGenerator<StreamEvent, void, undefined> {
  let failures = 0;
  let lostAt = 0;
  for (;;) {
    const limit = new Deadline(signal);
    let failed: StaylerError;
    try {
      limit.set(transport.rules.silence);
      const answer = await open(transport, path, lastId, limit.signal);
      if (answer === null) {
        return;
      }
      for await (const block of blocks(answer, () => limit.set(transport.rules.silence))) {
        if (block.id !== undefined) {
          // Also of a quiet stream, which moves on by ids alone.
          lastId = block.id;
          failures = lostAt = 0;
        }
        const event = eventOf(block, lastId);
        if (event !== null) {
          yield event;
          if (isOneJob && isFinal(statusOf(event))) {
            return;
          }
        }
      }
      failed = noAnswer(new Error('the stream has ended'));
    } catch (cause) {
      signal?.throwIfAborted();
      failed = cause instanceof StaylerError ? cause : limit.explain(cause);
    } finally {
      limit.end();
    }
    lostAt ||= Date.now();
    const isLate = Date.now() - lostAt > transport.rules.reconnectFor;
    if (!failed.retryable || isLate || transport.isTooLong(failed)) {
      throw failed;
    }
    await transport.pause(++failures, failed, signal);
  }
}

/** The answer that is a stream; null where the job had ended with the last event. */
async function open(
  transport: Transport,
  path: string,
  lastId: string,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array> | null> {
  const headers = { Accept: 'text/event-stream', ...(lastId && { 'Last-Event-ID': lastId }) };
  const answer = await transport.send({ method: 'GET', path, headers, signal });
  if (answer.status === 204) {
    return null;
  }
  if (answer.status !== 200 || answer.body === null) {
    throw await refusal(answer);
  }
  return answer.body;
}

interface Block {
  id?: string;
  event?: string;
  data?: string;
}

/** The blocks of a stream that are whole: of one that is cut off, the id does not count either. */
async function* blocks(
  stream: ReadableStream<Uint8Array>,
  onBytes: () => void,
): AsyncGenerator<Block, void, undefined> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) {
      return;
    }
    onBytes();
    text += decoder.decode(value, { stream: true });
    for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
      yield parseBlock(text.slice(0, end));
    }
  }
}

function parseBlock(text: string): Block {
  const block: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const [, name, value] = /^(\w+): ?(.*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      block[name] =
        name === 'data' && block[name] !== undefined ? `${block[name]}\n${value}` : value;
    }
  }
  return block;
}

function eventOf({ event, data = '' }: Block, id: string): StreamEvent | null {
  switch (event) {
    case 'snapshot':
      return { kind: event, id, job: JSON.parse(data) as Job };
    case 'status':
    case 'progress':
      return { kind: event, id, change: JSON.parse(data) as JobEvent };
    case 'gap':
      return { kind: event, id };
    default:
      return null;
  }
}
