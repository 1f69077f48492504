// SPDX-License-Identifier: MIT

package worker

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Options say how a Client calls. Zero values stand for what the comments name.
type Options struct {
	// APIKey is one of WORKER_API_KEYS, in clear. A service on loopback without keys needs none.
	APIKey string
	// HTTPClient is for what this package does not know: proxies, authorities of one's own. http.DefaultClient unless
	// given. Set no Timeout in it: it would end streams of events.
	HTTPClient *http.Client
	// Tries is how often a call is made at most, the first time included: 5.
	Tries int
	// Timeout is for one try: a minute.
	Timeout time.Duration
	// LeastPause is the pause after the first try that failed; it doubles each time, and a random part of it is waited
	// for: 200 ms.
	LeastPause time.Duration
	// LongestPause bounds both these pauses, which it caps, and the service's Retry-After: what asks for more is given
	// back as an error at once. 30 s.
	LongestPause time.Duration
	// Silence is how long a stream of events may bring no byte before it is taken for dead: 45 s. The service sends one
	// every 15 s.
	Silence time.Duration
	// ReconnectFor is how long a stream that is lost tries to come back: 5 min.
	ReconnectFor time.Duration
}

// Client calls one service.
type Client struct {
	address string
	options Options
	// unusable is what every call returns where the address is none.
	unusable *Error
}

// NewClient makes a client of the service at an address such as "http://127.0.0.1:8080". It connects to nothing yet: of an
// address that is none, calls say so (ErrorInvalidInput).
func NewClient(address string, options Options) *Client {
	if options.HTTPClient == nil {
		options.HTTPClient = http.DefaultClient
	}
	if options.Tries <= 0 {
		options.Tries = 5
	}
	setDefault(&options.Timeout, time.Minute)
	setDefault(&options.LeastPause, 200*time.Millisecond)
	setDefault(&options.LongestPause, 30*time.Second)
	setDefault(&options.Silence, 45*time.Second)
	setDefault(&options.ReconnectFor, 5*time.Minute)
	return &Client{address: strings.TrimRight(address, "/"), options: options, unusable: checkAddress(address)}
}

func checkAddress(address string) *Error {
	parsed, err := url.Parse(address)
	if err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "" {
		return nil
	}
	detail := fmt.Sprintf("an address is http://HOST[:PORT] or https://HOST[:PORT], not %q", address)
	return &Error{Class: ErrorInvalidInput, Detail: detail}
}

func setDefault(option *time.Duration, value time.Duration) {
	if *option <= 0 {
		*option = value
	}
}
