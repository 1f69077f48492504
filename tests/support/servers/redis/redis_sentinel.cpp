// SPDX-License-Identifier: MIT
#include "tests/support/servers/redis/redis_sentinel.hpp"

#include "tests/support/free_port.hpp"
#include "tests/support/servers/redis/redis_cluster.hpp"

#include <fstream>

namespace stayler::test {

redis_sentinel::redis_sentinel() : port_(free_port()) {
  replica_ = std::make_unique<redis_process>(std::vector<std::string>{
      "--replicaof", "127.0.0.1", std::to_string(master_.port()), "--repl-diskless-sync-delay", "0"}
  );
  wait_for_redis("the replica has its master's data", [&] {
    const auto said = tell_redis(replica_->port(), {"INFO", "replication"});
    return said.value().text().find("master_link_status:up") != std::string_view::npos;
  });
  sentinel_ = std::make_unique<service_process>(
      "/usr/bin/redis-server", std::vector<std::string>{write_settings().string(), "--sentinel"},
      std::map<std::string, std::string>{}, folder_.path() / "log",
      service_process::awaited::nothing
  );
  wait_for_redis("the Sentinel listens", [&] {
    adapters::redis_options options;
    options.addresses = {{"127.0.0.1", port_}};
    return adapters::redis_connection::open(options).has_value();
  });
  wait_for_redis("the Sentinel knows the replica", [&] {
    return tell_redis(port_, {"SENTINEL", "REPLICAS", "main"}).value().size() == 1;
  });
}

void redis_sentinel::kill_master() {
  wait_for_replica(master_.port(), replica_->port());
  master_.kill9();
}

std::filesystem::path redis_sentinel::write_settings() {
  auto file = folder_.path() / "sentinel.conf";
  std::ofstream{file} << "port " << port_ << "\nbind 127.0.0.1\ndir " << folder_.path().string()
                      << "\nsentinel monitor main 127.0.0.1 " << master_.port() << " 1"
                      << "\nsentinel down-after-milliseconds main 500"
                      << "\nsentinel failover-timeout main 2000\n";
  return file;
}

std::string redis_sentinel::url() const {
  return "redis+sentinel://127.0.0.1:1,127.0.0.1:" + std::to_string(port_) + "/main";
}

std::uint16_t redis_sentinel::master_port() const {
  const auto said = tell_redis(port_, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", "main"});
  return static_cast<std::uint16_t>(said.value()[1].number());
}

}  // namespace stayler::test
