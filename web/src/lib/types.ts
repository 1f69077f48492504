// SPDX-License-Identifier: MIT
// The API's answers, as far as the pages use them. Names and meanings: http/openapi.yaml.

export type JobStatus =
  'pending' | 'scheduled' | 'processing' | 'completed' | 'failed' | 'cancelled';
export type JobType = 'image_conversion' | 'image_processing';
export type Role = 'viewer' | 'submitter' | 'admin';

export interface JobError {
  class: string;
  message: string;
  retryable: boolean;
}

/** A stage ends with the start of the next, or with its attempt. */
export interface StageTime {
  stage: string;
  startedAt: string;
}

export interface Attempt {
  attempt: number;
  workerId?: string;
  startedAt?: string;
  endedAt?: string;
  error?: JobError;
  stages?: StageTime[];
}

export interface ProviderCall {
  attempt: number;
  state: 'open' | 'settled' | 'aborted' | 'ambiguous';
  openedAt?: string;
  closedAt?: string;
  outcome?: string;
  tokens?: number;
  cost?: number;
}

export interface JobResult {
  imageId: string;
  width: number;
  height: number;
  mimeType: string;
  bytes: number;
  cached: boolean;
  modelVersion?: string;
}

export interface Payload {
  userImageId?: string;
  clothImageId?: string;
  imageId?: string;
  options?: Record<string, unknown>;
}

export interface Job {
  id: string;
  type: JobType;
  conversionId?: string;
  userId: string;
  priority: number;
  status: JobStatus;
  urgency?: string;
  workerId?: string;
  retryCount: number;
  maxRetries: number;
  timeout: string;
  error?: JobError;
  interruptions: number;
  crashes: number;
  possiblyBilled: boolean;
  suspect?: boolean;
  payload: Payload;
  progress: Progress;
  attempts: Attempt[];
  providerCalls: ProviderCall[];
  ambiguousCalls: number;
  result?: JobResult;
  waiting?: Waiting;
  next?: NextStep;
  runAt?: string;
  dueAt?: string;
  createdAt: string;
  updatedAt: string;
  startedAt?: string;
  completedAt?: string;
}

export interface Progress {
  stage: string;
  percent: number;
}

export interface Waiting {
  reason: string;
  until?: string;
  aheadAtMost?: number;
  estimatedStartAt?: { from: string; to: string };
  blockedBy?: string;
}

export interface NextStep {
  action: 'retry' | 'run' | 'none';
  at?: string;
  why: string;
}

export interface JobPage {
  jobs: Job[];
  nextCursor: string | null;
}

/** What the event stream says of a job. */
export interface JobEvent {
  jobId: string;
  type: JobType;
  userId: string;
  status: JobStatus;
  attempt: number;
  progress: Progress;
  errorClass?: string;
  imageId?: string;
  suspect?: boolean;
  at: string;
}

export interface Quantiles {
  p50: number | null;
  p90: number | null;
  p99: number | null;
}

export interface Overview {
  at: string;
  scope: 'all' | 'users';
  instance: string;
  coordinators?: number;
  queue: {
    state: 'running' | 'draining' | 'stopped';
    pausedTypes: JobType[];
    queueAge?: number;
    jobs?: Record<JobStatus | 'total', number>;
    types?: Record<string, { completed: number; failed: number; cancelled: number }>;
  };
  workers?: { total: number; busy: number; nodes: { node: string; total: number; busy: number }[] };
  provider?: ProviderSummary | null;
  costs?: CostSummary | null;
  stages?: Record<string, Partial<Quantiles> & { count?: number }> | null;
  step?: number;
  series?: OverviewSeries;
  point?: OverviewPoint;
}

export interface ProviderSummary {
  breaker: string;
  closedUntil: string | null;
  closedReason?: string;
  callsInFlight?: number;
  callsWaiting?: number;
  maxInFlight?: number;
  requestsPerMinute?: number | null;
  model?: string;
}

export interface CostSummary {
  day: string;
  currency: string;
  total: number;
  reserved: number;
  budgetPerDay: number | null;
  resetsAt: string | null;
  perHour?: number;
  usedUpAt?: string;
}

export const plainSeries = [
  'submitted',
  'completed',
  'failed',
  'cancelled',
  'pending',
  'processing',
  'queueAge',
  'busyWorkers',
  'callsInFlight',
  'cost',
] as const;
export type PlainSeries = (typeof plainSeries)[number];
type Values = (number | null)[];

/** All arrays are as long as `time`, which is in seconds since 1970. */
export type OverviewSeries = Record<PlainSeries, Values> & {
  time: number[];
  latency: Record<string, Record<keyof Quantiles, Values>>;
  failures: Record<string, Values>;
};

export type OverviewPoint = Record<PlainSeries, number | null> & {
  time: number;
  latency: Record<string, Quantiles>;
  failures: Record<string, number>;
};

export interface Session {
  signedIn: boolean;
  keyNeeded: boolean;
  name?: string;
  role?: Role;
  users?: string[];
  version?: string;
  instance: string;
  expiresAt?: string | null;
  serverTime: string;
}

export interface DeadLetterGroup {
  group: string;
  errorClass: string;
  message: string;
  count: number;
  first: string;
  last: string;
  retryable: boolean;
  sampleJobId: string;
}

export interface DeadLetterGroups {
  groups: DeadLetterGroup[];
  looked: number;
  isComplete: boolean;
}

export type BulkAction = 'retry' | 'drop' | 'cancel';

export interface BulkFilter {
  status?: string[];
  errorClass?: string[];
  type?: string[];
  userId?: string;
  conversionId?: string;
  q?: string;
  since?: string;
  before?: string;
  group?: string;
  all?: boolean;
}

export interface BulkPreview {
  action: BulkAction;
  count: number;
  isComplete: boolean;
  byStatus: Partial<Record<JobStatus, number>>;
  samples: {
    id: string;
    status: JobStatus;
    userId: string;
    errorClass?: string;
    errorMessage?: string;
    createdAt: string;
  }[];
  token: string;
  expiresAt: string;
}

export interface Operation {
  id: string;
  action: BulkAction;
  state: 'running' | 'done' | 'stopped' | 'failed';
  by: string;
  total: number;
  done: number;
  refused: number;
  lastRefusal?: string;
  createdAt: string;
  endedAt: string | null;
}

export interface ConfigOption {
  name: string;
  variable: string;
  kind: 'number' | 'boolean' | 'text';
  value: string | number | boolean;
  default: string | number | boolean;
  isDefault: boolean;
  allowed: string;
  isLive: boolean;
  isSecret: boolean;
  description: string;
}

export interface ConfigChanges {
  changes: { name: string; before: string | number | boolean; after: string | number | boolean }[];
}

export interface WorkerSlot {
  workerId: string;
  node: string;
  status: 'busy' | 'idle';
  lastSeen: string | null;
  jobsProcessed: number;
  currentJob: string | null;
  uptime: string;
  restarts: number;
}

export interface Provider {
  breaker: string;
  callsInFlight: number;
  callsWaiting: number;
  maxInFlight: number;
  coordinators: number;
  requestsPerMinute: number | null;
  closedUntil: string | null;
  closedReason?: string;
  calls: number;
  failedCalls: number;
  model: string;
  models: { name: string; breaker: string; retiredUntil: string | null; calls: number }[];
  lastSuccess: string | null;
  lastFailure: string | null;
  lastError?: { class: string; message: string };
}

export interface Spending {
  calls: number;
  promptTokens: number;
  textTokens: number;
  imageTokens: number;
  cost: number;
}

export interface Costs {
  day: string;
  currency: string;
  resetsAt: string | null;
  total: Spending;
  reserved: number;
  budgetPerDay: number | null;
  budgetPerUser: number | null;
  users: (Spending & { userId: string })[];
}

export interface Health {
  status: 'healthy' | 'degraded' | 'unhealthy' | 'starting';
  ready: boolean;
  version?: string;
  timestamp: string;
  checks: Record<string, { status: string; message?: string; took: string }>;
}

export interface TreeChild {
  name: string;
  state: string;
  restart: string;
  dependsOn: string[];
  restarts: number;
  uptime: string;
  mailbox: number;
  lastFailure: { at: string; message: string } | null;
}

export interface Tree {
  uptime: string;
  intensity: { maxRestarts: number; window: string; recent: number };
  writtenOff: number;
  core: { strategy: string; children: TreeChild[] };
  workers: { strategy: string; children: TreeChild[] };
}

export interface Notification {
  id: string;
  event: string;
  state: 'open' | 'delivered' | 'given_up';
  jobId: string;
  conversionId?: string;
  userId: string;
  receiver?: string;
  attempts: number;
  lastError?: { problem: string; message: string };
  createdAt: string;
  nextAttemptAt?: string;
  endedAt?: string;
}

export interface StoredImage {
  id: string;
  url: string;
  thumbnailUrl?: string;
  mimeType: string;
  bytes: number;
  width: number;
  height: number;
}

export const finalStatuses: readonly JobStatus[] = ['completed', 'failed', 'cancelled'];
export const allStatuses: readonly JobStatus[] = [
  'pending',
  'scheduled',
  'processing',
  'completed',
  'failed',
  'cancelled',
];
