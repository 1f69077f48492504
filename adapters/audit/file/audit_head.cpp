// SPDX-License-Identifier: MIT
#include "adapters/audit/file/audit_head.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/json/json_reader.hpp"
#include "adapters/json/json_writer.hpp"
#include "adapters/small_file/small_file.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

std::string signed_part(const audit_head& head) {
  json_writer json;
  const auto write_link = [&json](std::string_view name, const audit_link& link) {
    json.key(name).begin_object().field("sequence", link.sequence).field("hash", link.hash);
    json.end_object();
  };
  json.begin_object();
  write_link("start", head.start);
  write_link("last", head.last);
  json.end_object();
  return std::move(json).text();
}

std::string render_head(const audit_head& head, std::string_view key) {
  std::string text = signed_part(head);
  const std::string signature = hmac_sha256_hex(key, text);
  text.pop_back();
  return text + R"(,"signature":")" + signature + "\"}\n";
}

std::optional<audit_link> read_link(const json_value& from, std::string_view name) {
  const auto* link = from.find(name);
  const auto* sequence = link != nullptr ? link->find("sequence") : nullptr;
  const auto* hash = link != nullptr ? link->find("hash") : nullptr;
  const auto* number = sequence != nullptr ? sequence->as<std::int64_t>() : nullptr;
  const auto* text = hash != nullptr ? hash->as<std::string>() : nullptr;
  if (number == nullptr || *number < 0 || text == nullptr) {
    return std::nullopt;
  }
  return audit_link{static_cast<std::uint64_t>(*number), *text};
}

failure cannot_write(const std::filesystem::path& file) {
  return {error_class::unavailable, file.string() + ": " + std::strerror(errno)};
}

}  // namespace

result<audit_head> read_head(const std::filesystem::path& file, std::string_view key) {
  const auto text = read_small_file(file.string());
  if (!text) {
    return text.error();
  }
  const auto json = parse_json(*text);
  const auto start = json ? read_link(*json, "start") : std::nullopt;
  const auto last = json ? read_link(*json, "last") : std::nullopt;
  if (!start || !last) {
    return failure{error_class::invalid_input, "is no signed head of an audit trail"};
  }
  const audit_head head{*start, *last};
  if (!equal_in_constant_time(*text, render_head(head, key))) {
    return failure{
        error_class::invalid_input, "was changed, or signed with another key (WORKER_AUDIT_KEY)"};
  }
  return head;
}

void_result write_head(
    const std::filesystem::path& file, const audit_head& head, std::string_view key
) {
  const std::string text = render_head(head, key);
  const std::string half_written = file.string() + "~";
  const int opened = ::open(half_written.c_str(), O_CREAT | O_WRONLY | O_TRUNC | O_CLOEXEC, 0600);
  if (opened < 0) {
    return cannot_write(file);
  }
  const bool is_written =
      ::write(opened, text.data(), text.size()) == static_cast<ssize_t>(text.size())
      && ::fdatasync(opened) == 0;
  auto why = cannot_write(file);
  ::close(opened);
  if (!is_written) {
    return why;
  }
  return std::rename(half_written.c_str(), file.c_str()) == 0 ? ok() : cannot_write(file);
}

}  // namespace stayler::adapters
