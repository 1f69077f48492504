// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/clock/wall_clock.hpp"
#include "adapters/http_client/http_client.hpp"
#include "adapters/http_client/outgoing_calls.hpp"
#include "adapters/s3/credentials/credentials_source.hpp"
#include "adapters/s3/s3_refusal.hpp"
#include "adapters/s3/s3_url.hpp"
#include "adapters/s3/sigv4.hpp"
#include "messages/base/result.hpp"

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

namespace stayler::adapters {

/// Whom to call, as whom, and how patiently.
struct s3_options {
  s3_location where;
  std::shared_ptr<credentials_source> credentials;
  outgoing_calls outgoing{};
  std::shared_ptr<const wall_clock> clock = std::make_shared<system_wall_clock>();
  milliseconds connect_timeout{3'000};
  milliseconds try_timeout{12'000};   ///< for one try
  milliseconds call_timeout{25'000};  ///< for all tries of what a caller wants, pauses included
  std::uint32_t max_tries = 4;
  milliseconds first_pause{100};  ///< before the second try; doubled for each further one
  milliseconds probe_timeout{2'000};
};

/// One request to the store.
struct s3_call {
  std::string method;
  std::string key;  ///< empty: the call is about the bucket
  name_values query{};
  name_values headers{};  ///< names in lower case; they are signed
  std::optional<std::span<const std::byte>> body{};
  std::string body_hash{};  ///< SHA-256 in hex where it is known; the store checks it
  /// Looks at a 2xx: what is wrong with it counts as a passing fault. None: nothing is.
  std::function<failure(const http_response&)> verify{};
};

/// Until when, and how often, a call may be tried.
struct s3_patience {
  std::chrono::steady_clock::time_point deadline;
  std::uint32_t max_tries = 1;
};

/// Calls an S3-compatible store, signed. Calls block, and may come from several threads.
class s3_client {
 public:
  explicit s3_client(s3_options options);

  /// The store's 2xx. Faults that pass (connections, timeouts, 429, 5xx, damaged bodies, keys that
  /// have been replaced) are tried again, with growing pauses. not_found (NoSuchKey, NoSuchUpload),
  /// invalid_input (a range beyond the object), conflict (a condition does not hold), unavailable
  /// (all others, see read_s3_refusal()); messages name the call, the status and the store's code.
  result<http_response> call(const s3_call& wanted, const s3_patience& patience);

  /// As long and as often as the options say, from now on.
  [[nodiscard]] s3_patience usual_patience() const;

  [[nodiscard]] const s3_options& options() const noexcept { return options_; }

 private:
  http_request make_request(
      const s3_call& wanted,
      const std::string& body_hash,
      const aws_credentials& signer,
      milliseconds limit
  ) const;
  std::variant<http_response, http_error> send(http_request request);
  std::variant<http_response, s3_refusal> try_once(
      const s3_call& wanted, const std::string& body_hash, const s3_patience& patience
  );

  s3_options options_;
  std::unique_ptr<http_client> http_;
};

}  // namespace stayler::adapters
