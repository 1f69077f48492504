// SPDX-License-Identifier: MIT

// Nodes and their coordinators: who is taken in, what becomes of a node's jobs when the node or the
// coordinator is lost, and that no paid work is thrown away in between. Queue, gateway and link are
// the real ones, in one process and in virtual time; only the connection is made up.

#include "actors/nodes/coordinator_link.hpp"
#include "actors/nodes/node_gateway.hpp"
#include "actors/queue/queue.hpp"
#include "actors/queue/retry_scheduler.hpp"
#include "adapters/job_store/memory/memory_job_store.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <map>
#include <string>

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

/// What the workers of a node have heard.
struct workload {
  std::vector<job> assigned;
  std::vector<attempt_id> cancelled;
  int released = 0;
};

using workload_ptr = std::shared_ptr<workload>;

caf::behavior fake_worker(caf::event_based_actor*, workload_ptr heard) {
  return {
      [heard](assign_atom, const job& leased) { heard->assigned.push_back(leased); },
      [heard](cancel_atom, const attempt_id& attempt) { heard->cancelled.push_back(attempt); },
      [heard](release_atom) { ++heard->released; },
      [](retire_atom) {},
  };
}

struct counted {
  node_report nodes;
  std::vector<node_load> loads;
};

using counted_ptr = std::shared_ptr<counted>;

caf::behavior fake_metrics(caf::event_based_actor*, counted_ptr seen) {
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
      [](fetch_atom, const std::string&) -> caf::result<conversion_update> {
        return actors::to_error({error_class::not_found, "none", {}});
      },
  };
}

caf::behavior fake_notifier(caf::event_based_actor*) {
  return {[](notify_atom, const notification&) { return unit_value{}; }};
}

/// Answers the node's question for a coordinator with the one that the test has chosen.
using chosen_port = std::shared_ptr<caf::actor>;

caf::behavior fake_connector(caf::event_based_actor*, chosen_port chosen) {
  return {[chosen](caf::connect_atom) -> caf::result<caf::actor> {
    if (!*chosen) {
      return actors::to_error({error_class::connection, "nobody is there", {}});
    }
    return *chosen;
  }};
}

/// A link that only listens: for hellos made by hand.
caf::behavior silent_link(caf::event_based_actor*) {
  return {
      [](assign_atom, const std::string&, const job&) {},
      [](cancel_atom, const attempt_id&) {},
  };
}

class nodes_fixture : public fixture {
 public:
  struct coordinator {
    queue_actor queue;
    node_gateway_actor gateway;
  };

  struct node {
    coordinator_link_actor link;
    workload_ptr work = std::make_shared<workload>();
    std::vector<worker_actor> workers;
  };

  nodes_fixture() {
    config.retry.jitter = false;
    config.retry_delay = minutes{5};
    metrics = spawn_fake<metrics_actor>(fake_metrics, seen);
    records = spawn_fake<record_io_actor>(fake_records);
    notifier = spawn_fake<notifier_actor>(fake_notifier);
    main = start_coordinator("main");
    set_port(main);
  }

  ~nodes_fixture() { *port = nullptr; }

  coordinator start_coordinator(const std::string& instance_id) {
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

  node_gateway_actor start_gateway(const queue_actor& queue) {
    actors::node_gateway_options options;
    options.coordinator = "host";
    options.version = "1.0";
    options.config = config;
    options.queue = queue;
    options.records = records;
    options.notifier = notifier;
    options.metrics = metrics;
    return spawn(actors::node_gateway, options);
  }

  void set_port(const coordinator& to) { *port = caf::actor_cast<caf::actor>(to.gateway); }

  static node_hello hello(const std::string& name, std::uint8_t incarnation = 1) {
    node_hello made;
    made.name = name;
    made.incarnation.bytes.fill(incarnation);
    made.version = "1.0";
    made.slots = 2;
    made.capabilities = {job_type::image_conversion};
    return made;
  }

  node start_node(const std::string& name, std::uint32_t slots = 2) {
    actors::coordinator_link_options options;
    options.hello = hello(name, ++incarnations);
    options.hello.slots = slots;
    options.connector = spawn_fake<node_connector_actor>(fake_connector, port);
    options.metrics = metrics;
    node made;
    made.link = spawn(actors::coordinator_link, options);
    for (std::uint32_t i = 1; i <= slots; ++i) {
      made.workers.push_back(spawn_fake<worker_actor>(fake_worker, made.work));
      tell(made.link, join_atom_v, "worker-" + std::to_string(i), made.workers.back());
    }
    return made;
  }

  job submit() {
    job_request wanted;
    wanted.conversion_id = "c" + std::to_string(++conversions);
    wanted.user_id = "u";
    wanted.max_retries = 3;
    return call<submit_receipt>(main.queue, submit_atom_v, wanted)->accepted;
  }

  job find(const job& of) { return *store->find(of.id); }

  result<unit_value> finish(const node& by, const job& leased) {
    return call<unit_value>(by.link, finish_atom_v, current_attempt(leased), completed);
  }

  std::vector<worker_status> workers(const coordinator& of) {
    return call<queue_status>(of.queue, status_atom_v)->workers;
  }

  /// As when a process is killed: what it has said before is heard, and nothing after.
  void lose(const coordinator& dead) {
    kill(dead.gateway);
    kill(dead.queue);
  }

  const attempt_outcome completed{.kind = attempt_outcome_kind::completed};
  settings config;
  std::shared_ptr<adapters::job_store> store{adapters::make_memory_job_store()};
  counted_ptr seen = std::make_shared<counted>();
  chosen_port port = std::make_shared<caf::actor>();
  metrics_actor metrics;
  record_io_actor records;
  notifier_actor notifier;
  coordinator main;
  std::uint8_t incarnations = 0;
  int conversions = 0;
};

}  // namespace

TEST_CASE_METHOD(nodes_fixture, "the workers of a node that joins are workers of the queue") {
  const node a = start_node("a");
  const auto known = workers(main);
  REQUIRE(known.size() == 2);
  CHECK(known[0].worker_id == "a/worker-1");
  CHECK(known[0].node == "a");
  const job accepted = submit();
  REQUIRE(a.work->assigned.size() == 1);
  CHECK(find(accepted).status == job_status::processing);
  CHECK(find(accepted).worker_id == "a/worker-1");
  REQUIRE(finish(a, a.work->assigned[0]));
  CHECK(find(accepted).status == job_status::completed);
  CHECK(seen->nodes == node_report{1, 1, 0, 0, 0});
}

TEST_CASE_METHOD(nodes_fixture, "a worker of a node that has finished gets the next job") {
  const node a = start_node("a", 1);
  submit();
  submit();
  REQUIRE(a.work->assigned.size() == 1);
  REQUIRE(finish(a, a.work->assigned[0]));
  CHECK(a.work->assigned.size() == 2);
}

TEST_CASE_METHOD(nodes_fixture, "a job that brings no timeout gets the coordinator's") {
  const node a = start_node("a", 1);
  submit();
  CHECK(a.work->assigned.at(0).request.timeout == config.job_timeout);
  config.job_timeout = minutes{7};
  tell(main.gateway, settings_atom_v, config);
  REQUIRE(finish(a, a.work->assigned[0]));
  submit();
  CHECK(a.work->assigned.at(1).request.timeout == minutes{7});
}

TEST_CASE_METHOD(nodes_fixture, "nodes that do not fit are refused, and told why") {
  const auto link = spawn(silent_link);
  const auto refusal = [&](const node_hello& said) {
    std::optional<failure> why;
    const auto ask = [&why, said, link, to = main.gateway](caf::event_based_actor* self) {
      self->request(to, caf::infinite, join_atom_v, said, link)
          .then(
              [](const node_welcome&, const caf::actor&) {},
              [&why](const caf::error& error) { why = actors::to_failure(error); }
          );
    };
    spawn(ask);
    return why.value_or(failure{});
  };
  const auto check_refused = [&](const node_hello& said, const std::string& part) {
    const failure why = refusal(said);
    CHECK(why.kind == error_class::conflict);
    INFO(why.message);
    CHECK(why.message.find(part) != std::string::npos);
  };
  auto said = hello("x");
  said.protocol = node_protocol + 1;
  check_refused(said, "both have to be the same");
  said = hello("x");
  said.version = "0.9";
  check_refused(said, "version 0.9");
  for (const std::uint32_t slots : {0U, 10'001U}) {
    said = hello("x");
    said.slots = slots;
    check_refused(said, "1 to 10000 slots");
  }
  check_refused(hello("a/b"), "name");
  start_node("a");
  check_refused(hello("a", 99), "another node has the name a");
  CHECK(seen->nodes.refused == 6);
  CHECK(seen->nodes.connected == 1);
  CHECK_FALSE(refusal(hello("b", 98)));
}

TEST_CASE_METHOD(
    nodes_fixture, "the jobs of a lost node run elsewhere at once, with a crash counted"
) {
  const node a = start_node("a");
  const job first = submit();
  const job second = submit();
  REQUIRE(a.work->assigned.size() == 2);
  const node b = start_node("b");
  kill(a.link, caf::exit_reason::remote_link_unreachable);
  REQUIRE(b.work->assigned.size() == 2);
  for (const job& moved : {first, second}) {
    CHECK(find(moved).crashes == 1);
    CHECK(find(moved).attempts == 0);
    CHECK(find(moved).error.kind == error_class::worker_lost);
    CHECK(find(moved).worker_id.starts_with("b/"));
  }
  CHECK(workers(main).size() == 2);
  CHECK(seen->nodes == node_report{1, 2, 1, 0, 0});
}

TEST_CASE_METHOD(nodes_fixture, "no job goes from one worker of a lost node to another of it") {
  const node a = start_node("a", 50);
  std::vector<job> jobs;
  for (int i = 0; i < 25; ++i) {
    jobs.push_back(submit());
  }
  kill(a.link, caf::exit_reason::remote_link_unreachable);
  for (const job& left : jobs) {
    CHECK(find(left).status == job_status::pending);
    CHECK(find(left).crashes == 1);
    CHECK(find(left).interruptions == 0);
  }
}

TEST_CASE_METHOD(nodes_fixture, "a silent node is given up after a third of the lease") {
  const auto link = spawn(silent_link);
  tell(main.gateway, join_atom_v, hello("a", 77), link);
  uuid a;
  a.bytes.fill(77);
  tell(main.gateway, join_atom_v, a, std::string{"worker-1"});
  const job accepted = submit();
  CHECK(find(accepted).worker_id == "a/worker-1");
  advance(seconds{9}, milliseconds{500});
  CHECK(workers(main).size() == 1);
  CHECK(call<unit_value>(main.gateway, caf::ping_atom_v, a));
  advance(seconds{9}, milliseconds{500});
  CHECK(workers(main).size() == 1);
  advance(seconds{3}, milliseconds{500});
  CHECK(workers(main).empty());
  CHECK(find(accepted).status == job_status::pending);
  CHECK(call<unit_value>(main.gateway, caf::ping_atom_v, a).error().kind == error_class::conflict);
  start_node("a");
  CHECK(workers(main).size() == 2);
}

TEST_CASE_METHOD(nodes_fixture, "a node that lives is kept for as long as it lives") {
  const node a = start_node("a");
  advance(minutes{5}, milliseconds{500});
  CHECK(workers(main).size() == 2);
  CHECK(seen->nodes == node_report{1, 1, 0, 0, 0});
}

TEST_CASE_METHOD(nodes_fixture, "a node's worker that fails is a crash, with the usual pause") {
  const node a = start_node("a", 1);
  const job accepted = submit();
  kill(a.workers[0], caf::exit_reason::unhandled_exception);
  CHECK(find(accepted).crashes == 1);
  CHECK(find(accepted).status == job_status::scheduled);
  CHECK(find(accepted).due_at == now() + config.retry_delay);
  CHECK(workers(main).empty());
  const auto next = spawn_fake<worker_actor>(fake_worker, a.work);
  tell(a.link, join_atom_v, std::string{"worker-1"}, next);
  CHECK(workers(main).size() == 1);
}

TEST_CASE_METHOD(nodes_fixture, "a node that drains gets no job, finishes its own, and leaves") {
  const node a = start_node("a");
  const job running = submit();
  const auto drained = ask<unit_value>(a.link, drain_atom_v, milliseconds{30'000});
  const job waiting = submit();
  CHECK(a.work->assigned.size() == 1);
  CHECK_FALSE(drained.has_answer());
  REQUIRE(finish(a, a.work->assigned[0]));
  CHECK(drained.answer());
  CHECK(find(running).status == job_status::completed);
  CHECK(find(waiting).status == job_status::pending);
  CHECK(workers(main).empty());
  CHECK(seen->nodes == node_report{0, 1, 0, 0, 0});
}

TEST_CASE_METHOD(nodes_fixture, "what a node does not finish in time is handed back for free") {
  const node a = start_node("a", 1);
  const job running = submit();
  const auto drained = ask<unit_value>(a.link, drain_atom_v, milliseconds{5'000});
  advance(seconds{5});
  REQUIRE(a.work->released == 1);
  const attempt_outcome released{.kind = attempt_outcome_kind::released};
  REQUIRE(call<unit_value>(a.link, finish_atom_v, current_attempt(a.work->assigned.at(0)), released)
  );
  CHECK(drained.answer());
  CHECK(find(running).status == job_status::pending);
  CHECK(find(running).interruptions == 1);
  CHECK(find(running).crashes + find(running).attempts == 0);
}

TEST_CASE_METHOD(nodes_fixture, "a drain of the coordinator releases the workers of nodes, too") {
  const node a = start_node("a", 1);
  submit();
  const auto drained = ask<unit_value>(main.queue, drain_atom_v, milliseconds{5'000});
  advance(seconds{5});
  CHECK(a.work->released == 1);
  advance(seconds{2});
  CHECK(drained.answer());
}

TEST_CASE_METHOD(nodes_fixture, "a cancel reaches the node that works on the job") {
  const node a = start_node("a", 1);
  const job running = submit();
  REQUIRE(call<job>(main.queue, cancel_atom_v, running.id));
  REQUIRE(a.work->cancelled.size() == 1);
  CHECK(a.work->cancelled[0].job == running.id);
}

TEST_CASE_METHOD(nodes_fixture, "what is asked while there is no coordinator waits for the next") {
  const node a = start_node("a", 1);
  submit();
  const attempt_id attempt = current_attempt(a.work->assigned.at(0));
  const auto other = start_coordinator("other");
  *port = nullptr;
  lose(main);
  const auto asked = ask<unit_value>(a.link, renew_atom_v, attempt);
  CHECK(call<link_status>(a.link, status_atom_v).error().kind == error_class::unavailable);
  CHECK_FALSE(asked.has_answer());
  set_port(other);
  advance(seconds{6});
  CHECK(asked.answer());
}

TEST_CASE_METHOD(
    nodes_fixture, "an attempt outlives its coordinator: the next one lets the node go on"
) {
  const node a = start_node("a", 1);
  const job running = submit();
  const auto other = start_coordinator("other");
  set_port(other);
  lose(main);
  advance(seconds{6});
  REQUIRE(workers(other).size() == 1);
  CHECK(workers(other)[0].is_busy);
  CHECK(a.work->cancelled.empty());
  CHECK(find(running).lease_expires_at > now() + seconds{20});
  REQUIRE(finish(a, a.work->assigned.at(0)));
  CHECK(find(running).status == job_status::completed);
  CHECK(find(running).crashes == 0);
  CHECK(seen->nodes.adopted == 1);
  CHECK_FALSE(workers(other)[0].is_busy);
}

TEST_CASE_METHOD(
    nodes_fixture, "an attempt whose lease has moved on is stopped, and its worker is free again"
) {
  const node a = start_node("a", 1);
  const job running = submit();
  const auto other = start_coordinator("other");
  *port = nullptr;
  lose(main);
  store->execute(
      std::vector<adapters::store_change>{adapters::store_op::requeue{
          current_attempt(a.work->assigned.at(0)),
          adapters::store_op::end_of_lease::crashed,
          {error_class::worker_lost, "given up", {}},
          {}}},
      now()
  );
  set_port(other);
  advance(seconds{6});
  REQUIRE(a.work->cancelled.size() == 1);
  CHECK(a.work->assigned.size() == 1);
  CHECK(finish(a, a.work->assigned[0]).error().kind == error_class::conflict);
  // The same job again, under a new lease.
  advance(config.poll_interval);
  REQUIRE(a.work->assigned.size() == 2);
  CHECK(a.work->assigned[1].id == running.id);
  CHECK(seen->nodes.adopted == 0);
}

TEST_CASE_METHOD(nodes_fixture, "without a coordinator for a lease's length the work is stopped") {
  const node a = start_node("a", 1);
  submit();
  *port = nullptr;
  lose(main);
  advance(seconds{29}, milliseconds{100});
  CHECK(a.work->cancelled.empty());
  const auto waiting =
      ask<unit_value>(a.link, renew_atom_v, current_attempt(a.work->assigned.at(0)));
  CHECK_FALSE(waiting.has_answer());
  advance(seconds{2}, milliseconds{100});
  CHECK(a.work->cancelled.size() == 1);
  CHECK(waiting.answer().error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(nodes_fixture, "a gateway that fails costs nothing: its nodes join the next one") {
  const node a = start_node("a", 1);
  const job running = submit();
  kill(main.gateway, caf::exit_reason::unhandled_exception);
  main.gateway = start_gateway(main.queue);
  set_port(main);
  // For longer than orphans wait, and shorter than the lease, which nobody renews here.
  advance(seconds{15}, milliseconds{100});
  CHECK(workers(main).size() == 1);
  CHECK(a.work->cancelled.empty());
  REQUIRE(finish(a, a.work->assigned.at(0)));
  CHECK(find(running).status == job_status::completed);
  CHECK(find(running).crashes == 0);
  submit();
  CHECK(a.work->assigned.size() == 2);
}

TEST_CASE_METHOD(nodes_fixture, "jobs are spread over nodes by the share of workers that is free") {
  const node large = start_node("large", 6);
  const node small = start_node("small", 2);
  for (int i = 0; i < 4; ++i) {
    submit();
  }
  CHECK(large.work->assigned.size() == 3);
  CHECK(small.work->assigned.size() == 1);
  CHECK(seen->loads == std::vector<node_load>{{"large", 6, 3}, {"small", 2, 1}});
}
