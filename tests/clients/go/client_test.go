// SPDX-License-Identifier: MIT

package clienttest

import (
	"context"
	"errors"
	"testing"
	"time"

	"stayler/worker"
)

// nowhere is an address at which nothing listens: a port that nobody has, below those that programs are given.
const nowhere = "http://127.0.0.1:2"

func TestAnAddressThatIsNoneIsSaidToBe(t *testing.T) {
	for _, address := range []string{"", "127.0.0.1:8080", "localhost:8080", "ftp://there"} {
		service := worker.NewClient(address, worker.Options{})
		_, err := service.GetStatus(context.Background())
		_, waiting := service.WaitForJob(context.Background(), "any")
		for _, each := range []error{err, waiting} {
			var failed *worker.Error
			if !errors.As(each, &failed) || failed.Class != worker.ErrorInvalidInput || failed.Retryable {
				t.Error(address, each)
			}
		}
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	settings := readSettings(t)
	options := quick(settings.Keys["submitter"])
	options.LeastPause = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	_, err := worker.NewClient(nowhere, options).GetStatus(ctx)
	var failed *worker.Error
	if !errors.As(err, &failed) || failed.Status != 0 {
		t.Fatal("not an error without an answer: ", err)
	}
}

func TestNoTryIsMadeThatTheDeadlineWouldCutOff(t *testing.T) {
	options := quick("")
	options.LeastPause = time.Hour
	options.LongestPause = time.Hour
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err := worker.NewClient(nowhere, options).GetStatus(ctx)
	var failed *worker.Error
	if !errors.As(err, &failed) || failed.Class != worker.ErrorConnection || ctx.Err() != nil {
		t.Fatal("not the last try's error, at once: ", err)
	}
}

func TestAStreamEndsWithItsContext(t *testing.T) {
	settings := readSettings(t)
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(100*time.Millisecond, cancel)
	events := worker.NewClient(settings.URL, quick(settings.Keys["submitter"])).FollowJobs(ctx, worker.JobFilter{}, "")
	defer events.Close()
	for events.Next() {
	}
	if !errors.Is(events.Err(), context.Canceled) {
		t.Fatal(events.Err())
	}
}

func TestAStreamThatCannotComeBackSaysSo(t *testing.T) {
	options := quick("")
	options.ReconnectFor = 50 * time.Millisecond
	events := worker.NewClient(nowhere, options).FollowJob(context.Background(), "any")
	defer events.Close()
	for events.Next() {
		t.Fatal("an event from nowhere")
	}
	var failed *worker.Error
	if !errors.As(events.Err(), &failed) || failed.Class != worker.ErrorConnection {
		t.Fatal(events.Err())
	}
}

func TestARequestWithoutATimeHasNone(t *testing.T) {
	text, err := worker.JobRequest{Type: worker.ImageProcessing, UserID: "ann"}.MarshalJSON()
	must(t, err)
	if string(text) != `{"type":"image_processing","userId":"ann","payload":{}}` {
		t.Fatal(string(text))
	}
}
