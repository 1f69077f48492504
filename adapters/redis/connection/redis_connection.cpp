// SPDX-License-Identifier: MIT
#include "adapters/redis/connection/redis_connection.hpp"

#include <hiredis/hiredis.h>

#include <cerrno>
#include <sys/socket.h>
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
  return options.unix_socket.empty() ? to_string(options.addresses.front()) : options.unix_socket;
}

failure cannot_reach(const redis_options& options, const std::string& why) {
  return {error_class::unavailable, "Redis at " + place_of(options) + ": " + why};
}

}  // namespace

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
  if (!options.unix_socket.empty()) {
    return redis_connection{redisConnectUnixWithTimeout(options.unix_socket.c_str(), patience)};
  }
  const auto& [host, port] = options.addresses.front();
  return redis_connection{redisConnectWithTimeout(host.c_str(), port, patience)};
}

result<redis_connection> redis_connection::connect_by_tls(const redis_options& options) {
  // hiredis has no TLS before 1.0, and does not check the server's name in any version.
  const auto& [host, port] = options.addresses.front();
  auto tunnel = open_tls_tunnel(
      {host, port, options.tls_authorities, options.further_authorities,
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
  if (auto known = authenticate(options.login); !known) {
    return known;
  }
  if (auto selected = select(options.database); !selected) {
    return selected;
  }
  return greet();
}

void_result redis_connection::authenticate(const redis_login& login) {
  if (login.password.empty()) {
    return ok();
  }
  const auto answer = login.user.empty() ? ask({"AUTH", login.password})
                                         : ask({"AUTH", login.user, login.password});
  if (!answer) {
    return answer.error();
  }
  return answer->value().is_error()
             ? void_result{why_refused(answer->value(), error_class::authentication)}
             : ok();
}

void_result redis_connection::select(std::uint32_t database) {
  if (database == 0) {
    return ok();
  }
  const auto answer = ask({"SELECT", std::to_string(database)});
  if (!answer) {
    return answer.error();
  }
  return answer->value().is_error()
             ? void_result{why_refused(answer->value(), error_class::invalid_input)}
             : ok();
}

/// HELLO without arguments changes nothing, and every user may say it.
void_result redis_connection::greet() {
  const auto answer = ask({"HELLO"});
  if (!answer) {
    return answer.error();
  }
  const redis_value said = answer->value();
  if (said.is_error()) {
    // A server or a proxy that does not know the command is as good as one that does.
    const failure why = why_refused(said, error_class::none);
    return why ? void_result{why} : ok();
  }
  for (std::size_t i = 0; i + 1 < said.size(); i += 2) {
    const std::string_view name = said[i].text();
    const std::string_view value = said[i + 1].text();
    if (name == "version") {
      server_.version = value;
    } else if (name == "mode") {
      server_.is_cluster = value == "cluster";
    } else if (name == "role") {
      server_.is_replica = value == "replica";
    }
  }
  return ok();
}

/// Why the server does not let us in, `kind` where it says no more than that it does not like the
/// command. "max number of clients reached" has no code of its own, and comes as the answer to
/// whatever was said first: the server closes the connection behind it, as proxies do.
failure redis_connection::why_refused(redis_value error, error_class kind) {
  const std::string_view code = error.code();
  std::string text = "Redis: " + std::string{error.text()};
  if (code == "WRONGPASS" || code == "NOAUTH") {
    return {error_class::authentication, std::move(text)};
  }
  if (code == "DENIED" || code == "NOPERM") {
    return {error_class::permission, std::move(text)};
  }
  if (code != "ERR") {
    return {error_class::unavailable, std::move(text)};
  }
  const bool is_closed = !ask({"PING"});
  return {is_closed ? error_class::unavailable : kind, std::move(text)};
}

bool redis_connection::has_ended() const noexcept {
  char next = 0;
  const auto got = ::recv(context_->fd, &next, sizeof next, MSG_PEEK | MSG_DONTWAIT);
  return got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR);
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

result<redis_reply> redis_connection::ask(std::initializer_list<std::string_view> arguments) {
  append(arguments);
  return receive();
}

result<redis_reply> redis_connection::command(std::initializer_list<std::string_view> arguments) {
  auto reply = ask(arguments);
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
