// SPDX-License-Identifier: MIT
#pragma once

#include <array>

namespace stayler::test {

/// The statements that make the application's own tables as an application with UUIDs has them.
inline constexpr std::array application_tables{
    R"(CREATE TABLE images (id uuid PRIMARY KEY, user_id uuid, vendor_id uuid, type text,
       file_name text, original_url text, thumbnail_url text, file_size bigint,
       mime_type varchar(50), width integer, height integer, is_public boolean DEFAULT false,
       tags text[], metadata jsonb))",
    R"(CREATE TABLE conversions (id uuid PRIMARY KEY, user_id uuid NOT NULL,
       user_image_id uuid REFERENCES images, cloth_image_id uuid REFERENCES images,
       status varchar(20) NOT NULL, result_image_id uuid REFERENCES images, error_message text,
       processing_time_ms integer, created_at timestamptz DEFAULT now(),
       updated_at timestamptz DEFAULT now(), completed_at timestamptz))"};

}  // namespace stayler::test
