// SPDX-License-Identifier: MIT
#include "tests/actors/nodes/nodes_fixture.hpp"

#include "actors/queue/queue.hpp"
#include "actors/queue/retry_scheduler.hpp"
#include "messages/jobs/submission.hpp"

namespace stayler::test {

namespace {

caf::behavior fake_worker(caf::event_based_actor*, std::shared_ptr<workload> work) {
  return {
      [work](assign_atom, const job& leased) { work->assigned.push_back(leased); },
      [work](cancel_atom, const attempt_id& attempt) { work->cancelled.push_back(attempt); },
      [work](release_atom) { ++work->released; },
      [](retire_atom) {},
  };
}

caf::behavior fake_metrics(caf::event_based_actor*, std::shared_ptr<node_metrics> seen) {
  return {
      [seen](const queue_report& report) { seen->loads = report.nodes; },
      [seen](const node_report& news) {
        seen->nodes.connected = news.connected;
        seen->nodes.joined += news.joined;
        seen->nodes.lost += news.lost;
        seen->nodes.refused += news.refused;
        seen->nodes.adopted += news.adopted;
      },
      [](const link_report&) {},
  };
}

caf::behavior fake_records(caf::event_based_actor*) {
  return {
      [](record_atom, const conversion_update&) { return unit_value{}; },
      [](record_atom, const std::vector<conversion_update>&) {},
      [](fetch_atom, const std::string&) -> caf::result<conversion_update> {
        return actors::to_error({error_class::not_found, "none"});
      },
      [](record_atom, const image_record&) { return unit_value{}; },
      [](find_atom, const std::string&) { return image_record{}; },
      [](remove_atom, const std::string&) { return image_record{}; },
  };
}

caf::behavior fake_notifier(caf::event_based_actor*) {
  return {[](notify_atom, const notification&) { return unit_value{}; }};
}

caf::behavior fake_identity(caf::event_based_actor*, std::shared_ptr<std::string> certified) {
  return {
      [certified](
          find_atom, const caf::node_id&, const std::string& name
      ) -> caf::result<unit_value> {
        if (name != *certified) {
          return actors::to_error({error_class::permission, "the certificate is for another name"});
        }
        return unit_value{};
      }};
}

caf::behavior fake_limits(caf::event_based_actor*, std::shared_ptr<permit_book> permits) {
  return {
      [permits](admit_atom, const call_request& wanted) {
        permits->given.push_back(wanted.attempt);
        return call_permit{"key", {}};
      },
      [permits](settle_atom, const call_outcome& outcome) {
        permits->settled.push_back(outcome.attempt);
      },
      [permits](abort_atom, const attempt_id& attempt) { permits->given_back.push_back(attempt); },
  };
}

/// Answers a node that looks for a coordinator with the one that the test has published.
caf::behavior fake_connector(caf::event_based_actor*, std::shared_ptr<caf::actor> acceptor) {
  return {[acceptor](caf::connect_atom) -> caf::result<caf::actor> {
    if (!*acceptor) {
      return actors::to_error({error_class::connection, "nobody is there"});
    }
    return *acceptor;
  }};
}

caf::behavior silent_link(caf::event_based_actor*) {
  return {
      [](assign_atom, const std::string&, const job&) {},
      [](cancel_atom, const attempt_id&) {},
  };
}

}  // namespace

nodes_fixture::nodes_fixture() {
  config.retry.jitter = false;
  config.retry_delay = std::chrono::minutes{5};
  metrics = spawn_fake<metrics_actor>(fake_metrics, seen);
  records = spawn_fake<record_io_actor>(fake_records);
  notifier = spawn_fake<notifier_actor>(fake_notifier);
  limits = spawn_fake<call_limits_actor>(fake_limits, permits);
  main = start_coordinator("main");
  publish(main);
}

nodes_fixture::~nodes_fixture() {
  publish_none();
}

nodes_fixture::coordinator nodes_fixture::start_coordinator(const std::string& instance_id) {
  actors::queue_options options;
  options.store = store;
  options.clock = clock();
  options.config = config;
  options.instance_id = instance_id;
  options.node = "host";
  options.retries = caf::actor_cast<retry_scheduler_actor>(
      spawn(actors::retry_scheduler, actors::retry_scheduler_options{clock(), config})
  );
  options.metrics = metrics;
  options.records = records;
  options.notifier = notifier;
  coordinator made;
  made.queue = spawn(actors::queue, options);
  REQUIRE(call<unit_value>(made.queue, start_atom_v));
  made.gateway = start_gateway(made.queue);
  return made;
}

node_gateway_actor nodes_fixture::start_gateway(const queue_actor& queue) {
  actors::node_gateway_options options;
  options.coordinator = "host";
  options.version = "1.0";
  options.config = config;
  options.queue = queue;
  options.records = records;
  options.notifier = notifier;
  options.metrics = metrics;
  options.limits = limits;
  if (certified) {
    options.identities = spawn_fake<node_identity_actor>(fake_identity, certified);
  }
  return spawn(actors::node_gateway, options);
}

node_hello nodes_fixture::hello(const std::string& name, std::uint8_t instance) {
  node_hello made;
  made.name = name;
  made.instance_id.bytes.fill(instance);
  made.version = "1.0";
  made.slots = 2;
  made.capabilities = {job_type::image_conversion};
  return made;
}

nodes_fixture::node nodes_fixture::start_node(const std::string& name, std::uint32_t slots) {
  actors::coordinator_link_options options;
  options.hello = hello(name, ++instances);
  options.hello.slots = slots;
  options.connector = spawn_fake<node_connector_actor>(fake_connector, acceptor);
  options.metrics = metrics;
  node made;
  made.link = spawn(actors::coordinator_link, options);
  for (std::uint32_t i = 1; i <= slots; ++i) {
    made.workers.push_back(start_worker(made.work));
    tell(made.link, join_atom_v, "worker-" + std::to_string(i), made.workers.back());
  }
  return made;
}

worker_actor nodes_fixture::start_worker(const std::shared_ptr<workload>& work) {
  return spawn_fake<worker_actor>(fake_worker, work);
}

caf::actor nodes_fixture::start_silent_link() {
  return spawn(silent_link);
}

void nodes_fixture::publish(const coordinator& found) {
  *acceptor = caf::actor_cast<caf::actor>(found.gateway);
}

void nodes_fixture::publish_none() {
  *acceptor = nullptr;
}

job nodes_fixture::submit() {
  job_request wanted;
  wanted.conversion_id = "c" + std::to_string(++conversions);
  wanted.user_id = "u";
  wanted.max_retries = 3;
  return call<submit_receipt>(main.queue, submit_atom_v, wanted)->accepted;
}

job nodes_fixture::find(const job& of) {
  return *store->find(of.id);
}

result<unit_value> nodes_fixture::finish(const node& by, const job& leased) {
  return call<unit_value>(by.link, finish_atom_v, current_attempt(leased), completed);
}

std::vector<worker_status> nodes_fixture::workers(const coordinator& of) {
  return call<queue_status>(of.queue, status_atom_v)->workers;
}

void nodes_fixture::lose(const coordinator& dead) {
  kill(dead.gateway);
  kill(dead.queue);
}

}  // namespace stayler::test
