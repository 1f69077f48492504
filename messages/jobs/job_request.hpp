// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/base/trace_context.hpp"
#include "messages/base/uuid.hpp"
#include "messages/jobs/job_state.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler {

/// Formats that pictures come in. The first three are also written: results and uploads are stored
/// in one of them.
enum class image_format : std::uint8_t { jpeg, png, webp, gif, bmp, tiff, heic, avif };

/// How a conversion is to be done; empty and zero fields leave the choice to the service.
struct conversion_options {
  std::string style;         ///< casual, formal, ...: free text of at most 100 characters
  std::string quality;       ///< "standard", "high" or "draft"
  std::string prompt;        ///< the user's own wish, at most 2,000 characters; data, not a command
  std::string aspect_ratio;  ///< one of the provider's ratios, such as "3:4"
  std::string output_format;  ///< "jpeg", "png" or "webp"
  bool no_cache = false;      ///< true: never answer from the result cache

  friend bool operator==(const conversion_options&, const conversion_options&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, conversion_options& x) {
  return f(x.style, x.quality, x.prompt, x.aspect_ratio, x.output_format, x.no_cache);
}

/// Whether somebody waits for a job. One that can wait is made at half the price, when the provider
/// has room.
enum class job_urgency : std::uint8_t { normal, low };

std::string_view to_string(job_urgency urgency) noexcept;

/// One step of an image_processing job.
struct image_operation {
  enum class kind : std::uint8_t { resize, thumbnail, convert, strip };
  enum class fit_mode : std::uint8_t { contain, cover, fill };

  kind what = kind::strip;
  std::uint32_t width = 0;   ///< resize: 0 keeps the ratio
  std::uint32_t height = 0;  ///< resize: 0 keeps the ratio
  fit_mode fit = fit_mode::contain;
  std::uint32_t size = 0;  ///< thumbnail: the longer side in pixels
  image_format format = image_format::jpeg;
  std::uint32_t quality = 0;  ///< convert: 1 to 100, 0 for the default

  friend bool operator==(const image_operation&, const image_operation&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, image_operation& x) {
  return f(x.what, x.width, x.height, x.fit, x.size, x.format, x.quality);
}

/// What a job works on. The first three fields belong to image_conversion, the others to
/// image_processing. Image bytes never travel here: ids do.
struct job_payload {
  std::string user_image_id;
  std::string cloth_image_id;
  conversion_options options;
  std::string image_id;
  std::vector<image_operation> operations;

  friend bool operator==(const job_payload&, const job_payload&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_payload& x) {
  return f(x.user_image_id, x.cloth_image_id, x.options, x.image_id, x.operations);
}

/// The part of a job that its submitter decides.
struct job_request {
  job_type type = job_type::image_conversion;
  std::string conversion_id;
  std::string user_id;
  std::uint32_t priority = 5;  ///< 1 (low) to 20 (urgent)
  job_payload payload;
  timestamp run_at;               ///< not set: at once
  std::uint32_t max_retries = 0;  ///< attempts after the first
  milliseconds timeout{0};        ///< for one attempt, all stages together
  std::string idempotency_key;    ///< empty: none
  /// Of all that the submitter said, by which a key's second request is told from its first; empty
  /// where it was not taken: such a request is equal to any.
  std::string fingerprint;
  /// Where the job's notifications are posted, instead of where all others go; empty: there. Its
  /// path may be what lets one post there: it is shown to nobody.
  std::string webhook_url;
  job_urgency urgency = job_urgency::normal;  ///< matters to image_conversion alone
  trace_context trace;  ///< what its spans are below; not set: it is in no trace
  job_id rerun_of{};    ///< the job that it runs again; nil: none

  friend bool operator==(const job_request&, const job_request&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, job_request& x) {
  return f(
      x.type, x.conversion_id, x.user_id, x.priority, x.payload, x.run_at, x.max_retries, x.timeout,
      x.idempotency_key, x.fingerprint, x.webhook_url, x.urgency, x.trace, x.rerun_of
  );
}

}  // namespace stayler
