// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/bulk/retry_cost.hpp"
#include "http/api/json/jobs/bulk_json.hpp"
#include "http/api/links/key_signature.hpp"
#include "messages/jobs/job.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::http {

/// How many jobs a preview counts; beyond that it says that there are more.
inline constexpr std::uint64_t largest_preview = 10'000;

/// What a bulk action would be done to.
class bulk_preview {
 public:
  /// `cost`: what the action costs; nothing for one that costs nothing.
  explicit bulk_preview(std::optional<retry_cost> cost = std::nullopt) : cost_(cost) {}

  /// Jobs are added newest first. False: it has enough.
  bool add(const job& selected);

  [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
  [[nodiscard]] bool is_full() const noexcept { return count_ >= largest_preview; }
  /// Nil where there is none.
  [[nodiscard]] const job_id& newest() const noexcept { return newest_; }

  /// What a preview says besides.
  struct terms {
    bulk_action action = bulk_action::retry;
    bool is_complete = false;
    std::string_view token;  ///< that a run has to show
    timestamp expires;       ///< when the token does
    spending of_today{};     ///< what calls have cost, as far as that is known
  };

  /// As JSON.
  [[nodiscard]] std::string render(const terms& shown) const;

 private:
  std::uint64_t count_ = 0;
  job_id newest_;
  std::map<job_status, std::uint64_t> by_status_;
  std::vector<job> samples_;
  std::optional<retry_cost> cost_;
};

/// Ties a run to the preview that its caller has seen: the action, the jobs, the newest of them and
/// the caller. From any thread.
class bulk_tokens {
 public:
  /// `secret`: the same wherever the tokens are to be good; empty: one of this object's own.
  explicit bulk_tokens(std::string secret) : signature_(std::move(secret)) {}

  struct preview {
    job_id newest;
    std::uint64_t count = 0;
  };

  /// `caller`: the name of its key.
  [[nodiscard]] std::string sign(
      const bulk_request& asked, std::string_view caller, const preview& seen, timestamp expires
  ) const;

  /// What the caller has seen; nothing where the token is of another request or caller, or has
  /// expired.
  [[nodiscard]] std::optional<preview> check(
      const bulk_request& asked, std::string_view caller, timestamp now
  ) const;

 private:
  key_signature signature_;
};

}  // namespace stayler::http
