// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/http_client/http_client.hpp"
#include "adapters/http_client/outgoing_calls.hpp"
#include "adapters/s3/credentials/credentials_place.hpp"

#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// The calls by which one key is asked for.
class credentials_call {
 public:
  /// `who` begins all messages: "the credentials of the EC2 instance".
  credentials_call(std::string who, const outgoing_calls& outgoing, std::stop_token stop);

  /// The body of the 200 that answers. unavailable otherwise: with the status, or that nothing came
  /// within a few seconds.
  result<std::string> body_of(http_request request);

  /// A failure of that call.
  [[nodiscard]] failure failed(std::string_view why) const;

  /// The key in a JSON document with AccessKeyId, SecretAccessKey, Token and Expiration, as ECS and
  /// EC2 give it.
  [[nodiscard]] result<issued_credentials> read_json(std::string_view body) const;

  /// The key, where its parts can be one.
  [[nodiscard]] result<issued_credentials> checked(aws_credentials key, std::string_view expires_at)
      const;

 private:
  std::string who_;
  std::stop_token stop_;
  std::unique_ptr<http_client> client_;
};

}  // namespace stayler::adapters
