// SPDX-License-Identifier: MIT
#pragma once

// Keys in files that somebody replaces while the service runs.

#include "adapters/s3/credentials/credentials_source.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// Files that hold one value each; the last one may be missing.
struct key_files {
  std::string access_key_id;
  std::string secret_access_key;
  std::string session_token;  ///< empty: the key is a lasting one
};

/// Reads them. unavailable, naming the file and the reason.
result<aws_credentials> read_key_files(const key_files& files);

/// Reads a profile of a text in the format of AWS's shared credentials (~/.aws/credentials).
/// invalid_input, naming what is missing.
result<aws_credentials> parse_profile(std::string_view text, std::string_view profile);

/// The same of a file. unavailable, naming the file and the reason.
result<aws_credentials> read_profile_file(const std::string& file, const std::string& profile);

/// What `read` reads: once now, and again at calls that come more than `interval` after it was read
/// last, or after the store has refused what it was. Where it cannot be read, the key that was read
/// last stays, and the log says so once. The files should be small: callers wait for them.
std::shared_ptr<credentials_source> make_file_credentials(
    std::function<result<aws_credentials>()> read,
    std::chrono::milliseconds interval = std::chrono::seconds{1}
);

}  // namespace stayler::adapters
