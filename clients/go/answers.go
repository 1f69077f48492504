// SPDX-License-Identifier: MIT

package worker

import (
	"encoding/json"
	"time"
)

// Job is a job as the service shows it. What is nil or empty is not known, or does not apply.
type Job struct {
	ID              string         `json:"id"`
	Type            JobType        `json:"type"`
	ConversionID    string         `json:"conversionId,omitempty"`
	TraceID         string         `json:"traceId,omitempty"`
	UserID          string         `json:"userId"`
	Priority        int            `json:"priority"`
	Urgency         string         `json:"urgency,omitempty"`
	Status          JobStatus      `json:"status"`
	Suspect         bool           `json:"suspect,omitempty"`
	WorkerID        string         `json:"workerId,omitempty"`
	RetryCount      int            `json:"retryCount"`
	MaxRetries      int            `json:"maxRetries"`
	Timeout         Duration       `json:"timeout"`
	RerunOf         string         `json:"rerunOf,omitempty"`
	Error           *JobError      `json:"error,omitempty"`
	ErrorMessage    string         `json:"errorMessage,omitempty"`
	Interruptions   int            `json:"interruptions"`
	Crashes         int            `json:"crashes"`
	PossiblyBilled  bool           `json:"possiblyBilled"`
	Payload         JobPayload     `json:"payload"`
	Progress        Progress       `json:"progress"`
	Attempts        []Attempt      `json:"attempts"`
	ProviderCalls   []ProviderCall `json:"providerCalls"`
	AmbiguousCalls  int            `json:"ambiguousCalls"`
	Result          *JobResult     `json:"result,omitempty"`
	RunAt           *time.Time     `json:"runAt,omitempty"`
	WebhookReceiver string         `json:"webhookReceiver,omitempty"`
	DueAt           *time.Time     `json:"dueAt,omitempty"`
	CreatedAt       time.Time      `json:"createdAt"`
	UpdatedAt       time.Time      `json:"updatedAt"`
	StartedAt       *time.Time     `json:"startedAt,omitempty"`
	CompletedAt     *time.Time     `json:"completedAt,omitempty"`
	Waiting         *Waiting       `json:"waiting,omitempty"`
	Next            *NextStep      `json:"next,omitempty"`
}

// JobError says why a job, or one of its attempts, did not work.
type JobError struct {
	Class     ErrorClass `json:"class"`
	Message   string     `json:"message"`
	Retryable bool       `json:"retryable"`
}

// Waiting says why a job waits.
type Waiting struct {
	Reason           WaitingReason   `json:"reason"`
	BlockedBy        JobType         `json:"blockedBy,omitempty"`
	Pause            *Pause          `json:"pause,omitempty"`
	Until            *time.Time      `json:"until,omitempty"`
	AheadAtMost      *int            `json:"aheadAtMost,omitempty"`
	EstimatedStartAt *EstimatedStart `json:"estimatedStartAt,omitempty"`
}

// Pause says that no job of a type is given out.
type Pause struct {
	Type  JobType    `json:"type"`
	Since *time.Time `json:"since,omitempty"`
	// Until is when the type goes on by itself; nil: when somebody resumes it.
	Until *time.Time `json:"until,omitempty"`
	// By is the name of the key by which it was paused.
	By     string `json:"by,omitempty"`
	Reason string `json:"reason,omitempty"`
}

// EstimatedStart is between when and when a job begins, if nothing unusual happens.
type EstimatedStart struct {
	From time.Time `json:"from"`
	To   time.Time `json:"to"`
}

// NextStep is what the service will do with a job by itself.
type NextStep struct {
	// Action is retry, run or none.
	Action string     `json:"action"`
	At     *time.Time `json:"at,omitempty"`
	Why    string     `json:"why"`
}

// Progress is how far the attempt is that runs, or how far the last one came.
type Progress struct {
	Stage   JobStage `json:"stage"`
	Percent int      `json:"percent"`
}

// Attempt is one try at a job.
type Attempt struct {
	Attempt   int          `json:"attempt"`
	WorkerID  string       `json:"workerId"`
	StartedAt time.Time    `json:"startedAt"`
	EndedAt   *time.Time   `json:"endedAt,omitempty"`
	Stages    []StageBegin `json:"stages,omitempty"`
	Error     *JobError    `json:"error,omitempty"`
}

// StageBegin is when an attempt came to a stage.
type StageBegin struct {
	Stage     JobStage  `json:"stage"`
	StartedAt time.Time `json:"startedAt"`
}

// ProviderCall is one call to the provider.
type ProviderCall struct {
	Attempt int `json:"attempt"`
	// State is open, settled, aborted or ambiguous; either of the last two may have been billed.
	State    string     `json:"state"`
	OpenedAt time.Time  `json:"openedAt"`
	ClosedAt *time.Time `json:"closedAt,omitempty"`
	// Outcome of a settled call is "image", or the class of the error.
	Outcome string `json:"outcome,omitempty"`
	Tokens  int    `json:"tokens,omitempty"`
	// Cost in US dollars.
	Cost float64 `json:"cost,omitempty"`
}

// JobResult is the picture that a completed job has made.
type JobResult struct {
	ImageID      string `json:"imageId"`
	URL          string `json:"url"`
	ThumbnailURL string `json:"thumbnailUrl"`
	Width        int    `json:"width"`
	Height       int    `json:"height"`
	MimeType     string `json:"mimeType"`
	Bytes        int    `json:"bytes"`
	Cached       bool   `json:"cached"`
	ModelVersion string `json:"modelVersion,omitempty"`
}

// JobPage is a part of a list of jobs.
type JobPage struct {
	Jobs []Job `json:"jobs"`
	// NextCursor is for the next page; empty on the last one.
	NextCursor string `json:"nextCursor"`
}

// Batch is what has become of each job that was submitted together, in the same order.
type Batch struct {
	BatchID string     `json:"batchId"`
	Jobs    []BatchJob `json:"jobs"`
}

// BatchJob is a job of a batch; where Refused is not nil, there is no job.
type BatchJob struct {
	Job
	Refused *JobError `json:"-"`
}

// UnmarshalJSON tells a job from a refusal: a job that has failed has an error and an id.
func (j *BatchJob) UnmarshalJSON(text []byte) error {
	if err := json.Unmarshal(text, &j.Job); err != nil {
		return err
	}
	if j.ID == "" {
		j.Refused, j.Error = j.Error, nil
	}
	return nil
}

// MarshalJSON writes what UnmarshalJSON has read.
func (j BatchJob) MarshalJSON() ([]byte, error) {
	if j.Refused != nil {
		return json.Marshal(RefusedJob{*j.Refused})
	}
	return json.Marshal(j.Job)
}

// RefusedJob is what stands in the place of a job that was refused.
type RefusedJob struct {
	Error JobError `json:"error"`
}

// Image is a picture that is stored.
type Image struct {
	ID             string    `json:"id"`
	Type           ImageType `json:"type"`
	UserID         string    `json:"userId,omitempty"`
	FileName       string    `json:"fileName,omitempty"`
	URL            string    `json:"url"`
	ThumbnailURL   string    `json:"thumbnailUrl,omitempty"`
	MimeType       string    `json:"mimeType"`
	SourceMimeType string    `json:"sourceMimeType"`
	Bytes          int       `json:"bytes"`
	Width          int       `json:"width"`
	Height         int       `json:"height"`
	Checksum       string    `json:"checksum"`
	CreatedAt      time.Time `json:"createdAt"`
}

// JobEvent is what has changed of a job.
type JobEvent struct {
	JobID      string     `json:"jobId"`
	Type       JobType    `json:"type"`
	UserID     string     `json:"userId"`
	Status     JobStatus  `json:"status"`
	Attempt    int        `json:"attempt"`
	Progress   Progress   `json:"progress"`
	ErrorClass ErrorClass `json:"errorClass,omitempty"`
	ImageID    string     `json:"imageId,omitempty"`
	Suspect    bool       `json:"suspect,omitempty"`
	At         time.Time  `json:"at"`
}

// Status counts the jobs by state.
type Status struct {
	TotalJobs      int `json:"totalJobs"`
	PendingJobs    int `json:"pendingJobs"`
	ScheduledJobs  int `json:"scheduledJobs"`
	ProcessingJobs int `json:"processingJobs"`
	CompletedJobs  int `json:"completedJobs"`
	FailedJobs     int `json:"failedJobs"`
	CancelledJobs  int `json:"cancelledJobs"`
	ActiveWorkers  int `json:"activeWorkers"`
	// AverageJobTime in milliseconds.
	AverageJobTime float64    `json:"averageJobTime"`
	SuccessRate    float64    `json:"successRate"`
	LastJobTime    *time.Time `json:"lastJobTime"`
	// State is running, draining or stopped.
	State       string    `json:"state"`
	PausedTypes []JobType `json:"pausedTypes"`
	Pauses      []Pause   `json:"pauses"`
}

// Duration is one as the service writes it: "600s", "1h30m".
type Duration time.Duration

func (d Duration) String() string { return time.Duration(d).String() }

// MarshalJSON writes whole seconds as such.
func (d Duration) MarshalJSON() ([]byte, error) { return json.Marshal(durationText(time.Duration(d))) }

// UnmarshalJSON reads what the service writes.
func (d *Duration) UnmarshalJSON(text []byte) error {
	var read string
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	parsed, err := time.ParseDuration(read)
	*d = Duration(parsed)
	return err
}
