// SPDX-License-Identifier: MIT

package worker

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// EnqueueJob submits a job, as the former worker's callers do. The job is stored when it returns nil.
func (c *Client) EnqueueJob(ctx context.Context, jobType, conversionID, userID string, payload JobPayload) error {
	_, err := c.SubmitJob(ctx, JobRequest{
		Type:         JobType(jobType),
		ConversionID: conversionID,
		UserID:       userID,
		Payload:      payload,
	})
	return err
}

// SubmitJob submits a job and returns it as it is stored. A conversion that is in progress already is returned as it is.
// Tries of one call have one idempotency key, so that a lost answer makes no second job.
func (c *Client) SubmitJob(ctx context.Context, job JobRequest) (*Job, error) {
	return c.SubmitJobOnce(ctx, job, "")
}

// SubmitJobOnce submits a job under an idempotency key of the caller's own: however often that is done, also by another
// process, the same job is returned. The same key with another request is an error of class ErrorKeyReused.
func (c *Client) SubmitJobOnce(ctx context.Context, job JobRequest, key string) (*Job, error) {
	var made Job
	if err := c.submit(ctx, "/worker/jobs", job, key, &made); err != nil {
		return nil, err
	}
	return &made, nil
}

// SubmitJobs submits up to 1,000 jobs, each of which is accepted or refused on its own.
func (c *Client) SubmitJobs(ctx context.Context, jobs []JobRequest) (*Batch, error) {
	var made Batch
	body := map[string]interface{}{"jobs": jobs}
	if err := c.submit(ctx, "/worker/jobs/batch", body, "", &made); err != nil {
		return nil, err
	}
	return &made, nil
}

func (c *Client) submit(ctx context.Context, path string, request interface{}, key string, into interface{}) error {
	body, err := json.Marshal(request)
	if err != nil {
		return err
	}
	if key == "" {
		if key, err = newKey(); err != nil {
			return err
		}
	}
	headers := map[string]string{"Content-Type": "application/json", "Idempotency-Key": key}
	return c.doJSON(ctx, call{method: http.MethodPost, path: path, body: body, headers: headers}, into)
}

// GetJob returns a job as it is now.
func (c *Client) GetJob(ctx context.Context, id string) (*Job, error) {
	var job Job
	if err := c.getJSON(ctx, jobPath(id), &job); err != nil {
		return nil, err
	}
	return &job, nil
}

// CancelJob cancels a job. One that has ended cannot be cancelled: ErrorConflict.
func (c *Client) CancelJob(ctx context.Context, id string) (*Job, error) {
	return c.changeJob(ctx, http.MethodDelete, id, "", func(job *Job) bool { return job.Status == StatusCancelled })
}

// RetryJob begins a job anew that has failed for good.
func (c *Client) RetryJob(ctx context.Context, id string) (*Job, error) {
	return c.changeJob(ctx, http.MethodPost, id, "/retry", func(job *Job) bool { return job.Status != StatusFailed })
}

// ProcessJob makes a waiting job its user's next or, by an admin, the next of all.
func (c *Client) ProcessJob(ctx context.Context, id string) (*Job, error) {
	return c.changeJob(ctx, http.MethodPost, id, "/process", func(job *Job) bool { return job.StartedAt != nil })
}

// changeJob makes a call that is refused once it is done; isDone tells a job on which an answer that was lost said so.
func (c *Client) changeJob(
	ctx context.Context, method, id, verb string, isDone func(*Job) bool,
) (*Job, error) {
	var job Job
	settle := func() (bool, error) {
		err := c.getJSON(ctx, jobPath(id), &job)
		return err == nil && isDone(&job), err
	}
	err := c.doJSON(ctx, call{method: method, path: jobPath(id) + verb, settle: settle}, &job)
	if err != nil {
		return nil, err
	}
	return &job, nil
}

// JobFilter says which jobs are listed. Zero values leave a choice open.
type JobFilter struct {
	Status       []JobStatus
	Type         []JobType
	ErrorClass   []ErrorClass
	UserID       string
	ConversionID string
	// IDPrefix is the beginning of a job's id.
	IDPrefix string
	// Since and Before say when jobs came.
	Since  time.Time
	Before time.Time
	// Limit is the most jobs of a page: 50, and 500 at most.
	Limit int
	// Cursor is the NextCursor of the page before.
	Cursor string
}

func (f JobFilter) query() string {
	values := url.Values{}
	set := func(name, value string) {
		if value != "" {
			values.Set(name, value)
		}
	}
	set("status", join(f.Status))
	set("type", join(f.Type))
	set("errorClass", join(f.ErrorClass))
	set("userId", f.UserID)
	set("conversionId", f.ConversionID)
	set("q", f.IDPrefix)
	set("since", timeText(f.Since))
	set("before", timeText(f.Before))
	if f.Limit != 0 {
		set("limit", strconv.Itoa(f.Limit))
	}
	set("cursor", f.Cursor)
	if len(values) == 0 {
		return ""
	}
	return "?" + values.Encode()
}

// ListJobs returns a page of the jobs that match, the newest first.
func (c *Client) ListJobs(ctx context.Context, filter JobFilter) (*JobPage, error) {
	var page JobPage
	if err := c.getJSON(ctx, "/worker/jobs"+filter.query(), &page); err != nil {
		return nil, err
	}
	return &page, nil
}

// EachJob calls visit for each job that matches, the newest first, page after page, until it returns false.
func (c *Client) EachJob(ctx context.Context, filter JobFilter, visit func(*Job) bool) error {
	for {
		page, err := c.ListJobs(ctx, filter)
		if err != nil {
			return err
		}
		for i := range page.Jobs {
			if !visit(&page.Jobs[i]) {
				return nil
			}
		}
		if page.NextCursor == "" {
			return nil
		}
		filter.Cursor = page.NextCursor
	}
}

func jobPath(id string) string { return "/worker/jobs/" + url.PathEscape(id) }

func timeText(at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z")
}

func join[T ~string](values []T) string {
	texts := make([]string, len(values))
	for i, value := range values {
		texts[i] = string(value)
	}
	return strings.Join(texts, ",")
}
