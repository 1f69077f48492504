// SPDX-License-Identifier: MIT
#pragma once

// Coordinators and nodes in one process and in virtual time. Queue, gateway and link are the real
// ones; only the connection between them is made up.

#include "actors/nodes/coordinator_link.hpp"
#include "actors/nodes/node_gateway.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace stayler::test {

/// What the workers of a node were told to do.
struct workload {
  std::vector<job> assigned;
  std::vector<attempt_id> cancelled;
  int released = 0;
};

/// What the provider's limits were told.
struct permit_book {
  std::vector<attempt_id> given;
  std::vector<attempt_id> settled;
  std::vector<attempt_id> given_back;
};

/// What the metrics actor was told, added up.
struct node_metrics {
  node_report nodes;
  std::vector<node_load> loads;
};

class nodes_fixture : public fixture {
 public:
  struct coordinator {
    queue_actor queue;
    node_gateway_actor gateway;
  };

  struct node {
    coordinator_link_actor link;
    std::shared_ptr<workload> work = std::make_shared<workload>();
    std::vector<worker_actor> workers;
  };

  nodes_fixture();
  ~nodes_fixture();

  coordinator start_coordinator(const std::string& instance_id);
  node_gateway_actor start_gateway(const queue_actor& queue);

  static node_hello hello(const std::string& name, std::uint8_t instance = 1);
  node start_node(const std::string& name, std::uint32_t slots = 2);
  worker_actor start_worker(const std::shared_ptr<workload>& work);

  /// A link that does nothing: for hellos made by hand.
  caf::actor start_silent_link();

  /// From now on nodes find this coordinator.
  void publish(const coordinator& found);
  /// From now on nodes find none.
  void publish_none();

  job submit();
  job find(const job& of);
  result<unit_value> finish(const node& by, const job& leased);
  std::vector<worker_status> workers(const coordinator& of);

  /// As when a process is killed: what it has sent before arrives, and nothing after.
  void lose(const coordinator& dead);

  const attempt_outcome completed{.kind = attempt_outcome_kind::completed};
  settings config;
  std::shared_ptr<adapters::job_store> store{adapters::make_memory_job_store()};
  std::shared_ptr<node_metrics> seen = std::make_shared<node_metrics>();
  std::shared_ptr<caf::actor> acceptor = std::make_shared<caf::actor>();  ///< null: none is found
  /// The name that everybody's certificate is for; null: nobody looks.
  std::shared_ptr<std::string> certified;
  std::shared_ptr<permit_book> permits = std::make_shared<permit_book>();
  call_limits_actor limits;
  metrics_actor metrics;
  record_io_actor records;
  notifier_actor notifier;
  coordinator main;
  std::uint8_t instances = 0;
  int conversions = 0;
};

}  // namespace stayler::test
