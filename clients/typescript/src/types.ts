// SPDX-License-Identifier: MIT
// The contract's schemas by their own names. Answers may gain members and values.
import type { components } from './contract.js';

type Schemas = components['schemas'];

export type Attempt = Schemas['Attempt'];
export type Batch = Schemas['Batch'];
export type ConversionOptions = Schemas['ConversionOptions'];
export type ConversionPayload = Schemas['ConversionPayload'];
export type ConversionRequest = Schemas['ConversionRequest'];
export type Convert = Schemas['Convert'];
export type ErrorClass = Schemas['ErrorClass'];
export type FieldProblem = Schemas['FieldProblem'];
export type HealthState = Schemas['HealthState'];
export type Image = Schemas['Image'];
export type ImageOperation = Schemas['ImageOperation'];
export type ImageType = Schemas['ImageType'];
export type Job = Schemas['Job'];
export type JobError = Schemas['JobError'];
export type JobEvent = Schemas['JobEvent'];
export type JobPage = Schemas['JobPage'];
export type JobRequest = Schemas['JobRequest'];
export type JobResult = Schemas['JobResult'];
export type JobStage = Schemas['JobStage'];
export type JobStatus = Schemas['JobStatus'];
export type JobType = Schemas['JobType'];
export type NextStep = Schemas['NextStep'];
export type Problem = Schemas['Problem'];
export type ProcessingOptions = Schemas['ProcessingOptions'];
export type ProcessingPayload = Schemas['ProcessingPayload'];
export type ProcessingRequest = Schemas['ProcessingRequest'];
export type Progress = Schemas['Progress'];
export type ProviderCall = Schemas['ProviderCall'];
export type RefusedJob = Schemas['RefusedJob'];
export type Resize = Schemas['Resize'];
export type Status = Schemas['Status'];
export type Strip = Schemas['Strip'];
export type Thumbnail = Schemas['Thumbnail'];
export type Waiting = Schemas['Waiting'];
export type WorkerHealth = Schemas['WorkerHealth'];

/** Whether a job in that state has ended. */
export const isFinal = (status: JobStatus | undefined): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

/** Of an entry of a batch: whether the job was refused. */
export const isRefused = (entry: Job | RefusedJob): entry is RefusedJob => !('id' in entry);
