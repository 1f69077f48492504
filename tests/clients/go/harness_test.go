// SPDX-License-Identifier: MIT

// Package clienttest holds the Go client to the table of cases, to the contract's schemas and to its own README.
package clienttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"stayler/worker"
)

// settings are what tests/clients/support/harness.py has prepared.
type settings struct {
	URL     string
	Proxy   string
	Control string
	Keys    map[string]string
	Assets  string
	Scratch string
	Schemas map[string]schema
}

type schema struct {
	Members []string
	Values  []string
}

func readSettings(t *testing.T) settings {
	t.Helper()
	path := os.Getenv("STAYLER_TEST")
	if path == "" {
		t.Fatal("STAYLER_TEST is not set; use tests/clients/run")
	}
	text, err := os.ReadFile(path)
	must(t, err)
	var read settings
	must(t, json.Unmarshal(text, &read))
	return read
}

// quick has pauses that are short enough for tests.
func quick(key string) worker.Options {
	return worker.Options{
		APIKey:     key,
		Tries:      4,
		LeastPause: 5 * time.Millisecond,
		Silence:    2 * time.Second,
		Timeout:    10 * time.Second,
	}
}

// control asks the harness; nothing is sent where there is no body.
func (s settings) control(t *testing.T, path string, body, into interface{}) {
	t.Helper()
	var answer *http.Response
	var err error
	if body == nil {
		answer, err = http.Get(s.Control + path)
	} else {
		text, failed := json.Marshal(body)
		must(t, failed)
		answer, err = http.Post(s.Control+path, "application/json", bytes.NewReader(text))
	}
	must(t, err)
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	must(t, err)
	must(t, json.Unmarshal(text, into))
}

func (s settings) picture(t *testing.T, name string) []byte {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(s.Assets, name))
	must(t, err)
	return content
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
