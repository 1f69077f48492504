// SPDX-License-Identifier: MIT
#include "adapters/audit/file/audit_line.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/json/json_reader.hpp"
#include "adapters/json/json_writer.hpp"
#include "messages/base/text.hpp"

#include <span>
#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::size_t digits = 64;
constexpr std::string_view begin_of_line = R"({"sequence":)";
constexpr std::string_view before_hash = R"(,"hash":")";
constexpr std::string_view before_signature = R"(","signature":")";
constexpr std::string_view end_of_line = R"("})";
constexpr std::size_t seal_size =
    before_hash.size() + digits + before_signature.size() + digits + end_of_line.size();

std::string canonical_form(const audit_record& record, std::uint64_t sequence) {
  json_writer json;
  json.begin_object().field("sequence", sequence).field("time", to_rfc3339(record.at));
  json.field("who", record.who);
  if (!record.key.empty()) {
    json.field("key", record.key);
  }
  json.field("action", record.action)
      .field("target", record.target)
      .field("requestId", record.request_id)
      .field("status", record.status);
  if (!record.details.empty()) {
    json.field("details", record.details);
  }
  if (record.calls > 0) {
    json.field("calls", record.calls);
  }
  json.end_object();
  return std::move(json).text();
}

std::string hash_of(std::string_view previous, std::string_view canonical) {
  std::string hashed{previous};
  hashed.append("\n").append(canonical);
  return sha256_hex(std::as_bytes(std::span{hashed}));
}

std::string text_of(const json_value& from, std::string_view name) {
  const auto* member = from.find(name);
  const auto* text = member != nullptr ? member->as<std::string>() : nullptr;
  return text != nullptr ? *text : std::string{};
}

std::uint64_t number_of(const json_value& from, std::string_view name) {
  const auto* member = from.find(name);
  const auto* number = member != nullptr ? member->as<std::int64_t>() : nullptr;
  return number != nullptr && *number > 0 ? static_cast<std::uint64_t>(*number) : 0;
}

}  // namespace

std::string seal(const audit_record& record, audit_link& link, std::string_view key) {
  std::string line = canonical_form(record, link.sequence + 1);
  ++link.sequence;
  link.hash = hash_of(link.hash, line);
  line.pop_back();
  line.append(before_hash).append(link.hash).append(before_signature);
  line.append(hmac_sha256_hex(key, link.hash)).append(end_of_line);
  return line;
}

std::string sealed_line::hash_behind(std::string_view previous) const {
  return hash_of(previous, canonical);
}

std::optional<sealed_line> split_line(std::string_view line) {
  if (line.size() <= seal_size || !line.starts_with(begin_of_line)) {
    return std::nullopt;
  }
  auto seal = line.substr(line.size() - seal_size);
  const auto sequence = parse_number<std::uint64_t>(
      line.substr(begin_of_line.size(), line.find(',') - begin_of_line.size())
  );
  const auto hash = seal.substr(before_hash.size(), digits);
  const auto signature = seal.substr(before_hash.size() + digits + before_signature.size(), digits);
  std::string expected{before_hash};
  expected.append(hash).append(before_signature).append(signature).append(end_of_line);
  if (!sequence || seal != expected) {
    return std::nullopt;
  }
  std::string canonical{line.substr(0, line.size() - seal_size)};
  canonical += '}';
  return sealed_line{std::move(canonical), std::string{hash}, std::string{signature}, *sequence};
}

std::optional<audit_record> read_record(std::string_view line) {
  const auto json = parse_json(line);
  const auto at = json ? parse_rfc3339(text_of(*json, "time")) : std::nullopt;
  if (!at) {
    return std::nullopt;
  }
  audit_record record;
  record.at = *at;
  record.who = text_of(*json, "who");
  record.key = text_of(*json, "key");
  record.action = text_of(*json, "action");
  record.target = text_of(*json, "target");
  record.request_id = text_of(*json, "requestId");
  record.status = static_cast<unsigned>(number_of(*json, "status"));
  record.details = text_of(*json, "details");
  record.calls = number_of(*json, "calls");
  record.sequence = number_of(*json, "sequence");
  return record;
}

}  // namespace stayler::adapters
