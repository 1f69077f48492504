// SPDX-License-Identifier: MIT
#include "adapters/redis/redis_script.hpp"

#include "adapters/redis/redis_server_check.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace stayler::adapters {

namespace {

/// How long calls fail at once after the connection broke: a server that hangs costs each caller a
/// time-out otherwise.
constexpr std::chrono::milliseconds closed_time{250};

/// How often commands that were not run are sent again at once: to the next node, with the script.
constexpr int most_repetitions = 3;

std::vector<std::string_view> views_of(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

bool is_moved(const redis_reply& reply) {
  return reply.value().code() == "MOVED";
}

/// The commands that the server did not even begin with, for another reason than its state.
std::vector<std::size_t> not_run(const std::vector<redis_reply>& replies) {
  std::vector<std::size_t> numbers;
  for (std::size_t i = 0; i < replies.size(); ++i) {
    if (replies[i].value().code() == "NOSCRIPT" || is_moved(replies[i])) {
      numbers.push_back(i);
    }
  }
  return numbers;
}

}  // namespace

failure redis_script::give_up(const failure& error) {
  connection_.reset();
  last_error_ = error;
  closed_until_ = std::chrono::steady_clock::now() + closed_time;
  return error;
}

void_result redis_script::connect() {
  if (connection_ && !connection_->has_ended()) {
    return ok();
  }
  connection_.reset();
  if (std::chrono::steady_clock::now() < closed_until_) {
    return last_error_;
  }
  auto made = locator_.connect();
  if (!made) {
    return give_up(made.error());
  }
  connection_ = std::move(*made);
  auto ready = verify();
  if (ready) {
    ready = load();
  }
  return ready ? ready : void_result{give_up(ready.error())};
}

/// To a service that runs, whatever is wrong with the server is an outage.
void_result redis_script::use() {
  auto usable = connect();
  return usable ? usable : void_result{as_outage(std::move(usable).error())};
}

void_result redis_script::verify() {
  std::vector<std::string> unknown;
  auto sound = check_server(*connection_, unknown);
  if (sound && !has_rights_) {
    sound = check_user(*connection_, key_, unknown);
    has_rights_ = sound.has_value();
  }
  for (const std::string& doubt : unknown) {
    if (tell_doubt_ && std::ranges::find(doubts_, doubt) == doubts_.end()) {
      doubts_.push_back(doubt);
      tell_doubt_(doubt);
    }
  }
  return sound;
}

void_result redis_script::load() {
  auto loaded = connection_->command({"SCRIPT", "LOAD", lua_});
  if (!loaded) {
    return std::move(loaded).error();
  }
  sha_ = loaded->value().text();
  return ok();
}

/// A server that is no master any more is left, so that the next connection finds its successor.
result<redis_reply> redis_script::receive() {
  auto reply = connection_->receive();
  if (!reply) {
    return give_up(reply.error());
  }
  if (leads_elsewhere(reply->value()) && !is_moved(*reply)) {
    return give_up(to_failure(reply->value()));
  }
  return reply;
}

result<std::vector<redis_reply>> redis_script::exchange(
    const std::vector<std::size_t>& numbers, const appender& append
) {
  std::ranges::for_each(numbers, append);
  std::vector<redis_reply> replies;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    auto reply = receive();
    if (!reply) {
      return std::move(reply).error();
    }
    replies.push_back(std::move(*reply));
  }
  return replies;
}

result<std::vector<redis_reply>> redis_script::perform(std::size_t count, const appender& append) {
  if (auto usable = use(); !usable) {
    return std::move(usable).error();
  }
  std::vector<std::size_t> open(count);
  std::iota(open.begin(), open.end(), std::size_t{0});
  auto replies = exchange(open, append);
  for (int i = 0; replies && i < most_repetitions; ++i) {
    open = not_run(*replies);
    if (open.empty()) {
      break;
    }
    if (auto ready = prepare_for(*replies); !ready) {
      return std::move(ready).error();
    }
    auto again = exchange(open, append);
    if (!again) {
      return again;
    }
    for (std::size_t n = 0; n < open.size(); ++n) {
      (*replies)[open[n]] = std::move((*again)[n]);
    }
  }
  return replies;
}

void_result redis_script::prepare_for(const std::vector<redis_reply>& replies) {
  if (std::ranges::any_of(replies, is_moved)) {
    connection_.reset();
    return use();
  }
  auto loaded = load();
  return loaded ? loaded : void_result{as_outage(give_up(loaded.error()))};
}

result<std::vector<redis_reply>> redis_script::run(
    std::span<const std::vector<std::string>> argument_lists
) {
  auto replies = perform(argument_lists.size(), [&](std::size_t number) {
    std::vector<std::string_view> command{"EVALSHA", sha_, "1", key_};
    const auto& arguments = argument_lists[number];
    command.insert(command.end(), arguments.begin(), arguments.end());
    connection_->append(command);
  });
  const auto has_failed = [](const redis_reply& reply) { return reply.value().code() == "ERR"; };
  if (replies && std::ranges::any_of(*replies, has_failed)) {
    // Not every version says by a code that the user has lost a right that the script needs.
    has_rights_ = false;
    if (auto sound = verify(); !sound) {
      return as_outage(give_up(sound.error()));
    }
  }
  return replies;
}

result<std::vector<redis_reply>> redis_script::pipeline(
    std::span<const std::vector<std::string>> commands
) {
  return perform(commands.size(), [&](std::size_t number) {
    connection_->append(views_of(commands[number]));
  });
}

}  // namespace stayler::adapters
