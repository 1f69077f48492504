// SPDX-License-Identifier: MIT

package worker

import (
	"context"
	"net/http"
	"net/url"
)

// Upload says whose a picture is.
type Upload struct {
	// UserID is the user to whom the picture belongs. A key that is for one user alone need not name it.
	UserID string
	// Type is UserImage unless given.
	Type ImageType
}

// Picture is the bytes of a picture.
type Picture struct {
	Content  []byte
	MimeType string
}

// UploadImage stores a picture: JPEG, PNG, WebP, GIF, HEIC, AVIF, BMP or TIFF, told by its bytes. An answer that was
// lost leaves a picture behind to which nothing refers.
func (c *Client) UploadImage(ctx context.Context, content []byte, upload Upload) (*Image, error) {
	values := url.Values{}
	if upload.UserID != "" {
		values.Set("userId", upload.UserID)
	}
	if upload.Type != "" {
		values.Set("type", string(upload.Type))
	}
	path := "/images"
	if len(values) > 0 {
		path += "?" + values.Encode()
	}
	headers := map[string]string{"Content-Type": "application/octet-stream"}
	var image Image
	err := c.doJSON(ctx, call{method: http.MethodPost, path: path, body: content, headers: headers}, &image)
	if err != nil {
		return nil, err
	}
	return &image, nil
}

// GetImage downloads a picture: an upload, or the result of a job.
func (c *Client) GetImage(ctx context.Context, id string) (*Picture, error) {
	return c.getPicture(ctx, imagePath(id))
}

// GetThumbnail downloads a picture's thumbnail.
func (c *Client) GetThumbnail(ctx context.Context, id string) (*Picture, error) {
	return c.getPicture(ctx, imagePath(id)+"/thumbnail")
}

// DeleteImage deletes a picture and its thumbnail.
func (c *Client) DeleteImage(ctx context.Context, id string) error {
	isGone := func() (bool, error) { return true, nil }
	_, err := c.do(ctx, call{method: http.MethodDelete, path: imagePath(id), settle: isGone})
	return err
}

func (c *Client) getPicture(ctx context.Context, path string) (*Picture, error) {
	answer, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return nil, err
	}
	return &Picture{Content: answer.body, MimeType: answer.headers.Get("Content-Type")}, nil
}

func imagePath(id string) string { return "/images/" + url.PathEscape(id) }
