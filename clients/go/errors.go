// SPDX-License-Identifier: MIT

package worker

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Error is what a call has failed of: the service's refusal, or that there was no answer. Get at it with errors.As.
type Error struct {
	// Status is the HTTP status, or 0 where no answer came.
	Status int
	// Class is the kind of failure, for programs.
	Class ErrorClass
	// Title is the status in words.
	Title string
	// Detail says what went wrong, for people.
	Detail string
	// Fields are the bad fields of the request.
	Fields []FieldProblem
	// RequestID is the name of the call in the service's log.
	RequestID string
	// Retryable tells whether the same call may succeed later.
	Retryable bool
	// RetryAfter is how long the service asks to wait before that; 0 where it does not say.
	RetryAfter time.Duration

	cause error
}

// FieldProblem is one bad field of a request.
type FieldProblem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Problem is an error as it comes over the wire (RFC 9457).
type Problem struct {
	Title   string         `json:"title"`
	Status  int            `json:"status"`
	Detail  string         `json:"detail"`
	Error   ErrorClass     `json:"error"`
	Details string         `json:"details"`
	Errors  []FieldProblem `json:"errors,omitempty"`
}

func (e *Error) Error() string {
	text := e.Detail
	if e.Status != 0 {
		text = fmt.Sprintf("%d %s: %s", e.Status, e.Class, e.Detail)
	}
	if e.RequestID != "" {
		text += " (request " + e.RequestID + ")"
	}
	return text
}

// Unwrap gives what is behind an error without an answer, such as context.DeadlineExceeded.
func (e *Error) Unwrap() error { return e.cause }

func isRetryable(status int, class ErrorClass) bool {
	switch class {
	case ErrorTimeout, ErrorConnection, ErrorRateLimited, ErrorUnavailable, ErrorServerError, ErrorWorkerLost,
		ErrorStoreFull, ErrorHeld:
		return true
	case "":
		// No problem document: something between here and the service has answered.
		return status == http.StatusRequestTimeout || status == http.StatusTooManyRequests ||
			status == http.StatusBadGateway || status == http.StatusServiceUnavailable ||
			status == http.StatusGatewayTimeout
	}
	return false
}

// refusal reads an answer that is not a success.
func refusal(answer *http.Response, body []byte) *Error {
	var problem Problem
	if !strings.Contains(answer.Header.Get("Content-Type"), "json") || json.Unmarshal(body, &problem) != nil {
		problem = Problem{}
	}
	made := &Error{
		Status:     answer.StatusCode,
		Class:      problem.Error,
		Title:      problem.Title,
		Detail:     problem.Detail,
		Fields:     problem.Errors,
		RequestID:  answer.Header.Get("X-Request-Id"),
		Retryable:  isRetryable(answer.StatusCode, problem.Error),
		RetryAfter: retryAfter(answer.Header.Get("Retry-After")),
	}
	if made.Title == "" {
		made.Title = http.StatusText(answer.StatusCode)
	}
	if made.Detail == "" {
		made.Detail = "the answer is not one of the service's own: " + answer.Status
	}
	return made
}

// noAnswer is the error of a try that has brought none.
func noAnswer(cause error) *Error {
	// The address of a call may name users.
	var called *url.Error
	if errors.As(cause, &called) {
		cause = called.Err
	}
	made := &Error{Class: ErrorConnection, Detail: cause.Error(), Retryable: true, cause: cause}
	if errors.Is(cause, context.DeadlineExceeded) {
		made.Class = ErrorTimeout
	}
	return made
}

// retryAfter reads seconds or a date.
func retryAfter(value string) time.Duration {
	if seconds, err := strconv.Atoi(value); err == nil && seconds > 0 {
		return time.Duration(seconds) * time.Second
	}
	if date, err := http.ParseTime(value); err == nil {
		if wait := time.Until(date); wait > 0 {
			return wait
		}
	}
	return 0
}
