// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler {

/// Why something did not work. The one enumeration for jobs, provider calls, stores and the HTTP
/// API; what each class means for a retry is in `traits_of`. Values cross process borders and are
/// stored: append, never renumber.
enum class error_class : std::uint8_t {
  none = 0,
  timeout,
  connection,
  rate_limited,
  unavailable,
  server_error,
  worker_lost,
  no_image,
  invalid_input,
  authentication,
  permission,
  not_found,
  quota_exceeded,
  safety_blocked,
  cancelled,
  internal_bug,
  conflict,    ///< the state of a thing does not allow what was asked; never the end of a job
  store_full,  ///< the job store has no room; what it holds is safe
  held,        ///< not even tried: the provider is known to be away, or a quota or budget is spent
  key_reused,  ///< the idempotency key named another request; never the end of a job
  ambiguous_call,  ///< given up: its workers were lost in calls that may have been paid for
};

/// How the retry scheduler treats a failed attempt.
enum class retry_rule : std::uint8_t {
  never,   ///< dead letter at once
  once,    ///< one more attempt at most
  always,  ///< until the job's maxRetries
};

/// One row of the error table.
struct error_traits {
  std::string_view name;  ///< snake_case, as in JSON, metrics and logs
  retry_rule retry;
  bool refunds_attempt;  ///< true where the attempt is not the job's own failure
};

/// The error table: one place that says what a class is called and whether a retry helps.
const error_traits& traits_of(error_class kind) noexcept;

/// The name of a class, as used in JSON, metrics and logs.
std::string_view to_string(error_class kind) noexcept;

/// The class of that name, if there is one.
std::optional<error_class> parse_error_class(std::string_view name) noexcept;

/// True where another attempt may succeed.
bool is_retryable(error_class kind) noexcept;

/// An error as a value: its class, a message for humans, and the earliest time for another try.
struct failure {
  error_class kind = error_class::none;
  std::string message;                       ///< never holds a secret or image bytes
  std::chrono::milliseconds retry_after{0};  ///< as the other side asked; 0 where it did not

  /// True where there is an error at all.
  explicit operator bool() const noexcept { return kind != error_class::none; }
  friend bool operator==(const failure&, const failure&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, failure& x) {
  return f(x.kind, x.message, x.retry_after);
}

/// A value from outside that was refused: its name as the caller wrote it, and what is allowed.
struct field_problem {
  std::string field;
  std::string message;

  friend bool operator==(const field_problem&, const field_problem&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, field_problem& x) {
  return f(x.field, x.message);
}

}  // namespace stayler
