// SPDX-License-Identifier: MIT

package worker

// JobType says what a job does.
type JobType string

// The types of jobs.
const (
	ImageConversion JobType = "image_conversion"
	ImageProcessing JobType = "image_processing"
)

// JobStatus is the state of a job.
type JobStatus string

// The states of a job.
const (
	StatusPending    JobStatus = "pending"
	StatusScheduled  JobStatus = "scheduled"
	StatusProcessing JobStatus = "processing"
	StatusCompleted  JobStatus = "completed"
	StatusFailed     JobStatus = "failed"
	StatusCancelled  JobStatus = "cancelled"
)

// IsFinal tells whether a job in that state has ended.
func (s JobStatus) IsFinal() bool {
	return s == StatusCompleted || s == StatusFailed || s == StatusCancelled
}

// JobStage is how far an attempt is.
type JobStage string

// The stages of an attempt.
const (
	StageQueued      JobStage = "queued"
	StageDownloading JobStage = "downloading"
	StageConverting  JobStage = "converting"
	StageProcessing  JobStage = "processing"
	StageUploading   JobStage = "uploading"
	StageRecording   JobStage = "recording"
	StageNotifying   JobStage = "notifying"
	StageDone        JobStage = "done"
)

// ErrorClass is the kind of a failure, of a call or of a job. docs/api.md says what each means.
type ErrorClass string

// The classes of failures. More may come.
const (
	ErrorTimeout        ErrorClass = "timeout"
	ErrorConnection     ErrorClass = "connection"
	ErrorRateLimited    ErrorClass = "rate_limited"
	ErrorUnavailable    ErrorClass = "unavailable"
	ErrorServerError    ErrorClass = "server_error"
	ErrorWorkerLost     ErrorClass = "worker_lost"
	ErrorNoImage        ErrorClass = "no_image"
	ErrorInvalidInput   ErrorClass = "invalid_input"
	ErrorAuthentication ErrorClass = "authentication"
	ErrorPermission     ErrorClass = "permission"
	ErrorNotFound       ErrorClass = "not_found"
	ErrorQuotaExceeded  ErrorClass = "quota_exceeded"
	ErrorSafetyBlocked  ErrorClass = "safety_blocked"
	ErrorCancelled      ErrorClass = "cancelled"
	ErrorInternalBug    ErrorClass = "internal_bug"
	ErrorConflict       ErrorClass = "conflict"
	ErrorStoreFull      ErrorClass = "store_full"
	ErrorHeld           ErrorClass = "held"
	ErrorKeyReused      ErrorClass = "key_reused"
	ErrorAmbiguousCall  ErrorClass = "ambiguous_call"
)

// HealthState says how the service, or a part of it, is.
type HealthState string

// The states of health.
const (
	Healthy   HealthState = "healthy"
	Degraded  HealthState = "degraded"
	Unhealthy HealthState = "unhealthy"
	Starting  HealthState = "starting"
)

// WaitingReason says why a job waits.
type WaitingReason string

// The reasons for which a job waits; docs/api.md says what each means.
const (
	WaitingStopped        WaitingReason = "stopped"
	WaitingPaused         WaitingReason = "paused"
	WaitingBudget         WaitingReason = "budget"
	WaitingUserBudget     WaitingReason = "user_budget"
	WaitingQuota          WaitingReason = "quota"
	WaitingBackoff        WaitingReason = "backoff"
	WaitingDueLater       WaitingReason = "due_later"
	WaitingProviderClosed WaitingReason = "provider_closed"
	WaitingNoWorker       WaitingReason = "no_worker"
	WaitingSuspectAlone   WaitingReason = "suspect_alone"
	WaitingBehind         WaitingReason = "behind"
	WaitingDispatching    WaitingReason = "dispatching"
)

// ImageType says whose an upload is.
type ImageType string

// A user's picture, which is usual, or a vendor's, which all users may see and use.
const (
	UserImage   ImageType = "user"
	VendorImage ImageType = "vendor"
)
