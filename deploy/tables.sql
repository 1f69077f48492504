-- The application's own tables: here, where there is no application, what it would have made.
CREATE TABLE images (
  id text PRIMARY KEY,
  user_id text,
  vendor_id text,
  type text NOT NULL,
  file_name text NOT NULL,
  original_url text NOT NULL,
  thumbnail_url text,
  file_size bigint NOT NULL,
  mime_type text NOT NULL,
  width integer NOT NULL,
  height integer NOT NULL,
  is_public boolean NOT NULL DEFAULT false,
  tags text[],
  metadata jsonb
);

CREATE TYPE conversion_status AS ENUM ('pending', 'processing', 'completed', 'failed', 'cancelled');

CREATE TABLE conversions (
  id text PRIMARY KEY,
  user_id text NOT NULL,
  user_image_id text NOT NULL,
  cloth_image_id text NOT NULL,
  status conversion_status NOT NULL DEFAULT 'pending',
  result_image_id text REFERENCES images (id) ON DELETE SET NULL,
  error_message text,
  processing_time_ms integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  completed_at timestamptz
);
