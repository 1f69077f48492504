// SPDX-License-Identifier: MIT

package clienttest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"stayler/worker"
)

// said is what the README's snippets say, by their headings. Each heading with code has its line here.
var said = map[string]string{
	"A first program":          `result\.jpg is \d+ bytes[\s\S]*refused: 400 invalid_input: payload\.options\.quality`,
	"Enqueuing a Job":          `^$`,
	"Monitoring Worker Health": `Worker \S+ status: (healthy|degraded)\n.*Jobs processed: \d+\n.*Uptime: \d+ seconds`,
	"Pictures":                 `stored \S+\n.*image/(jpeg|png), \d+ bytes`,
	"Submitting jobs":          `submitted \S+\n.*the same job: true\n.*c-batch-1 true\n.*refused: userId`,
	"Following jobs":           `^snapshot [\s\S]*completed`,
	"Listing and changing":     `(image_conversion \S+ \S+\n.*)+it has ended already`,
	"Errors":                   `not_found false`,
}

// What comes before and after fragments, which are about `ctx`, `service` and a `job` that has been submitted.
const fragmentFile = `package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"stayler/worker"
)

var _ = []interface{}{context.Background, errors.As, fmt.Println, log.Printf, os.ReadFile, time.Now}

%s
func main() {
	ctx := context.Background()
	options := worker.Options{APIKey: os.Getenv("STAYLER_API_KEY")}
	service := worker.NewClient(os.Getenv("STAYLER_URL"), options)
	job := &worker.Job{ID: os.Getenv("JOB")}
	switch os.Args[1] {
%s	}
}
`

var (
	headings = regexp.MustCompile(`(?m)^#+ (.*)$`)
	code     = regexp.MustCompile("(?s)```go\n(.*?)```")
)

// snippets are the README's blocks of Go, by their headings.
func snippets(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../../clients/go/README.md")
	must(t, err)
	found := map[string]string{}
	places := headings.FindAllStringSubmatchIndex(string(text), -1)
	for i, place := range places {
		end := len(text)
		if i+1 < len(places) {
			end = places[i+1][0]
		}
		for _, block := range code.FindAllStringSubmatch(string(text[place[1]:end]), -1) {
			found[string(text[place[2]:place[3]])] += block[1]
		}
	}
	return found
}

func TestTheSnippetsOfTheReadmeRun(t *testing.T) {
	settings := readSettings(t)
	folder := t.TempDir()
	client, err := filepath.Abs("../../../clients/go")
	must(t, err)
	write(t, folder, "go.mod",
		"module snippets\n\ngo 1.19\n\nrequire stayler/worker v0.0.0\n\nreplace stayler/worker => "+client+"\n")
	for _, name := range []string{"person.jpg", "garment.png"} {
		write(t, folder, name, string(settings.picture(t, name)))
	}
	var functions, cases strings.Builder
	for heading, block := range snippets(t) {
		if _, isKnown := said[heading]; !isKnown {
			t.Errorf("the test does not know what the code under %q says", heading)
		}
		if strings.HasPrefix(block, "package main") {
			write(t, filepath.Join(folder, "program"), "main.go", block)
			continue
		}
		name := "f" + regexp.MustCompile(`\W`).ReplaceAllString(heading, "")
		fmt.Fprintf(&functions, "func %s(ctx context.Context, service *worker.Client, job *worker.Job) {\n%s}\n\n", name, block)
		fmt.Fprintf(&cases, "\tcase %q:\n\t\t%s(ctx, service, job)\n", heading, name)
	}
	write(t, filepath.Join(folder, "fragments"), "main.go", fmt.Sprintf(fragmentFile, functions.String(), cases.String()))
	run(t, folder, nil, "go", "build", "-o", "bin/", "./...")

	environment := []string{"STAYLER_URL=" + settings.URL, "STAYLER_API_KEY=" + settings.Keys["submitter"]}
	for heading, expected := range said {
		t.Run(heading, func(t *testing.T) {
			block, isThere := snippets(t)[heading]
			if !isThere {
				t.Fatal("the README has no code under this heading")
			}
			command := []string{"./bin/fragments", heading}
			if strings.HasPrefix(block, "package main") {
				command = []string{"./bin/program"}
			}
			output := run(t, folder, append(environment, "JOB="+submitted(t, settings)), command...)
			if !regexp.MustCompile(expected).MatchString(output) {
				t.Errorf("it said %q, which does not match %q", output, expected)
			}
		})
	}
}

// submitted is the id of a job that has just been submitted.
func submitted(t *testing.T, settings settings) string {
	t.Helper()
	client := worker.NewClient(settings.URL, quick(settings.Keys["submitter"]))
	job, err := client.SubmitJob(context.Background(), worker.JobRequest{
		Type:    worker.ImageProcessing,
		UserID:  "user-123",
		Payload: worker.JobPayload{ImageID: "user-img-123", Options: stripped.Map()},
	})
	must(t, err)
	return job.ID
}

var stripped = worker.ProcessingOptions{Operations: []worker.ImageOperation{{Type: "strip"}}}

func write(t *testing.T, folder, name, content string) {
	t.Helper()
	must(t, os.MkdirAll(folder, 0o755))
	must(t, os.WriteFile(filepath.Join(folder, name), []byte(content), 0o600))
}

// run returns what a program says.
func run(t *testing.T, folder string, environment []string, command ...string) string {
	t.Helper()
	process := exec.Command(command[0], command[1:]...)
	process.Dir = folder
	process.Env = append(os.Environ(), environment...)
	output, err := process.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v: %s", command, err, output)
	}
	return string(output)
}
