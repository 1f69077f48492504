// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/job_store/job_transitions.hpp"
#include "messages/jobs/job.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <tuple>

// A job in the memory store, and the orders in which its indexes keep it.
namespace stayler::adapters {

/// A job and where it stands in the indexes. Jobs that nobody works on are kept as bytes: a million
/// of them wait or are kept for their result, and a job object takes a kilobyte.
struct job_record {
  job_id id;
  const std::string* user = nullptr;  ///< points to the table's one copy
  std::size_t conversion = 0;         ///< hash of its conversion id
  job_status status = job_status::pending;
  job_type type = job_type::image_conversion;
  std::uint32_t band = 0;   ///< while pending
  bool is_suspect = false;  ///< while it is not final
  precedence over = precedence::none;
  timestamp at;                      ///< due time, end of lease, or when it became final
  std::string packed;                ///< empty while processing
  std::unique_ptr<stored_job> live;  ///< null unless processing

  [[nodiscard]] stored_job read() const;
  void write(const stored_job& stored);
};

inline std::size_t hash_of(const std::string& text) noexcept {
  return std::hash<std::string>{}(text);
}

struct by_status {
  bool operator()(const job_record* a, const job_record* b) const noexcept {
    return std::tie(a->status, a->id) < std::tie(b->status, b->id);
  }
};

struct by_user {
  bool operator()(const job_record* a, const job_record* b) const noexcept {
    return a->user != b->user ? std::less<>{}(a->user, b->user) : a->id < b->id;
  }
};

struct by_conversion {
  bool operator()(const job_record* a, const job_record* b) const noexcept {
    return std::tie(a->conversion, a->id) < std::tie(b->conversion, b->id);
  }
};

struct by_flow {
  bool operator()(const job_record* a, const job_record* b) const noexcept {
    const auto of = [](const job_record* r) { return std::tie(r->band, r->type, r->is_suspect); };
    return of(a) != of(b) ? of(a) < of(b) : by_user{}(a, b);
  }
};

struct by_type_and_user {
  bool operator()(const job_record* a, const job_record* b) const noexcept {
    const auto of = [](const job_record* r) { return std::tie(r->type, r->is_suspect); };
    return of(a) != of(b) ? of(a) < of(b) : by_user{}(a, b);
  }
};

struct by_time {
  bool operator()(const job_record* a, const job_record* b) const noexcept {
    return std::tie(a->at, a->id) < std::tie(b->at, b->id);
  }
};

}  // namespace stayler::adapters
