// SPDX-License-Identifier: MIT
#pragma once

// AWS Signature Version 4, as a function of values. curl could sign too, but leaves out
// x-amz-content-sha256 up to 8.1, and cannot be held to AWS's published vectors.

#include "messages/base/time.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::adapters {

/// Names or header fields with their values.
using name_values = std::vector<std::pair<std::string, std::string>>;

/// A key of AWS or of a store that speaks its protocol.
struct aws_credentials {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token{};  ///< goes with a temporary key, as x-amz-security-token; or empty

  friend bool operator==(const aws_credentials&, const aws_credentials&) = default;
};

/// A request as it is signed.
struct sigv4_request {
  std::string method;
  std::string path;          ///< as it is sent: S3 takes it percent-encoded once
  name_values query;         ///< decoded
  name_values headers;       ///< those to be signed, names in lower case, "host" among them
  std::string payload_hash;  ///< SHA-256 of the body in hex
};

/// For when, where and what a signature is good.
struct sigv4_scope {
  timestamp at;
  std::string region;
  std::string service;
};

/// The query in the order and the encoding in which it is signed; a URL takes it as it is.
std::string canonical_query(name_values query);

/// The time as x-amz-date has it: 20150830T123600Z.
std::string amz_date(timestamp at);

/// The value of the header Authorization. It holds the id of the key, not the key.
std::string sigv4_authorization(
    const sigv4_request& request, const aws_credentials& credentials, const sigv4_scope& scope
);

}  // namespace stayler::adapters
