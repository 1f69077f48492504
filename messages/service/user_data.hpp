// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"
#include "messages/base/uuid.hpp"
#include "messages/images/image.hpp"
#include "messages/jobs/conversion.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace stayler {

/// What became of a user's jobs when they were to be erased.
struct erased_jobs {
  std::uint64_t erased = 0;
  std::uint64_t left = 0;  ///< still at work: to be erased soon

  friend bool operator==(const erased_jobs&, const erased_jobs&) = default;
};

/// How much of each kind an erasure has removed.
struct erased_counts {
  std::uint64_t jobs = 0;
  std::uint64_t images = 0;  ///< with their thumbnails
  std::uint64_t conversions = 0;
  std::uint64_t notifications = 0;
  std::uint64_t cached_pictures = 0;
  std::uint64_t spending = 0;  ///< days

  friend bool operator==(const erased_counts&, const erased_counts&) = default;
};

/// The removal of all that is kept of one user. It is done once it has an end.
struct erasure {
  uuid id;
  std::string user_id;   ///< empty once it is done: that is erased, too
  std::string user_tag;  ///< adapters/user_tags
  timestamp requested_at;
  timestamp updated_at;
  timestamp ended_at;  ///< not set: it goes on
  erased_counts erased;
  std::string error;  ///< why it could not go on, at the last try

  [[nodiscard]] bool is_done() const noexcept { return is_set(ended_at); }
  friend bool operator==(const erasure&, const erasure&) = default;
};

/// What to list of one user: records of one kind, behind that id.
struct user_records_query {
  enum class kind : std::uint8_t { conversions, images };
  kind what = kind::conversions;
  std::string user_id;
  std::string after;
  std::uint32_t limit = 100;
};

/// Some of the records of one user, in the order of their ids. Local to a process.
struct user_records {
  std::vector<conversion_update> conversions;
  std::vector<image_record> images;
};

}  // namespace stayler
