// SPDX-License-Identifier: MIT

package worker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

// WorkerHealth says how the service is, in the former worker's form.
type WorkerHealth struct {
	WorkerID      string
	Status        HealthState
	LastSeen      time.Time
	JobsProcessed int64
	// CurrentJob is one that is worked on; empty where there is none.
	CurrentJob string
	// Uptime in seconds.
	Uptime int64
	// Checks are the parts: queue, storage, gemini and others.
	Checks map[string]HealthCheck
}

// HealthCheck is how a part of the service is.
type HealthCheck struct {
	Status HealthState `json:"status"`
	// Message says why it is not healthy, to keys that may know.
	Message string   `json:"message,omitempty"`
	Took    Duration `json:"took"`
}

type healthJSON struct {
	WorkerID      string                 `json:"workerId"`
	Status        HealthState            `json:"status"`
	LastSeen      *time.Time             `json:"lastSeen"`
	JobsProcessed int64                  `json:"jobsProcessed"`
	CurrentJob    *string                `json:"currentJob"`
	Uptime        Duration               `json:"uptime"`
	Checks        map[string]HealthCheck `json:"checks"`
}

// UnmarshalJSON reads what the service writes.
func (h *WorkerHealth) UnmarshalJSON(text []byte) error {
	var read healthJSON
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*h = WorkerHealth{
		WorkerID:      read.WorkerID,
		Status:        read.Status,
		JobsProcessed: read.JobsProcessed,
		Uptime:        int64(time.Duration(read.Uptime) / time.Second),
		Checks:        read.Checks,
	}
	if read.LastSeen != nil {
		h.LastSeen = *read.LastSeen
	}
	if read.CurrentJob != nil {
		h.CurrentJob = *read.CurrentJob
	}
	return nil
}

// MarshalJSON writes what UnmarshalJSON has read.
func (h WorkerHealth) MarshalJSON() ([]byte, error) {
	made := healthJSON{
		WorkerID:      h.WorkerID,
		Status:        h.Status,
		JobsProcessed: h.JobsProcessed,
		Uptime:        Duration(time.Duration(h.Uptime) * time.Second),
		Checks:        h.Checks,
	}
	if !h.LastSeen.IsZero() {
		made.LastSeen = &h.LastSeen
	}
	if h.CurrentJob != "" {
		made.CurrentJob = &h.CurrentJob
	}
	return json.Marshal(made)
}

// GetHealth asks how the service is. A service that is not well says so by the status, and that is no error.
func (c *Client) GetHealth(ctx context.Context) (*WorkerHealth, error) {
	var health WorkerHealth
	err := c.doJSON(ctx, call{method: http.MethodGet, path: "/worker/health", takes: isUnhealthy}, &health)
	if err != nil {
		return nil, err
	}
	return &health, nil
}

func isUnhealthy(answer *http.Response) bool {
	kind := answer.Header.Get("Content-Type")
	return answer.StatusCode == http.StatusServiceUnavailable && strings.HasPrefix(kind, "application/json")
}

// GetStatus counts the jobs by state.
func (c *Client) GetStatus(ctx context.Context) (*Status, error) {
	var status Status
	if err := c.getJSON(ctx, "/worker/status", &status); err != nil {
		return nil, err
	}
	return &status, nil
}

func durationText(duration time.Duration) string {
	if duration%time.Second == 0 {
		return fmt.Sprintf("%ds", duration/time.Second)
	}
	return duration.String()
}
