// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/postgres/postgres_database.hpp"
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/servers/network_hosts.hpp"
#include "tests/support/servers/postgres/postgres_process.hpp"
#include "tests/support/servers/redis/redis_process.hpp"
#include "tests/support/servers/s3_server.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace stayler::test {

/// The service across hosts: two coordinators and three worker nodes, each a process on a host of
/// its own, and on the test's own host what they share: Redis, the application's PostgreSQL, S3,
/// the sim.
class cluster {
 public:
  static constexpr const char* user = "0a000000-0000-4000-8000-000000000002";

  /// Everything is up, and the nodes have joined. The application has entered so many conversions.
  cluster(std::size_t conversions, const std::string& provider_latency);

  [[nodiscard]] static std::vector<std::string> coordinators() { return {"c1", "c2"}; }
  [[nodiscard]] static std::vector<std::string> nodes() { return {"w1", "w2", "w3"}; }
  [[nodiscard]] static std::string conversion_id(std::size_t number);

  [[nodiscard]] network_hosts& network() { return network_; }
  [[nodiscard]] redis_process& redis() { return redis_; }

  void start(const std::string& name);
  /// SIGTERM; its exit code.
  int stop(const std::string& name);
  /// kill -9.
  void kill(const std::string& name);

  /// A call of the API of that coordinator, made on its own host; may be made on several threads.
  http_answer call(
      const std::string& coordinator,
      const std::string& method,
      const std::string& path,
      const std::string& body = "",
      const std::vector<std::string>& headers = {"Content-Type: application/json"}
  ) const;

  /// What that coordinator answers now; null where it does not.
  [[nodiscard]] adapters::json_value get(const std::string& coordinator, const std::string& path)
      const;

  /// How many workers of these nodes the coordinators have.
  [[nodiscard]] std::size_t joined(const std::vector<std::string>& names) const;

  /// The jobs that workers of that node have under way.
  [[nodiscard]] std::vector<std::string> jobs_of(const std::string& node) const;

  /// One value of the application's database.
  std::string value(const std::string& sql);

  /// The histories of the coordinators.
  [[nodiscard]] std::vector<std::filesystem::path> histories() const;

  [[nodiscard]] std::int64_t sim_count(std::initializer_list<std::string_view> path) const;

  static constexpr std::size_t slots_per_node = 12;

 private:
  void make_tables(std::size_t conversions);
  [[nodiscard]] environment settings_of(const std::string& name) const;
  [[nodiscard]] std::vector<adapters::json_value> workers() const;

  network_hosts network_;
  temporary_folder folder_;
  redis_process redis_;
  postgres_process postgres_;
  std::string database_url_;
  adapters::postgres_database database_;
  s3_server s3_{network_hosts::own_address};
  std::unique_ptr<service_process> sim_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<service_process>> processes_;
};

}  // namespace stayler::test
