// SPDX-License-Identifier: MIT
#include "adapters/s3/credentials/file_credentials.hpp"

#include "adapters/log/log.hpp"
#include "adapters/small_file/small_file.hpp"
#include "messages/base/text.hpp"

#include <filesystem>
#include <mutex>
#include <optional>
#include <system_error>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::images::log;
using steady_clock = std::chrono::steady_clock;

/// A pipe would be empty the second time, and wait for who writes to it.
result<std::string> read_regular_file(const std::string& file) {
  std::error_code missing;
  const auto kind = std::filesystem::status(file, missing);
  auto content = !std::filesystem::exists(kind) || std::filesystem::is_regular_file(kind)
                     ? read_value_file(file)
                     : failure{error_class::invalid_input, "it is no regular file"};
  if (!content) {
    return failure{
        error_class::unavailable,
        "cannot read the key in " + file + ": " + content.error().message};
  }
  return content;
}

failure incomplete(std::string_view profile, std::string_view name) {
  return {
      error_class::invalid_input,
      "the profile \"" + std::string{profile} + "\" has no " + std::string{name}};
}

class file_credentials final : public credentials_source {
 public:
  file_credentials(
      std::function<result<aws_credentials>()> read, std::chrono::milliseconds interval
  )
      : read_(std::move(read)), interval_(interval) {
    const std::scoped_lock lock{mutex_};
    read_again();
  }

  result<aws_credentials> get(steady_clock::time_point) override {
    const std::scoped_lock lock{mutex_};
    if (!key_ || steady_clock::now() - read_at_ >= interval_) {
      read_again();
    }
    return key_ ? result<aws_credentials>{*key_} : why_;
  }

  bool renew(const aws_credentials& refused) override {
    const std::scoped_lock lock{mutex_};
    read_again();
    return key_ && *key_ != refused;
  }

 private:
  void read_again() {
    read_at_ = steady_clock::now();
    auto read = read_();
    if (read) {
      if (key_ && *key_ != *read) {
        log.info("the key for S3 was replaced");
      }
      key_ = std::move(*read);
      why_ = {};
    } else if (why_ != read.error()) {
      why_ = std::move(read).error();
      log.error(
          "the key for S3 cannot be read; that of before, if any, stays",
          {{"errorClass", why_.kind}, {"reason", why_.message}}
      );
    }
  }

  std::function<result<aws_credentials>()> read_;
  std::chrono::milliseconds interval_;
  std::mutex mutex_;
  std::optional<aws_credentials> key_;
  failure why_;
  steady_clock::time_point read_at_;
};

}  // namespace

result<aws_credentials> read_key_files(const key_files& files) {
  aws_credentials key;
  for (const auto& [file, into] :
       {std::pair{&files.access_key_id, &key.access_key_id},
        {&files.secret_access_key, &key.secret_access_key},
        {&files.session_token, &key.session_token}}) {
    if (file->empty()) {
      continue;
    }
    auto content = read_regular_file(*file);
    if (content && (!is_visible(*content) || (content->empty() && into != &key.session_token))) {
      content = failure{
          error_class::unavailable,
          *file + ": a key is of printable ASCII characters without spaces"};
    }
    if (!content) {
      return std::move(content).error();
    }
    *into = std::move(*content);
  }
  return key;
}

result<aws_credentials> parse_profile(std::string_view text, std::string_view profile) {
  constexpr std::string_view blanks = " \t\r";
  aws_credentials key;
  bool is_in_profile = false;
  bool is_found = false;
  while (!text.empty()) {
    std::string_view line = trim(take_until(text, "\n"), blanks);
    if (line.starts_with('[') && line.ends_with(']')) {
      is_in_profile = trim(line.substr(1, line.size() - 2), blanks) == profile;
      is_found = is_found || is_in_profile;
    } else if (is_in_profile && !line.starts_with('#') && !line.starts_with(';')) {
      const std::string_view name = trim(take_until(line, "="), blanks);
      std::string value{trim(line, blanks)};
      (name == "aws_access_key_id"       ? key.access_key_id
       : name == "aws_secret_access_key" ? key.secret_access_key
       : name == "aws_session_token"     ? key.session_token
                                         : value) = value;
    }
  }
  if (!is_found) {
    return failure{
        error_class::invalid_input, "there is no profile \"" + std::string{profile} + "\""};
  }
  if (key.access_key_id.empty()) {
    return incomplete(profile, "aws_access_key_id");
  }
  if (key.secret_access_key.empty()) {
    return incomplete(profile, "aws_secret_access_key");
  }
  if (!is_visible(key.access_key_id + key.secret_access_key + key.session_token)) {
    return incomplete(profile, "key of printable ASCII characters without spaces");
  }
  return key;
}

result<aws_credentials> read_profile_file(const std::string& file, const std::string& profile) {
  const auto text = read_regular_file(file);
  if (!text) {
    return text.error();
  }
  auto key = parse_profile(*text, profile);
  if (!key) {
    return failure{error_class::unavailable, file + ": " + key.error().message};
  }
  return key;
}

std::shared_ptr<credentials_source> make_file_credentials(
    std::function<result<aws_credentials>()> read, std::chrono::milliseconds interval
) {
  return std::make_shared<file_credentials>(std::move(read), interval);
}

}  // namespace stayler::adapters
