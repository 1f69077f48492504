// SPDX-License-Identifier: MIT

package worker

import (
	"encoding/json"
	"time"
)

// JobRequest is a job to submit. A zero value means that nothing is said.
type JobRequest struct {
	// Type is what the job does. It is needed, as are UserID, Payload and, for a conversion, ConversionID.
	Type JobType `json:"type"`
	// ConversionID is the application's name for the conversion.
	ConversionID string `json:"conversionId,omitempty"`
	UserID       string `json:"userId"`
	// Priority: 1 low, 5 normal, 10 high, 20 urgent; 5 where it is 0.
	Priority int `json:"priority,omitempty"`
	// Urgency "low" is for a job that can wait; its calls cost half.
	Urgency string     `json:"urgency,omitempty"`
	Payload JobPayload `json:"payload"`
	// RunAt: not before that time.
	RunAt time.Time `json:"-"`
	// MaxRetries is how often a failed attempt is followed by another. A pointer, because 0 says something: never.
	MaxRetries *int `json:"maxRetries,omitempty"`
	// Timeout is the longest time for one attempt.
	Timeout time.Duration `json:"timeout,omitempty"`
	// WebhookURL is where this job's notifications go.
	WebhookURL string `json:"webhookUrl,omitempty"`
}

// JobPayload says which pictures a job is about, each by its id or by a URL that the service is let fetch.
type JobPayload struct {
	// UserImageID and ClothImageID are of a conversion: the person, and the garment.
	UserImageID  string `json:"userImageId,omitempty"`
	ClothImageID string `json:"clothImageId,omitempty"`
	// ImageID is of a processing job.
	ImageID string `json:"imageId,omitempty"`
	// Options as the contract has them; ConversionOptions and ProcessingOptions make them from typed members.
	Options map[string]interface{} `json:"options,omitempty"`
}

// ConversionOptions are the options of a conversion.
type ConversionOptions struct {
	// Style in the user's words.
	Style string `json:"style,omitempty"`
	// Quality is draft, standard or high.
	Quality string `json:"quality,omitempty"`
	// Prompt is a further wish.
	Prompt string `json:"prompt,omitempty"`
	// AspectRatio is the width to the height, such as "3:4".
	AspectRatio string `json:"aspectRatio,omitempty"`
	// OutputFormat is jpeg, png or webp.
	OutputFormat string `json:"outputFormat,omitempty"`
	// NoCache asks for a new picture, also where there is one of the same request.
	NoCache bool `json:"noCache,omitempty"`
}

// Map makes the Options of a JobPayload.
func (o ConversionOptions) Map() map[string]interface{} { return asMap(o) }

// ProcessingOptions are the options of a processing job.
type ProcessingOptions struct {
	// Operations are done in this order.
	Operations []ImageOperation `json:"operations"`
}

// Map makes the Options of a JobPayload.
func (o ProcessingOptions) Map() map[string]interface{} { return asMap(o) }

// ImageOperation is one step of a processing job: resize (Width, Height, Fit), thumbnail (Size), convert (Format,
// Quality) or strip.
type ImageOperation struct {
	Type    string `json:"type"`
	Width   int    `json:"width,omitempty"`
	Height  int    `json:"height,omitempty"`
	Fit     string `json:"fit,omitempty"`
	Size    int    `json:"size,omitempty"`
	Format  string `json:"format,omitempty"`
	Quality int    `json:"quality,omitempty"`
}

func asMap(options interface{}) map[string]interface{} {
	made := map[string]interface{}{}
	text, err := json.Marshal(options)
	if err == nil {
		err = json.Unmarshal(text, &made)
	}
	if err != nil {
		panic(err) // They hold texts, numbers and booleans alone.
	}
	return made
}

type plainRequest JobRequest

type requestJSON struct {
	plainRequest
	RunAt *time.Time `json:"runAt,omitempty"`
}

// MarshalJSON leaves out what is not said.
func (r JobRequest) MarshalJSON() ([]byte, error) {
	made := requestJSON{plainRequest: plainRequest(r)}
	if !r.RunAt.IsZero() {
		at := r.RunAt.UTC()
		made.RunAt = &at
	}
	return json.Marshal(made)
}

// UnmarshalJSON reads what MarshalJSON has written.
func (r *JobRequest) UnmarshalJSON(text []byte) error {
	var read requestJSON
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*r = JobRequest(read.plainRequest)
	if read.RunAt != nil {
		r.RunAt = *read.RunAt
	}
	return nil
}
