// SPDX-License-Identifier: MIT
import { follow, type StreamEvent } from './events.js';
import { Transport, type Call, type CallOptions, type Options } from './transport.js';
import {
  isFinal,
  type Batch,
  type ErrorClass,
  type Image,
  type ImageType,
  type Job,
  type JobPage,
  type JobRequest,
  type JobStatus,
  type JobType,
  type Status,
  type WorkerHealth,
} from './types.js';

/** Which jobs are listed; what is not given leaves the choice open. */
export interface JobFilter {
  status?: readonly JobStatus[];
  type?: readonly JobType[];
  errorClass?: readonly ErrorClass[];
  userId?: string;
  conversionId?: string;
  /** The beginning of a job's id. */
  idPrefix?: string;
  /** Jobs that came then or later. */
  since?: Date;
  before?: Date;
  /** The most jobs of a page: 50, and 500 at most. */
  limit?: number;
  /** The `nextCursor` of the page before. */
  cursor?: string;
}

export interface SubmitOptions extends CallOptions {
  /** The caller's own name for the submission. */
  idempotencyKey?: string;
}

export interface UploadOptions extends CallOptions {
  /** The user to whom the picture belongs. A key that is for one user alone need not name it. */
  userId?: string;
  /** `user` unless given. */
  type?: ImageType;
}

export interface FollowOptions extends CallOptions {
  /** The id of an event of an earlier stream, to go on from there. */
  lastId?: string;
}

/** Calls one service. Every call may throw a StaylerError. */
export class Client {
  private readonly transport: Transport;

  /** `address` is one such as `http://127.0.0.1:8080`; in a page of the service itself it may be empty. */
  constructor(address: string, options: Options = {}) {
    this.transport = new Transport(address, options);
  }

  // Pictures

  /**
   * Stores a picture: JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF, told by its bytes. An answer that was lost leaves a
   * picture behind to which nothing refers.
   */
  uploadImage(
    content: Blob | ArrayBuffer | Uint8Array,
    options: UploadOptions = {},
  ): Promise<Image> {
    const { userId, type, signal } = options;
    return this.read({
      method: 'POST',
      path: '/images' + query({ userId, type }),
      headers: { 'Content-Type': 'application/octet-stream' },
      body: content as BodyInit,
      signal,
    });
  }

  /** Downloads a picture: an upload, or the result of a job. */
  getImage(id: string, options: CallOptions = {}): Promise<Blob> {
    return this.picture(imagePath(id), options);
  }

  getThumbnail(id: string, options: CallOptions = {}): Promise<Blob> {
    return this.picture(`${imagePath(id)}/thumbnail`, options);
  }

  /** Deletes a picture and its thumbnail. */
  async deleteImage(id: string, { signal }: CallOptions = {}): Promise<void> {
    const settle = async (): Promise<Response> => new Response(null, { status: 204 });
    await this.transport.do({ method: 'DELETE', path: imagePath(id), signal, settle }, discard);
  }

  // Jobs

  /**
   * Submits a job, which is stored when this resolves. A conversion that is in progress already is returned as it is.
   * Tries of one call have one idempotency key, so that a lost answer makes no second job. With a key of the caller's own
   * the same job is returned however often it is submitted; another request under it is an error of class `key_reused`.
   */
  submitJob(job: JobRequest, options: SubmitOptions = {}): Promise<Job> {
    return this.submit('/worker/jobs', job, options);
  }

  /** Submits up to 1,000 jobs, each of which is accepted or refused on its own. */
  submitJobs(jobs: readonly JobRequest[], options: SubmitOptions = {}): Promise<Batch> {
    return this.submit('/worker/jobs/batch', { jobs }, options);
  }

  getJob(id: string, { signal }: CallOptions = {}): Promise<Job> {
    return this.read({ method: 'GET', path: jobPath(id), signal });
  }

  /** A page of the jobs that match, the newest first. */
  listJobs(filter: JobFilter = {}, { signal }: CallOptions = {}): Promise<JobPage> {
    const { idPrefix: q, since, before, ...rest } = filter;
    const times = { since: since?.toISOString(), before: before?.toISOString() };
    return this.read({
      method: 'GET',
      path: '/worker/jobs' + query({ ...rest, ...times, q }),
      signal,
    });
  }

  /** Each job that matches, the newest first, page after page. */
  async *listAllJobs(
    filter: JobFilter = {},
    options: CallOptions = {},
  ): AsyncGenerator<Job, void, undefined> {
    for (let cursor = filter.cursor; ;) {
      const page = await this.listJobs({ ...filter, cursor }, options);
      yield* page.jobs;
      if (page.nextCursor === null) {
        return;
      }
      cursor = page.nextCursor;
    }
  }

  /** One that has ended cannot be cancelled: an error of class `conflict`. */
  cancelJob(id: string, options: CallOptions = {}): Promise<Job> {
    return this.change('DELETE', id, '', options, (job) => job.status === 'cancelled');
  }

  /** Begins a job anew that has failed for good. */
  retryJob(id: string, options: CallOptions = {}): Promise<Job> {
    return this.change('POST', id, '/retry', options, (job) => job.status !== 'failed');
  }

  /** Makes a waiting job its user's next or, by an admin, the next of all. */
  processJob(id: string, options: CallOptions = {}): Promise<Job> {
    return this.change('POST', id, '/process', options, (job) => job.startedAt !== undefined);
  }

  // Events

  /** The events of a job up to its end, the first of which is a snapshot. Leave the loop, or abort, to end it before. */
  followJob(id: string, options: CallOptions = {}): AsyncGenerator<StreamEvent, void, undefined> {
    return follow(this.transport, { ...options, path: `${jobPath(id)}/events`, isOneJob: true });
  }

  /**
   * The events of all jobs that match a filter's `status`, `type` and `userId`, from now on. It takes a key for all users,
   * and does not end by itself.
   */
  followJobs(
    { status, type, userId }: JobFilter = {},
    options: FollowOptions = {},
  ): AsyncGenerator<StreamEvent, void, undefined> {
    const path = '/worker/events' + query({ status, type, userId });
    return follow(this.transport, { ...options, path, isOneJob: false });
  }

  /** Waits until a job has ended, and returns it; its `status` tells in which way. */
  async waitForJob(id: string, options: CallOptions = {}): Promise<Job> {
    for await (const event of this.followJob(id, options)) {
      if (event.kind === 'snapshot' && isFinal(event.job.status)) {
        return event.job;
      }
    }
    return this.getJob(id, options);
  }

  // The service

  /** How the service is. One that is not well says so by the status, and that is no error. */
  getWorkerHealth({ signal }: CallOptions = {}): Promise<WorkerHealth> {
    return this.read({ method: 'GET', path: '/worker/health', takes: isUnhealthy, signal });
  }

  /** Counts the jobs by state. */
  getStatus({ signal }: CallOptions = {}): Promise<Status> {
    return this.read({ method: 'GET', path: '/worker/status', signal });
  }

  private read<T>(call: Call): Promise<T> {
    return this.transport.do(call, (answer) => answer.json() as Promise<T>);
  }

  private picture(path: string, { signal }: CallOptions): Promise<Blob> {
    return this.transport.do({ method: 'GET', path, signal }, (answer) => answer.blob());
  }

  private submit<T>(path: string, request: unknown, options: SubmitOptions): Promise<T> {
    return this.read({
      method: 'POST',
      path,
      headers: {
        'Content-Type': 'application/json',
        'Idempotency-Key': options.idempotencyKey ?? newKey(),
      },
      body: JSON.stringify(request),
      signal: options.signal,
    });
  }

  /** Makes a call that is refused once it is done; `isDone` tells a job on which an answer that was lost said so. */
  private change(
    method: string,
    id: string,
    verb: string,
    { signal }: CallOptions,
    isDone: (job: Job) => boolean,
  ): Promise<Job> {
    const settle = async (): Promise<Response | null> => {
      const job = await this.getJob(id, { signal });
      return isDone(job) ? new Response(JSON.stringify(job)) : null;
    };
    return this.read({ method, path: jobPath(id) + verb, signal, settle });
  }
}

const jobPath = (id: string): string => `/worker/jobs/${encodeURIComponent(id)}`;
const imagePath = (id: string): string => `/images/${encodeURIComponent(id)}`;

async function discard(answer: Response): Promise<void> {
  await answer.arrayBuffer();
}

function isUnhealthy(answer: Response): boolean {
  const kind = answer.headers.get('Content-Type') ?? '';
  return answer.status === 503 && kind.startsWith('application/json');
}

/** A query, without what is not given; lists are separated by commas. */
function query(parameters: Record<string, unknown>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (String(value ?? '') !== '') {
      given.set(name, String(value));
    }
  }
  const text = given.toString();
  return text === '' ? '' : `?${text}`;
}

/** An idempotency key. It has to be new and no secret: Node.js 18 has no global `crypto`. */
function newKey(): string {
  const parts = new Uint32Array(4);
  if (globalThis.crypto === undefined) {
    parts.forEach((_, index) => (parts[index] = Math.random() * 2 ** 32));
  } else {
    globalThis.crypto.getRandomValues(parts);
  }
  return Array.from(parts, (part) => part.toString(16).padStart(8, '0')).join('');
}
