// SPDX-License-Identifier: MIT
// What the API takes and answers, as contract.ts has it from http/openapi.yaml, by the names that the
// pages use. Where the contract says less than the pages need to know, that is added here.

import type { components } from './contract';

type Schemas = components['schemas'];

export type JobStatus = Schemas['JobStatus'];
export type JobType = Schemas['JobType'];
export type FieldProblem = Schemas['FieldProblem'];
export type Problem = Schemas['Problem'];

export type JobEvent = Schemas['JobEvent'];
export type Attempt = Schemas['Attempt'];
export type Waiting = Schemas['Waiting'];
export type Pause = Schemas['Pause'];
/** The members of the payload of any type of job. */
export type Payload = Partial<Schemas['ConversionPayload']> & Partial<Schemas['ProcessingPayload']>;
export type Job = Omit<Schemas['Job'], 'payload'> & { payload: Payload };
export type JobPage = Omit<Schemas['JobPage'], 'jobs'> & { jobs: Job[] };
export type StoredImage = Schemas['Image'];

export type Session = Schemas['Session'];
export type Role = NonNullable<Session['role']>;

export interface Quantiles {
  p50: number | null;
  p90: number | null;
  p99: number | null;
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
] as const satisfies readonly (keyof NonNullable<Schemas['Overview']['series']>)[];
export type PlainSeries = (typeof plainSeries)[number];
type Values = Schemas['Series'];

/** All arrays are as long as `time`, which is in seconds since 1970. */
export type OverviewSeries = Record<PlainSeries, Values> & {
  time: number[];
  latency: Record<string, Record<keyof Quantiles, Values>>;
  failures: Record<string, Values>;
};

/** One second of the series, which comes with the stream of events. */
export type OverviewPoint = Record<PlainSeries, number | null> & {
  time: number;
  latency: Record<string, Quantiles>;
  failures: Record<string, number>;
};

export type Overview = Omit<Schemas['Overview'], 'series'> & {
  series?: OverviewSeries;
  point?: OverviewPoint;
};

export type DeadLetterGroups = Schemas['DeadLetterGroups'];
export type DeadLetterGroup = DeadLetterGroups['groups'][number];

export type BulkAction = Schemas['BulkAction'];
export type BulkFilter = Schemas['BulkFilter'];
export type BulkPreview = Schemas['BulkPreview'];
export type Operation = Schemas['Operation'];

export type ConfigOption = Schemas['SettingsSchema']['options'][number];
export type ConfigChanges = Schemas['SettingsPreview'];

export type WorkerSlot = Schemas['Workers']['workers'][number];
export type Provider = Schemas['Provider'];
export type Costs = Schemas['Costs'];
export type Health = Schemas['Health'];
export type Tree = Schemas['Tree'];
export type TreeChild = Schemas['TreeGroup']['children'][number];

export type NotificationPage = Schemas['NotificationPage'];
export type Notification = Schemas['Notification'];
export type AuditPage = Schemas['AuditPage'];
export type AuditRecord = AuditPage['records'][number];

export const finalStatuses: readonly JobStatus[] = ['completed', 'failed', 'cancelled'];
export const allStatuses: readonly JobStatus[] = [
  'pending',
  'scheduled',
  'processing',
  'completed',
  'failed',
  'cancelled',
];
