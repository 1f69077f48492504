# SPDX-License-Identifier: MIT
"""What the service answers. What is None is not known, or does not apply; all times are in UTC."""
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .enumerations import ErrorClass, HealthState, ImageType, JobStage, JobStatus, JobType, WaitingReason
from .requests import ConversionPayload, ProcessingPayload


@dataclass(frozen=True)
class JobError:
    class_: ErrorClass
    message: str
    retryable: bool


@dataclass(frozen=True)
class EstimatedStart:
    from_: datetime
    to: datetime


@dataclass(frozen=True)
class Pause:
    """No job of that type is given out; it goes on by itself at `until`. `by` is the name of a key."""

    type: JobType
    since: datetime | None = None
    until: datetime | None = None
    by: str | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Waiting:
    reason: WaitingReason
    blocked_by: JobType | None = None
    pause: Pause | None = None
    until: datetime | None = None
    ahead_at_most: int | None = None
    estimated_start_at: EstimatedStart | None = None


@dataclass(frozen=True)
class NextStep:
    """`action` is retry, run or none."""

    action: str
    why: str
    at: datetime | None = None


@dataclass(frozen=True)
class Progress:
    stage: JobStage
    percent: int


@dataclass(frozen=True)
class StageBegin:
    stage: JobStage
    started_at: datetime


@dataclass(frozen=True)
class Attempt:
    attempt: int
    worker_id: str
    started_at: datetime
    ended_at: datetime | None = None
    stages: tuple[StageBegin, ...] | None = None
    error: JobError | None = None


@dataclass(frozen=True)
class ProviderCall:
    """`state` is open, settled, aborted or ambiguous; `outcome` is image or a class of error; `cost` is in dollars."""

    attempt: int
    state: str
    opened_at: datetime
    closed_at: datetime | None = None
    outcome: str | None = None
    tokens: int | None = None
    cost: float | None = None


@dataclass(frozen=True)
class JobResult:
    image_id: str
    url: str
    thumbnail_url: str
    width: int
    height: int
    mime_type: str
    bytes: int
    cached: bool
    model_version: str | None = None


@dataclass(frozen=True, kw_only=True)
class Job:
    id: str
    type: JobType
    user_id: str
    priority: int
    status: JobStatus
    retry_count: int
    max_retries: int
    timeout: timedelta
    interruptions: int
    crashes: int
    possibly_billed: bool
    payload: ConversionPayload | ProcessingPayload
    progress: Progress
    attempts: tuple[Attempt, ...]
    provider_calls: tuple[ProviderCall, ...]
    ambiguous_calls: int
    created_at: datetime
    updated_at: datetime
    conversion_id: str | None = None
    trace_id: str | None = None
    urgency: str | None = None
    suspect: bool | None = None
    worker_id: str | None = None
    error: JobError | None = None
    error_message: str | None = None
    result: JobResult | None = None
    run_at: datetime | None = None
    rerun_of: str | None = None
    webhook_receiver: str | None = None
    due_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    waiting: Waiting | None = None
    next: NextStep | None = None


@dataclass(frozen=True)
class JobPage:
    """`next_cursor` is for the next page; None on the last one."""

    jobs: tuple[Job, ...]
    next_cursor: str | None


@dataclass(frozen=True)
class RefusedJob:
    """In the place of a job of a batch that was refused."""

    error: JobError


@dataclass(frozen=True)
class Batch:
    """What has become of each job that was submitted together, in the same order."""

    batch_id: str
    jobs: tuple[Job | RefusedJob, ...]


@dataclass(frozen=True, kw_only=True)
class Image:
    id: str
    type: ImageType
    url: str
    mime_type: str
    source_mime_type: str
    bytes: int
    width: int
    height: int
    checksum: str
    created_at: datetime
    user_id: str | None = None
    file_name: str | None = None
    thumbnail_url: str | None = None


@dataclass(frozen=True)
class Picture:
    content: bytes
    mime_type: str


@dataclass(frozen=True, kw_only=True)
class JobEvent:
    """What has changed of a job."""

    job_id: str
    type: JobType
    user_id: str
    status: JobStatus
    attempt: int
    progress: Progress
    at: datetime
    error_class: ErrorClass | None = None
    image_id: str | None = None
    suspect: bool | None = None


@dataclass(frozen=True)
class Status:
    """The jobs by state; `average_job_time` is in milliseconds, `state` is running, draining or stopped."""

    total_jobs: int
    pending_jobs: int
    scheduled_jobs: int
    processing_jobs: int
    completed_jobs: int
    failed_jobs: int
    cancelled_jobs: int
    active_workers: int
    average_job_time: float
    success_rate: float
    last_job_time: datetime | None
    state: str
    paused_types: tuple[JobType, ...]
    pauses: tuple[Pause, ...] = ()


@dataclass(frozen=True)
class HealthCheck:
    status: HealthState
    took: timedelta
    message: str | None = None


@dataclass(frozen=True)
class WorkerHealth:
    """`checks` are the parts: queue, storage, gemini and others."""

    worker_id: str
    status: HealthState
    last_seen: datetime | None
    jobs_processed: int
    current_job: str | None
    uptime: timedelta
    checks: Mapping[str, HealthCheck]


@dataclass(frozen=True)
class FieldProblem:
    field: str
    message: str


@dataclass(frozen=True)
class Problem:
    """An error as it comes over the wire (RFC 9457)."""

    title: str
    status: int
    detail: str
    error: ErrorClass
    details: str
    errors: tuple[FieldProblem, ...] | None = None
