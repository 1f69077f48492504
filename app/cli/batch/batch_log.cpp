// SPDX-License-Identifier: MIT
#include "app/cli/batch/batch_log.hpp"

#include "adapters/file_descriptor/write_all.hpp"
#include "adapters/json/json_writer.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/result_file.hpp"
#include "messages/base/text.hpp"
#include "messages/base/uuid.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fcntl.h>
#include <set>
#include <span>
#include <sys/file.h>
#include <unistd.h>

namespace stayler::cli {

namespace {

using adapters::json_value;

/// The members of an entry that are texts, and their names in the file.
constexpr std::array<std::pair<std::string_view, std::string batch_entry::*>, 6> entry_members{{
    {"key", &batch_entry::key},
    {"state", &batch_entry::state},
    {"job", &batch_entry::job},
    {"image", &batch_entry::image},
    {"output", &batch_entry::output},
    {"error", &batch_entry::error},
}};

[[noreturn]] void fail_to_keep(const std::string& file, int error) {
  throw command_error{
      exit_code::refused, "cannot write the results to " + file, std::strerror(error),
      "name another file by --results; without one a second run would submit all again"};
}

std::string render_head(const std::string& id) {
  adapters::json_writer json;
  json.begin_object().field("batch", id).end_object();
  return std::move(json).text();
}

batch_entry read_entry(const json_value& line) {
  batch_entry entry;
  entry.row = static_cast<std::size_t>(count_of(line, "row"));
  for (const auto& [name, member] : entry_members) {
    entry.*member = text_of(line, name);
  }
  if (const auto* request = line.find("request")) {
    entry.request = to_json(*request);
  }
  return entry;
}

}  // namespace

std::string render_batch_entry(const batch_entry& entry) {
  adapters::json_writer json;
  json.begin_object().field("row", entry.row);
  for (const auto& [name, member] : entry_members) {
    if (!(entry.*member).empty()) {
      json.field(name, entry.*member);
    }
  }
  if (!entry.request.empty() && entry.job.empty()) {
    json.key("request").raw(entry.request);
  }
  json.end_object();
  return std::move(json).text();
}

batch_log::batch_log(std::string file) : file_(std::move(file)) {
  descriptor_ = adapters::file_descriptor{
      ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
  if (!descriptor_) {
    fail_to_keep(file_, errno);
  }
  if (::flock(descriptor_.number(), LOCK_EX | LOCK_NB) != 0) {
    refuse_usage(
        "cannot use the results in " + file_, "another run is at them",
        "wait for it, or name another file by --results"
    );
  }
  std::string text;
  std::array<char, 65'536> buffer{};
  for (::ssize_t count = 1; count > 0;) {
    count = ::read(descriptor_.number(), buffer.data(), buffer.size());
    text.append(buffer.data(), static_cast<std::size_t>(std::max<::ssize_t>(count, 0)));
  }
  read(text);
}

void batch_log::read(const std::string& text) {
  std::string_view rest = text;
  const auto head = adapters::parse_json(take_until(rest, "\n"));
  id_ = head ? text_of(*head, "batch") : std::string{};
  if (text.empty()) {
    id_ = to_string(make_uuid_v7(std::chrono::system_clock::now()));
    append(render_head(id_));
    if (::fsync(descriptor_.number()) != 0) {
      fail_to_keep(file_, errno);
    }
    return;
  }
  if (id_.empty()) {
    refuse_usage(
        "cannot use the results in " + file_, "they are not of a batch of stayler",
        "name another file by --results"
    );
  }
  while (!rest.empty()) {
    // One that was cut off when the last run was killed says nothing.
    if (const auto line = adapters::parse_json(take_until(rest, "\n"))) {
      auto entry = read_entry(*line);
      entries_[entry.key] = std::move(entry);
    }
  }
  if (!text.ends_with('\n')) {
    append("");
  }
}

void batch_log::append(const std::string& line) {
  const auto whole = line + "\n";
  if (const int error = adapters::write_all(descriptor_.number(), std::as_bytes(std::span{whole}));
      error != 0) {
    fail_to_keep(file_, error);
  }
}

batch_entry batch_log::find(const std::string& key) const {
  const auto found = entries_.find(key);
  if (found != entries_.end()) {
    return found->second;
  }
  batch_entry entry;
  entry.key = key;
  return entry;
}

void batch_log::put(const batch_entry& entry) {
  append(render_batch_entry(entry));
  // What is about to be sent outlives even a loss of power: it could not be said the same again.
  if (entry.state == "sending" && ::fdatasync(descriptor_.number()) != 0) {
    fail_to_keep(file_, errno);
  }
  entries_[entry.key] = entry;
}

void batch_log::compact(const std::vector<std::string>& order) {
  std::string text = render_head(id_) + "\n";
  for (const auto& key : order) {
    text += render_batch_entry(find(key)) + "\n";
  }
  const std::set<std::string> written{order.begin(), order.end()};
  for (const auto& [key, entry] : entries_) {
    if (!written.contains(key)) {
      text += render_batch_entry(entry) + "\n";
    }
  }
  write_file(file_, text, 0600);
}

}  // namespace stayler::cli
