// SPDX-License-Identifier: MIT

package clienttest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"stayler/worker"
)

// arguments are those of all calls of the table.
type arguments struct {
	ID             string
	File           string
	Text           string
	UserID         string
	Type           json.RawMessage
	Job            worker.JobRequest
	Jobs           []worker.JobRequest
	IdempotencyKey string
	Status         []worker.JobStatus
	ConversionID   string
	Limit          int
	Cursor         string
	LastID         string
	Take           int
}

type outcome struct {
	Name   string      `json:"name"`
	Answer interface{} `json:"answer,omitempty"`
	Error  interface{} `json:"error,omitempty"`
}

func TestTheClientKeepsToTheTableOfCases(t *testing.T) {
	settings := readSettings(t)
	var names []string
	settings.control(t, "/cases", nil, &names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			var asked struct {
				Call string
				With arguments
				Key  string
			}
			settings.control(t, "/begin", map[string]string{"name": name}, &asked)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			run := caseRun{t, ctx, settings, worker.NewClient(settings.Proxy, quick(asked.Key)), asked.With}
			answer, err := run.call(asked.Call)
			found := outcome{Name: name, Answer: answer}
			if err != nil {
				found = outcome{Name: name, Error: described(t, err)}
			}
			var verdict struct{ Problems []string }
			settings.control(t, "/end", found, &verdict)
			for _, problem := range verdict.Problems {
				t.Error(problem)
			}
		})
	}
}

type caseRun struct {
	t        *testing.T
	ctx      context.Context
	settings settings
	client   *worker.Client
	with     arguments
}

func (r caseRun) call(name string) (interface{}, error) {
	switch name {
	case "uploadImage":
		content := []byte(r.with.Text)
		if r.with.File != "" {
			content = r.settings.picture(r.t, r.with.File)
		}
		upload := worker.Upload{UserID: r.with.UserID}
		if r.with.Type != nil {
			must(r.t, json.Unmarshal(r.with.Type, &upload.Type))
		}
		return r.client.UploadImage(r.ctx, content, upload)
	case "getImage":
		return digested(r.client.GetImage(r.ctx, r.with.ID))
	case "getThumbnail":
		return digested(r.client.GetThumbnail(r.ctx, r.with.ID))
	case "deleteImage":
		return struct{}{}, r.client.DeleteImage(r.ctx, r.with.ID)
	case "submitJob":
		return r.client.SubmitJobOnce(r.ctx, r.with.Job, r.with.IdempotencyKey)
	case "submitJobs":
		return r.client.SubmitJobs(r.ctx, r.with.Jobs)
	case "getJob":
		return r.client.GetJob(r.ctx, r.with.ID)
	case "cancelJob":
		return r.client.CancelJob(r.ctx, r.with.ID)
	case "retryJob":
		return r.client.RetryJob(r.ctx, r.with.ID)
	case "processJob":
		return r.client.ProcessJob(r.ctx, r.with.ID)
	case "waitForJob":
		return r.client.WaitForJob(r.ctx, r.with.ID)
	case "listJobs":
		return r.client.ListJobs(r.ctx, r.filter())
	case "listAllJobs":
		var jobs []worker.Job
		err := r.client.EachJob(r.ctx, r.filter(), func(job *worker.Job) bool {
			jobs = append(jobs, *job)
			return true
		})
		return map[string]interface{}{"jobs": jobs}, err
	case "followJob":
		return r.told(r.client.FollowJob(r.ctx, r.with.ID))
	case "followJobs":
		return r.told(r.client.FollowJobs(r.ctx, worker.JobFilter{}, r.with.LastID))
	case "getStatus":
		return r.client.GetStatus(r.ctx)
	case "getWorkerHealth":
		return r.client.GetHealth(r.ctx)
	}
	return nil, errors.New("the table has a call that this client lacks: " + name)
}

func (r caseRun) filter() worker.JobFilter {
	filter := worker.JobFilter{
		Status:       r.with.Status,
		UserID:       r.with.UserID,
		ConversionID: r.with.ConversionID,
		Limit:        r.with.Limit,
		Cursor:       r.with.Cursor,
	}
	if r.with.Type != nil {
		must(r.t, json.Unmarshal(r.with.Type, &filter.Type))
	}
	return filter
}

// told are the events of a stream up to its end, or as many as the case takes.
func (r caseRun) told(events *worker.Events) (interface{}, error) {
	defer events.Close()
	list := []map[string]interface{}{}
	for events.Next() {
		event := events.Event()
		list = append(list, map[string]interface{}{"id": event.ID, "kind": event.Kind, "status": event.Status()})
		if len(list) == r.with.Take {
			break
		}
	}
	return map[string]interface{}{"events": list}, events.Err()
}

func digested(picture *worker.Picture, err error) (interface{}, error) {
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(picture.Content)
	return map[string]string{"mimeType": picture.MimeType, "checksum": hex.EncodeToString(sum[:])}, nil
}

func described(t *testing.T, err error) interface{} {
	var refused *worker.Error
	if !errors.As(err, &refused) {
		return fmt.Sprint("an error of another type: ", err)
	}
	return map[string]interface{}{
		"status":     refused.Status,
		"class":      refused.Class,
		"detail":     refused.Detail,
		"fields":     refused.Fields,
		"requestId":  refused.RequestID,
		"retryable":  refused.Retryable,
		"retryAfter": refused.RetryAfter.Seconds(),
	}
}
