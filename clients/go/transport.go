// SPDX-License-Identifier: MIT

package worker

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"time"
)

// call is one request, and how its answer is read.
type call struct {
	method  string
	path    string
	body    []byte
	headers map[string]string
	// takes tells of an answer that is no success whether it is read like one.
	takes func(*http.Response) bool
	// settle is asked, after a try whose answer was lost, whether a 409 or 404 of the next means that the lost one did it.
	settle func() (bool, error)
}

// answered is the answer of a call with its body.
type answered struct {
	status  int
	headers http.Header
	body    []byte
}

// do makes a call until it succeeds, is refused for good, or the tries are used up.
func (c *Client) do(ctx context.Context, what call) (*answered, error) {
	if c.unusable != nil {
		return nil, c.unusable
	}
	isAnswerLost := false
	for try := 1; ; try++ {
		answer, failed := c.tryOnce(ctx, what)
		if failed == nil {
			return answer, nil
		}
		if ctx.Err() != nil {
			return nil, noAnswer(ctx.Err())
		}
		isRefused := failed.Status == http.StatusConflict || failed.Status == http.StatusNotFound
		if isRefused && isAnswerLost && what.settle != nil {
			if isDone, err := what.settle(); err != nil || isDone {
				return nil, err
			}
			return nil, failed
		}
		if !failed.Retryable || try >= c.options.Tries || failed.RetryAfter > c.options.LongestPause {
			return nil, failed
		}
		// A gateway that gave up waiting does not know either whether it was done.
		isAnswerLost = isAnswerLost || failed.Status == 0 || failed.Status >= http.StatusBadGateway
		if !c.pause(ctx, try, failed.RetryAfter) {
			return nil, failed
		}
	}
}

func (c *Client) tryOnce(ctx context.Context, what call) (*answered, *Error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	answer, err := c.send(ctx, what)
	if err != nil {
		return nil, noAnswer(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		return nil, noAnswer(err)
	}
	if answer.StatusCode >= 300 && (what.takes == nil || !what.takes(answer)) {
		return nil, refusal(answer, body)
	}
	return &answered{answer.StatusCode, answer.Header, body}, nil
}

func (c *Client) send(ctx context.Context, what call) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, what.method, c.address+what.path, bytes.NewReader(what.body))
	if err != nil {
		return nil, err
	}
	request.Header.Set("User-Agent", "stayler-go")
	if c.options.APIKey != "" {
		request.Header.Set("Authorization", "Bearer "+c.options.APIKey)
	}
	for name, value := range what.headers {
		request.Header.Set(name, value)
	}
	return c.options.HTTPClient.Do(request)
}

// pause waits before the next try: as long as the service asks, and a random time, so that not all callers come back at
// once. False where the context would end before.
func (c *Client) pause(ctx context.Context, failures int, asked time.Duration) bool {
	wait := c.options.LongestPause
	if failures < 16 && c.options.LeastPause<<(failures-1) < wait {
		wait = c.options.LeastPause << (failures - 1)
	}
	wait = asked + randomPart(wait)
	if deadline, has := ctx.Deadline(); has && time.Until(deadline) < wait {
		return false
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

func randomPart(wait time.Duration) time.Duration {
	part, err := rand.Int(rand.Reader, big.NewInt(int64(wait)+1))
	if err != nil {
		return wait
	}
	return time.Duration(part.Int64())
}

// newKey makes an idempotency key.
func newKey() (string, error) {
	bytes := make([]byte, 16)
	if _, err := rand.Read(bytes); err != nil {
		return "", err
	}
	return hex.EncodeToString(bytes), nil
}

func (c *Client) getJSON(ctx context.Context, path string, into interface{}) error {
	return c.doJSON(ctx, call{method: http.MethodGet, path: path}, into)
}

// doJSON makes a call and reads its answer into a value.
func (c *Client) doJSON(ctx context.Context, what call, into interface{}) error {
	answer, err := c.do(ctx, what)
	if err != nil || answer == nil {
		return err
	}
	if err := json.Unmarshal(answer.body, into); err != nil {
		return fmt.Errorf("the service's answer cannot be read: %w", err)
	}
	return nil
}
