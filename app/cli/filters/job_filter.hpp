// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <span>
#include <string>
#include <vector>

namespace stayler::cli {

/// Which jobs are meant: what filter words say. The same words as in the dashboard's search box.
struct job_filter {
  std::vector<std::string> status;
  std::vector<std::string> type;
  std::vector<std::string> error_class;
  std::string user;
  std::string conversion;
  std::string id_prefix;
  std::string since;   ///< RFC 3339
  std::string before;  ///< RFC 3339
  std::string group;

  /// True where it selects by nothing.
  [[nodiscard]] bool is_empty() const noexcept;
};

/// True for a word that is a filter and not a job's id: it has a colon.
bool is_filter_word(std::string_view word) noexcept;

/// Reads words such as "status:failed" or "since:1h"; one that comes again adds a value where
/// several make sense. Throws command_error (usage), which says what is allowed.
job_filter read_filter(std::span<const std::string> words, timestamp now);

/// As parameters of a query, each after a "&".
std::string as_query(const job_filter& filter);

/// As `filter` of a bulk request. `all`: that all jobs are meant is said as well.
std::string as_bulk_filter(const job_filter& filter, bool all);

}  // namespace stayler::cli
