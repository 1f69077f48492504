// SPDX-License-Identifier: MIT
#include "app/worker/process/watched_files/caller_key_file.hpp"

#include "adapters/log/log.hpp"
#include "adapters/small_file/small_file.hpp"

#include <chrono>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace stayler::app {

namespace {

using adapters::logs::service::log;

result<std::vector<adapters::caller_key>> read_keys(const std::string& file) {
  std::error_code missing;
  const auto kind = std::filesystem::status(file, missing);
  // To open a pipe would wait for who writes to it, and no later change would be seen.
  if (std::filesystem::exists(kind) && !std::filesystem::is_regular_file(kind)) {
    return failure{error_class::invalid_input, "it is no regular file"};
  }
  const auto text = adapters::read_small_file(file);
  if (!text) {
    return text.error();
  }
  auto keys = adapters::parse_caller_keys(*text);
  if (keys && keys->empty()) {
    return failure{error_class::invalid_input, "there are no keys in it"};
  }
  return keys;
}

void append(std::string& text, std::string_view what, const std::vector<std::string>& names) {
  for (const auto& name : names) {
    text.append(text.empty() ? "" : ", ").append(what).append(" ").append(name);
  }
}

/// "added web, removed old".
std::string describe(const http::key_changes& changes) {
  std::string text;
  append(text, "added", changes.added);
  append(text, "removed", changes.removed);
  append(text, "changed", changes.changed);
  return text;
}

}  // namespace

caller_key_file::caller_key_file(
    std::string file,
    std::shared_ptr<http::authorizer> keys,
    std::shared_ptr<adapters::audit_trail> audit
)
    : file_(std::move(file)),
      keys_(std::move(keys)),
      audit_(std::move(audit)),
      watch_({file_}, [this] { read(); }) {
  // It may have changed since the settings were read.
  reload();
}

void caller_key_file::read() {
  auto keys = read_keys(file_);
  if (!keys) {
    log.error(
        "the API keys stay as they are: WORKER_API_KEYS_FILE is not usable",
        {{"reason", keys.error().message}}
    );
    return;
  }
  const auto changes = keys_->replace_keys(*std::move(keys));
  if (changes.is_empty()) {
    log.debug("the API keys are as they were");
    return;
  }
  const std::string details = describe(changes);
  log.info("the API keys have changed", {{"details", details}});
  adapters::audit_record record;
  record.at = to_timestamp(std::chrono::system_clock::now());
  record.who = "stayler-worker";
  record.action = "read WORKER_API_KEYS_FILE";
  record.details = details;
  record.status = 200;
  audit_->add(record);
}

}  // namespace stayler::app
