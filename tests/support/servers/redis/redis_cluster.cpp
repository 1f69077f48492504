// SPDX-License-Identifier: MIT
#include "tests/support/servers/redis/redis_cluster.hpp"

#include "messages/base/text.hpp"
#include "tests/support/free_port.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <thread>

namespace stayler::test {

namespace {

constexpr std::uint64_t all_slots = 16'384;

std::string own_id(const redis_process& node) {
  return std::string{tell_redis(node.port(), {"CLUSTER", "MYID"}).value().text()};
}

/// The number that INFO replication has under that name.
std::int64_t replication_figure(std::uint16_t port, std::string_view name) {
  const auto said = tell_redis(port, {"INFO", "replication"});
  std::string_view text = said.value().text();
  text.remove_prefix(std::min(text.find("\r\n" + std::string{name} + ':'), text.size()));
  text.remove_prefix(std::min(text.find(':') + 1, text.size()));
  return parse_number<std::int64_t>(text.substr(0, text.find('\r'))).value_or(-1);
}

bool says(
    std::uint16_t port, std::initializer_list<std::string_view> command, std::string_view part
) {
  return tell_redis(port, command).value().text().find(part) != std::string_view::npos;
}

}  // namespace

adapters::redis_reply tell_redis(
    std::uint16_t port, std::initializer_list<std::string_view> command
) {
  adapters::redis_options options;
  options.addresses = {{"127.0.0.1", port}};
  options.command_timeout = std::chrono::seconds{10};
  auto connection = adapters::redis_connection::open(options);
  REQUIRE(connection);
  auto reply = connection->command(command);
  INFO((reply ? "" : reply.error().message));
  REQUIRE(reply);
  return std::move(*reply);
}

void wait_for_redis(std::string_view what, const std::function<bool()>& holds_now) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!holds_now()) {
    if (std::chrono::steady_clock::now() > deadline) {
      FAIL("waited in vain until " << what);
    }
    // What other processes agree on can only be asked for.
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
}

void wait_for_replica(std::uint16_t master_port, std::uint16_t replica_port) {
  const auto wanted = replication_figure(master_port, "master_repl_offset");
  wait_for_redis("the replica has what its master has", [=] {
    return replication_figure(replica_port, "slave_repl_offset") >= wanted;
  });
}

redis_cluster::redis_cluster(const std::string& key) : key_(key) {
  for (std::size_t i = 0; i <= masters; ++i) {
    bus_ports_.push_back(free_port());
    nodes_.push_back(std::make_unique<redis_process>(std::vector<std::string>{
        "--cluster-enabled", "yes", "--cluster-port", std::to_string(bus_ports_[i]),
        "--cluster-node-timeout", "1000", "--repl-diskless-sync-delay", "0"}));
  }
  give_slots();
  introduce();
  add_replica();
}

void redis_cluster::give_slots() {
  const std::uint64_t each = all_slots / masters + 1;
  for (std::uint64_t i = 0; i < masters; ++i) {
    const std::uint64_t end = std::min(all_slots, (i + 1) * each);
    const std::uint16_t port = nodes_[i]->port();
    tell_redis(
        port, {"CLUSTER", "ADDSLOTSRANGE", std::to_string(i * each), std::to_string(end - 1)}
    );
    tell_redis(port, {"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
  }
  const auto slot = tell_redis(nodes_[0]->port(), {"CLUSTER", "KEYSLOT", key_}).value().number();
  slot_ = std::to_string(slot);
  owner_ = static_cast<std::size_t>(slot) / each;
}

void redis_cluster::introduce() {
  for (std::size_t i = 1; i < nodes_.size(); ++i) {
    tell_redis(
        nodes_[0]->port(), {"CLUSTER", "MEET", "127.0.0.1", std::to_string(nodes_[i]->port()),
                            std::to_string(bus_ports_[i])}
    );
  }
  for (const auto& node : nodes_) {
    wait_for_redis("all nodes know each other", [&] {
      return says(node->port(), {"CLUSTER", "INFO"}, "cluster_known_nodes:4")
             && says(node->port(), {"CLUSTER", "INFO"}, "cluster_state:ok");
    });
  }
}

void redis_cluster::add_replica() {
  tell_redis(replica().port(), {"CLUSTER", "REPLICATE", own_id(owner())});
  wait_for_redis("the replica has its master's data", [&] {
    return says(replica().port(), {"INFO", "replication"}, "master_link_status:up");
  });
  const std::string id = own_id(replica());
  for (const auto& node : nodes_) {
    wait_for_redis("all nodes know the replica", [&] {
      const auto known = tell_redis(node->port(), {"CLUSTER", "REPLICAS", own_id(owner())});
      return known.value().size() == 1;
    });
  }
}

bool redis_cluster::is_owner(std::uint16_t port) {
  const auto slots = tell_redis(bystander().port(), {"CLUSTER", "SLOTS"});
  const auto slot = std::stol(slot_);
  for (std::size_t i = 0; i < slots.value().size(); ++i) {
    const auto range = slots.value()[i];
    if (range[0].number() <= slot && slot <= range[1].number()) {
      return range[2][1].number() == port;
    }
  }
  return false;
}

void redis_cluster::kill_owner() {
  wait_for_replica(owner().port(), replica().port());
  owner().kill9();
}

void redis_cluster::hand_over() {
  tell_redis(replica().port(), {"CLUSTER", "FAILOVER"});
  wait_for_redis("the replica owns the slot", [&] { return is_owner(replica().port()); });
}

void redis_cluster::begin_moving() {
  tell_redis(bystander().port(), {"CLUSTER", "SETSLOT", slot_, "IMPORTING", own_id(owner())});
  tell_redis(owner().port(), {"CLUSTER", "SETSLOT", slot_, "MIGRATING", own_id(bystander())});
}

void redis_cluster::end_moving() {
  const std::string port = std::to_string(bystander().port());
  for (;;) {
    const auto keys = tell_redis(owner().port(), {"CLUSTER", "GETKEYSINSLOT", slot_, "1"});
    if (keys.value().size() == 0) {
      break;
    }
    tell_redis(owner().port(), {"MIGRATE", "127.0.0.1", port, keys.value()[0].text(), "0", "5000"});
  }
  const std::string id = own_id(bystander());
  tell_redis(bystander().port(), {"CLUSTER", "SETSLOT", slot_, "NODE", id});
  tell_redis(owner().port(), {"CLUSTER", "SETSLOT", slot_, "NODE", id});
}

}  // namespace stayler::test
