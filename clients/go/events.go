// SPDX-License-Identifier: MIT

package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"
)

// EventKind says what an event tells of.
type EventKind string

// The kinds of events.
const (
	// EventSnapshot is the job as it stands; a job's stream begins with it.
	EventSnapshot EventKind = "snapshot"
	// EventStatus is a change of a job's state.
	EventStatus EventKind = "status"
	// EventProgress is a step of an attempt.
	EventProgress EventKind = "progress"
	// EventGap says that events have been missed: what is known of jobs has to be asked for anew.
	EventGap EventKind = "gap"
)

// Event is something that has happened to a job.
type Event struct {
	// ID is where a later stream can go on.
	ID   string
	Kind EventKind
	// Job is of a snapshot.
	Job *Job
	// Change is of all other kinds but a gap.
	Change *JobEvent
}

// Status is the state that the event tells of; empty for a gap.
func (e *Event) Status() JobStatus {
	if e.Job != nil {
		return e.Job.Status
	}
	if e.Change != nil {
		return e.Change.Status
	}
	return ""
}

// Events is a stream of events. It comes back by itself where it was, when it is lost. For one goroutine at a time:
//
//	events := service.FollowJob(ctx, id)
//	defer events.Close()
//	for events.Next() {
//		fmt.Println(events.Event().Kind)
//	}
//	if err := events.Err(); err != nil { ... }
type Events struct {
	client *Client
	ctx    context.Context
	cancel context.CancelFunc
	path   string
	isOne  bool

	answer   *http.Response
	reader   *bufio.Reader
	watchdog *time.Timer
	lost     context.CancelFunc

	lastID   string
	event    *Event
	err      error
	isOver   bool
	failures int
	lostAt   time.Time
}

// FollowJob follows a job to its end. The first event is a snapshot.
func (c *Client) FollowJob(ctx context.Context, id string) *Events {
	events := c.follow(ctx, jobPath(id)+"/events", "")
	events.isOne = true
	return events
}

// FollowJobs follows all jobs that match a filter's Status, Type and UserID, from now on or, with the id of an event of
// an earlier stream, from there. It takes a key for all users, and ends with the context.
func (c *Client) FollowJobs(ctx context.Context, filter JobFilter, lastID string) *Events {
	chosen := JobFilter{Status: filter.Status, Type: filter.Type, UserID: filter.UserID}
	return c.follow(ctx, "/worker/events"+chosen.query(), lastID)
}

// WaitForJob waits until a job has ended, and returns it. Its Status tells in which way.
func (c *Client) WaitForJob(ctx context.Context, id string) (*Job, error) {
	events := c.FollowJob(ctx, id)
	defer events.Close()
	for events.Next() {
		if job := events.Event().Job; job != nil && job.Status.IsFinal() {
			return job, nil
		}
	}
	if err := events.Err(); err != nil {
		return nil, err
	}
	return c.GetJob(ctx, id)
}

func (c *Client) follow(ctx context.Context, path, lastID string) *Events {
	ctx, cancel := context.WithCancel(ctx)
	return &Events{client: c, ctx: ctx, cancel: cancel, path: path, lastID: lastID}
}

// Event is the one that Next has come to.
func (e *Events) Event() *Event { return e.event }

// Err says why the stream has ended; nil where the job has.
func (e *Events) Err() error { return e.err }

// Close ends the stream.
func (e *Events) Close() {
	e.isOver = true
	e.disconnect()
	e.cancel()
}

// Next waits for the next event. False when there will be none.
func (e *Events) Next() bool {
	for !e.isOver {
		if e.answer == nil && !e.connect() {
			break
		}
		event, err := e.read()
		if err == nil && event != nil {
			e.event = event
			e.isOver = e.isOne && event.Status().IsFinal()
			return true
		}
		if err != nil {
			e.disconnect()
			if !e.comeBack(noAnswer(err)) {
				break
			}
		}
	}
	e.disconnect()
	return false
}

// connect opens the stream where it was; false where there is none to be had.
func (e *Events) connect() bool {
	for {
		failed := e.tryConnect()
		if failed == nil {
			return !e.isOver
		}
		if !e.comeBack(failed) {
			return false
		}
	}
}

func (e *Events) tryConnect() *Error {
	if e.client.unusable != nil {
		return e.client.unusable
	}
	ctx, lost := context.WithCancel(e.ctx)
	e.lost = lost
	e.watchdog = time.AfterFunc(e.client.options.Silence, lost)
	headers := map[string]string{"Accept": "text/event-stream"}
	if e.lastID != "" {
		headers["Last-Event-ID"] = e.lastID
	}
	answer, err := e.client.send(ctx, call{method: http.MethodGet, path: e.path, headers: headers})
	if err != nil {
		e.disconnect()
		return noAnswer(err)
	}
	e.answer, e.reader = answer, bufio.NewReader(answer.Body)
	switch answer.StatusCode {
	case http.StatusOK:
	case http.StatusNoContent:
		// The job had ended with the last event.
		e.isOver = true
		e.disconnect()
	default:
		body, _ := io.ReadAll(answer.Body)
		e.disconnect()
		return refusal(answer, body)
	}
	return nil
}

func (e *Events) disconnect() {
	if e.watchdog != nil {
		e.watchdog.Stop()
		e.lost()
		e.watchdog = nil
	}
	if e.answer != nil {
		e.answer.Body.Close()
		e.answer = nil
	}
}

// comeBack waits before another try; false, with the error, where none is to be made.
func (e *Events) comeBack(failed *Error) bool {
	e.failures++
	if e.lostAt.IsZero() {
		e.lostAt = time.Now()
	}
	switch {
	case e.ctx.Err() != nil:
		e.err = e.ctx.Err()
	case !failed.Retryable,
		failed.RetryAfter > e.client.options.LongestPause,
		time.Since(e.lostAt) > e.client.options.ReconnectFor,
		!e.client.pause(e.ctx, e.failures, failed.RetryAfter):
		e.err = failed
		if e.ctx.Err() != nil {
			e.err = e.ctx.Err()
		}
	default:
		return true
	}
	e.isOver = true
	return false
}

// read reads up to the end of one event; nil where that is none for the caller. Only a whole one counts: of one that is
// cut off, the id is not kept either.
func (e *Events) read() (*Event, error) {
	var id, kind string
	var data []string
	for {
		line, err := e.reader.ReadString('\n')
		if err != nil {
			return nil, err
		}
		e.watchdog.Reset(e.client.options.Silence)
		line = strings.TrimRight(line, "\r\n")
		if line == "" {
			// Also of a quiet stream, which moves on by ids alone.
			if id != "" {
				e.lastID, e.failures, e.lostAt = id, 0, time.Time{}
			}
			return e.made(EventKind(kind), strings.Join(data, "\n"))
		}
		name, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch name {
		case "id":
			id = value
		case "event":
			kind = value
		case "data":
			data = append(data, value)
		}
	}
}

func (e *Events) made(kind EventKind, data string) (*Event, error) {
	event := &Event{ID: e.lastID, Kind: kind}
	var err error
	switch kind {
	case EventSnapshot:
		event.Job = &Job{}
		err = json.Unmarshal([]byte(data), event.Job)
	case EventStatus, EventProgress:
		event.Change = &JobEvent{}
		err = json.Unmarshal([]byte(data), event.Change)
	case EventGap:
	default:
		return nil, nil
	}
	if err != nil {
		return nil, errors.New("an event cannot be read: " + err.Error())
	}
	return event, nil
}
