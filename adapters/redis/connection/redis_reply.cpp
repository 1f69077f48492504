// SPDX-License-Identifier: MIT
#include "adapters/redis/connection/redis_reply.hpp"

#include "messages/base/text.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <array>
#include <string>

namespace stayler::adapters {

namespace {

bool is_text(const redisReply* reply) noexcept {
  return reply != nullptr
         && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS
             || reply->type == REDIS_REPLY_ERROR);
}

std::string_view first_word(std::string_view text) noexcept {
  return text.substr(0, text.find(' '));
}

/// The code inside "ERR Error running script (call to f_...): @user_script:1: -OOM command not
/// allowed ...", as servers before 7.0 say it; empty where there is none.
std::string_view nested_code(std::string_view text) noexcept {
  constexpr std::string_view mark = ": -";
  const auto found = text.find(mark);
  const auto word = found == std::string_view::npos ? std::string_view{}
                                                    : first_word(text.substr(found + mark.size()));
  return std::ranges::all_of(word, is_upper) ? word : std::string_view{};
}

bool is_one_of(std::string_view code, std::span<const std::string_view> codes) noexcept {
  return std::ranges::find(codes, code) != codes.end();
}

/// These say that the command is wrong, or that a key holds what we do not put there. What a server
/// says of its own state has codes that differ from one product to the next.
constexpr std::array<std::string_view, 9> faults_of_ours{"ERR",       "WRONGTYPE", "CROSSSLOT",
                                                         "EXECABORT", "BUSYGROUP", "BUSYKEY",
                                                         "NOGROUP",   "NOPROTO",   "INVALIDOBJ"};

constexpr std::array<std::string_view, 7> of_another_server{
    "MOVED", "READONLY", "CLUSTERDOWN", "MASTERDOWN", "NOREPLICAS", "NOAUTH", "UNBLOCKED"};

error_class class_of(std::string_view code) noexcept {
  if (code == "OOM") {
    return error_class::store_full;
  }
  return is_one_of(code, faults_of_ours) ? error_class::internal_bug : error_class::unavailable;
}

}  // namespace

bool redis_value::is_nil() const noexcept {
  return reply_ == nullptr || reply_->type == REDIS_REPLY_NIL;
}

bool redis_value::is_error() const noexcept {
  return reply_ != nullptr && reply_->type == REDIS_REPLY_ERROR;
}

std::string_view redis_value::text() const noexcept {
  return is_text(reply_) ? std::string_view{reply_->str, reply_->len} : std::string_view{};
}

std::string_view redis_value::code() const noexcept {
  if (!is_error()) {
    return {};
  }
  const std::string_view first = first_word(text());
  const std::string_view nested = first == "ERR" ? nested_code(text()) : std::string_view{};
  return nested.empty() ? first : nested;
}

std::int64_t redis_value::number() const noexcept {
  if (reply_ != nullptr && reply_->type == REDIS_REPLY_INTEGER) {
    return reply_->integer;
  }
  return parse_number<std::int64_t>(text()).value_or(0);
}

std::size_t redis_value::size() const noexcept {
  return reply_ != nullptr && reply_->type == REDIS_REPLY_ARRAY ? reply_->elements : 0;
}

redis_value redis_value::operator[](std::size_t index) const noexcept {
  return redis_value{index < size() ? reply_->element[index] : nullptr};
}

void redis_reply::deleter::operator()(redisReply* reply) const noexcept {
  freeReplyObject(reply);
}

failure to_failure(redis_value error) {
  return {class_of(error.code()), "Redis: " + std::string{error.text()}};
}

bool leads_elsewhere(redis_value answer) noexcept {
  return answer.is_error() && is_one_of(answer.code(), of_another_server);
}

}  // namespace stayler::adapters
