// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_script.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

/// How long calls fail at once after the connection broke: a server that hangs costs each caller a
/// time-out otherwise.
constexpr std::chrono::milliseconds closed_time{250};

std::vector<std::string_view> views_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

/// The value of a line "name:value" of INFO; empty where there is none.
std::string_view info_field(std::string_view info, std::string_view name) {
  const std::string start = std::string{name} + ":";
  const auto found = info.find(start);
  if (found == std::string_view::npos) {
    return {};
  }
  const std::string_view rest = info.substr(found + start.size());
  return rest.substr(0, rest.find_first_of("\r\n"));
}

}  // namespace

failure redis_script::give_up(const failure& error) {
  connection_.reset();
  last_error_ = error;
  closed_until_ = std::chrono::steady_clock::now() + closed_time;
  return error;
}

void_result redis_script::connect() {
  if (connection_) {
    return ok();
  }
  if (std::chrono::steady_clock::now() < closed_until_) {
    return last_error_;
  }
  auto opened = redis_connection::open(server_);
  if (!opened) {
    return give_up(opened.error());
  }
  connection_ = std::move(*opened);
  if (auto checked = check_policy(); !checked) {
    return give_up(checked.error());
  }
  return load();
}

void_result redis_script::check_policy() {
  auto info = connection_->command({"INFO", "memory"});
  if (!info) {
    return std::move(info).error();
  }
  const std::string_view policy = info_field(info->value().text(), "maxmemory_policy");
  const bool is_bounded = info_field(info->value().text(), "maxmemory") != "0";
  if (is_bounded && !policy.empty() && policy != "noeviction") {
    return failure{
        error_class::invalid_input,
        "Redis would throw jobs away when its memory is full: its maxmemory-policy is "
            + std::string{policy} + ", and must be noeviction"};
  }
  return ok();
}

void_result redis_script::load() {
  auto loaded = connection_->command({"SCRIPT", "LOAD", lua_});
  if (!loaded) {
    return give_up(loaded.error());
  }
  sha_ = loaded->value().text();
  return ok();
}

/// A server that has become a replica is left, so that the next connection finds its successor.
result<redis_reply> redis_script::receive() {
  auto reply = connection_->receive();
  if (!reply) {
    return give_up(reply.error());
  }
  if (reply->value().code() == "READONLY") {
    return give_up(to_failure(reply->value()));
  }
  return reply;
}

void redis_script::append_run(std::string_view key, const std::vector<std::string>& arguments) {
  std::vector<std::string_view> command{"EVALSHA", sha_, "1", key};
  command.insert(command.end(), arguments.begin(), arguments.end());
  connection_->append(command);
}

result<std::vector<redis_reply>> redis_script::receive_all(std::size_t count) {
  std::vector<redis_reply> replies;
  for (std::size_t i = 0; i < count; ++i) {
    auto reply = receive();
    if (!reply) {
      return std::move(reply).error();
    }
    replies.push_back(std::move(*reply));
  }
  return replies;
}

result<std::vector<redis_reply>> redis_script::run(
    std::string_view key, std::span<const std::vector<std::string>> argument_lists
) {
  auto replies = send_all(key, argument_lists);
  if (replies) {
    if (auto resent = resend_unknown(key, argument_lists, *replies); !resent) {
      return resent.error();
    }
  }
  return replies;
}

result<std::vector<redis_reply>> redis_script::send_all(
    std::string_view key, std::span<const std::vector<std::string>> argument_lists
) {
  if (auto connected = connect(); !connected) {
    return std::move(connected).error();
  }
  for (const auto& arguments : argument_lists) {
    append_run(key, arguments);
  }
  return receive_all(argument_lists.size());
}

void_result redis_script::resend_unknown(
    std::string_view key,
    std::span<const std::vector<std::string>> argument_lists,
    std::vector<redis_reply>& replies
) {
  std::vector<std::size_t> unknown;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].value().code() == "NOSCRIPT") {
      unknown.push_back(i);
    }
  }
  if (unknown.empty()) {
    return ok();
  }
  if (auto loaded = load(); !loaded) {
    return loaded;
  }
  for (const std::size_t i : unknown) {
    append_run(key, argument_lists[i]);
  }
  auto again = receive_all(unknown.size());
  if (!again) {
    return std::move(again).error();
  }
  for (std::size_t n = 0; n < unknown.size(); ++n) {
    replies[unknown[n]] = std::move((*again)[n]);
  }
  return ok();
}

result<std::vector<redis_reply>> redis_script::pipeline(
    std::span<const std::vector<std::string>> commands
) {
  if (auto connected = connect(); !connected) {
    return std::move(connected).error();
  }
  for (const auto& command : commands) {
    connection_->append(views_of(command));
  }
  return receive_all(commands.size());
}

}  // namespace stayler::adapters
