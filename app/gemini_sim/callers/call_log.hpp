// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/generation.hpp"
#include "app/gemini_sim/pictures/composer.hpp"
#include "messages/base/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace stayler::sim {

/// A picture that came with a call.
struct image_summary {
  std::string mime_type;
  std::size_t bytes = 0;
  pixel_size size;
};

/// One call as GET /sim/calls shows it.
struct call_record {
  timestamp time;
  std::string method;
  std::string model;
  std::string prompt;
  std::string key_from = "none";  ///< header, query or none; the key itself is never kept
  std::vector<image_summary> images;
  std::string fault;
  unsigned status = 0;  ///< 0: no answer was sent
  std::string response_id;
  image_summary picture;
  token_usage usage;
  milliseconds took{0};
};

/// Remembers the calls and counts them. Safe from any thread.
class call_log {
 public:
  void begin();
  void end(call_record finished);

  /// The body of GET /sim/stats.
  [[nodiscard]] std::string stats_to_json(const composer_counts& composed) const;

  /// The body of GET /sim/calls: the last 1000, oldest first.
  [[nodiscard]] std::string calls_to_json() const;

  void reset();

 private:
  mutable std::mutex mutex_;
  std::deque<call_record> last_;
  std::uint64_t in_flight_ = 0;
  std::uint64_t max_in_flight_ = 0;
  std::uint64_t images_ = 0;
  std::map<std::string, std::uint64_t> by_method_;
  std::map<std::string, std::uint64_t> by_status_;
  std::map<std::string, std::uint64_t> by_fault_;
  token_usage tokens_;
};

}  // namespace stayler::sim
