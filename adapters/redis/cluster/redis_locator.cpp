// SPDX-License-Identifier: MIT
#include "adapters/redis/cluster/redis_locator.hpp"

#include "adapters/redis/cluster/redis_cluster.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace stayler::adapters {

namespace {

/// From a node to the owner of a slot, and once more where it moves meanwhile.
constexpr int most_redirections = 5;

failure is_a_replica(const std::string& where) {
  return {
      error_class::unavailable,
      "Redis at " + where + " is a read-only replica: waiting for a master"};
}

}  // namespace

redis_locator::redis_locator(redis_options options, std::string key)
    : options_(std::move(options)), key_(std::move(key)), known_(options_.addresses) {}

result<redis_connection> redis_locator::connect() {
  if (!options_.unix_socket.empty()) {
    auto made = redis_connection::open(options_);
    return made && made->server().is_replica ? is_a_replica(options_.unix_socket) : std::move(made);
  }
  if (has_connected_) {
    // The one whose connection was lost may hang; the others know its successor, too.
    std::rotate(known_.begin(), known_.begin() + 1, known_.end());
  }
  const auto deadline =
      std::chrono::steady_clock::now() + options_.connect_timeout + options_.command_timeout;
  failure why;
  for (std::size_t left = known_.size(); left > 0; --left) {
    auto made = connect_by(known_.front());
    if (made) {
      has_connected_ = true;
      return made;
    }
    if (!why || why.kind == error_class::unavailable) {
      why = std::move(made).error();
    }
    std::rotate(known_.begin(), known_.begin() + 1, known_.end());
    if (std::chrono::steady_clock::now() >= deadline) {
      break;
    }
  }
  has_connected_ = false;
  return why;
}

result<redis_connection> redis_locator::connect_by(const redis_address& known) {
  return options_.service.empty() ? follow(known) : connect_by_sentinel(known);
}

result<redis_connection> redis_locator::connect_by_sentinel(const redis_address& sentinel) {
  redis_options options = options_for(sentinel);
  options.login = options_.sentinel_login;
  options.database = 0;
  auto asked = redis_connection::open(options);
  if (!asked) {
    return asked;
  }
  const auto answer = asked->command({"SENTINEL", "GET-MASTER-ADDR-BY-NAME", options_.service});
  if (!answer) {
    return answer.error();
  }
  const redis_value master = answer->value();
  if (master.size() < 2) {
    return failure{
        error_class::invalid_input,
        "the Sentinel at " + to_string(sentinel) + " knows no service '" + options_.service + "'"};
  }
  return follow({std::string{master[0].text()}, static_cast<std::uint16_t>(master[1].number())});
}

result<redis_connection> redis_locator::follow(redis_address to) {
  for (int redirections = 0; redirections <= most_redirections; ++redirections) {
    auto made = redis_connection::open(options_for(to));
    if (!made) {
      return made;
    }
    if (!made->server().is_cluster) {
      return made->server().is_replica ? is_a_replica(to_string(to)) : std::move(made);
    }
    auto owner = find_owner(*made, to);
    if (!owner) {
      return std::move(owner).error();
    }
    if (!*owner) {
      learn_nodes(*made, to);
      return made;
    }
    to = *std::move(*owner);
  }
  return failure{
      error_class::unavailable, "Redis: the nodes of the cluster do not agree who owns " + key_};
}

result<std::optional<redis_address>> redis_locator::find_owner(
    redis_connection& connection, const redis_address& here
) const {
  if (key_.empty()) {
    return std::optional<redis_address>{};
  }
  const auto answer = connection.ask({"EXISTS", key_});
  if (!answer) {
    return answer.error();
  }
  if (auto owner = redirection_in(answer->value(), here.host)) {
    return owner;
  }
  // A user who may not ask is told what is missing elsewhere.
  if (answer->value().is_error() && answer->value().code() != "NOPERM") {
    return to_failure(answer->value());
  }
  return std::optional<redis_address>{};
}

/// So that the cluster is found again when this node has gone.
void redis_locator::learn_nodes(redis_connection& connection, const redis_address& here) {
  std::vector<redis_address> known{here};
  const auto add = [&known](const redis_address& each) {
    if (std::ranges::find(known, each) == known.end()) {
      known.push_back(each);
    }
  };
  if (const auto answer = connection.ask({"CLUSTER", "SLOTS"})) {
    std::ranges::for_each(nodes_in(answer->value(), here.host), add);
  }
  std::ranges::for_each(options_.addresses, add);
  known_ = std::move(known);
}

redis_options redis_locator::options_for(const redis_address& address) const {
  redis_options options = options_;
  options.addresses = {address};
  return options;
}

failure as_outage(failure why) {
  why.kind = error_class::unavailable;
  return why;
}

}  // namespace stayler::adapters
