// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_connection.hpp"

#include "messages/base/text.hpp"

#include <hiredis/hiredis.h>

#include <cerrno>
#include <sys/time.h>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

timeval to_timeval(milliseconds duration) noexcept {
  timeval value{};
  value.tv_sec = static_cast<decltype(value.tv_sec)>(duration.count() / 1'000);
  value.tv_usec = static_cast<decltype(value.tv_usec)>(duration.count() % 1'000 * 1'000);
  return value;
}

std::string place_of(const redis_options& options) {
  return options.unix_socket.empty() ? options.host + ":" + std::to_string(options.port)
                                     : options.unix_socket;
}

failure cannot_reach(const redis_options& options, const std::string& why) {
  return {error_class::unavailable, "Redis at " + place_of(options) + ": " + why};
}

bool is_text(const redisReply* reply) noexcept {
  return reply != nullptr
         && (reply->type == REDIS_REPLY_STRING || reply->type == REDIS_REPLY_STATUS
             || reply->type == REDIS_REPLY_ERROR);
}

error_class class_of(std::string_view code) noexcept {
  if (code == "OOM") {
    return error_class::store_full;
  }
  if (code == "NOAUTH" || code == "WRONGPASS") {
    return error_class::authentication;
  }
  if (code == "NOPERM") {
    return error_class::permission;
  }
  for (const std::string_view passing :
       {"LOADING", "BUSY", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN", "MISCONF",
        "NOREPLICAS", "NOSCRIPT", "UNKILLABLE", "MAXCLIENTS"}) {
    if (code == passing) {
      return error_class::unavailable;
    }
  }
  return error_class::internal_bug;
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
  return is_error() ? text().substr(0, text().find(' ')) : std::string_view{};
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

void redis_connection::closer::operator()(redisContext* context) const noexcept {
  redisFree(context);
}

result<redis_connection> redis_connection::open(const redis_options& options) {
  auto made = options.with_tls ? connect_by_tls(options) : connect(options);
  if (!made) {
    return made;
  }
  redisContext* context = made->context_.get();
  if (context == nullptr || context->err != 0) {
    return cannot_reach(options, context == nullptr ? "out of memory" : context->errstr);
  }
  redisSetTimeout(context, to_timeval(options.command_timeout));
  if (auto in = made->log_in(options); !in) {
    return std::move(in).error();
  }
  return made;
}

result<redis_connection> redis_connection::connect(const redis_options& options) {
  const timeval patience = to_timeval(options.connect_timeout);
  return redis_connection{
      options.unix_socket.empty()
          ? redisConnectWithTimeout(options.host.c_str(), options.port, patience)
          : redisConnectUnixWithTimeout(options.unix_socket.c_str(), patience)};
}

result<redis_connection> redis_connection::connect_by_tls(const redis_options& options) {
  // hiredis has no TLS before 1.0, and does not check the server's name in any version.
  auto tunnel = open_tls_tunnel(
      {options.host, options.port, options.tls_authorities, options.further_authorities,
       options.connect_timeout + options.command_timeout}
  );
  if (!tunnel) {
    return cannot_reach(options, tunnel.error().message);
  }
  redis_connection made{redisConnectFd((*tunnel)->take_socket())};
  made.tunnel_ = std::move(*tunnel);
  return made;
}

void_result redis_connection::log_in(const redis_options& options) {
  if (!options.password.empty()) {
    auto done = options.user.empty() ? command({"AUTH", options.password})
                                     : command({"AUTH", options.user, options.password});
    if (!done) {
      return std::move(done).error();
    }
  }
  if (options.database != 0) {
    if (auto done = command({"SELECT", std::to_string(options.database)}); !done) {
      return std::move(done).error();
    }
  }
  return ok();
}

void redis_connection::append(std::span<const std::string_view> arguments) {
  std::vector<const char*> data;
  std::vector<std::size_t> sizes;
  data.reserve(arguments.size());
  sizes.reserve(arguments.size());
  for (const std::string_view argument : arguments) {
    data.push_back(argument.data());
    sizes.push_back(argument.size());
  }
  redisAppendCommandArgv(
      context_.get(), static_cast<int>(arguments.size()), data.data(), sizes.data()
  );
}

result<redis_reply> redis_connection::receive() {
  void* reply = nullptr;
  if (redisGetReply(context_.get(), &reply) != REDIS_OK) {
    return broken();
  }
  return redis_reply{static_cast<redisReply*>(reply)};
}

std::optional<redis_reply> redis_connection::buffered_reply() {
  void* reply = nullptr;
  // An error here is one of the protocol, and shows again in the next receive.
  if (redisGetReplyFromReader(context_.get(), &reply) != REDIS_OK || reply == nullptr) {
    return std::nullopt;
  }
  return redis_reply{static_cast<redisReply*>(reply)};
}

void_result redis_connection::send() {
  for (int is_done = 0; is_done == 0;) {
    if (redisBufferWrite(context_.get(), &is_done) != REDIS_OK) {
      return broken();
    }
  }
  return ok();
}

result<redis_reply> redis_connection::command(std::initializer_list<std::string_view> arguments) {
  append(arguments);
  auto reply = receive();
  if (reply && reply->value().is_error()) {
    return to_failure(reply->value());
  }
  return reply;
}

int redis_connection::descriptor() const noexcept {
  return context_->fd;
}

failure redis_connection::broken() const {
  const bool took_too_long =
      context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == ETIMEDOUT);
  const std::string what = took_too_long ? "no answer in time" : std::string{context_->errstr};
  return {error_class::unavailable, "Redis: " + what};
}

}  // namespace stayler::adapters
