// SPDX-License-Identifier: MIT

// A coordinator and its nodes: which of them may join, that their workers are used as the queue's
// own, and what becomes of the jobs of a node that is lost.

#include "tests/actors/nodes/nodes_fixture.hpp"

#include <optional>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using std::chrono::minutes;
using std::chrono::seconds;

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
  CHECK(seen->nodes == node_report{.connected = 1, .joined = 1});
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

TEST_CASE_METHOD(nodes_fixture, "nodes that do not fit are refused, with the reason") {
  const auto link = start_silent_link();
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
  said.version = "9.8";
  said.protocol = node_protocol + 1;
  check_refused(said, "the node is version 9.8 and speaks protocol");
  check_refused(said, "update the coordinator");
  said.protocol = actors::oldest_node_protocol - 1;
  check_refused(said, "this coordinator is version 1.0 and speaks protocol");
  check_refused(said, "update the node");
  check_refused(hello("x.quarantine.stayler"), "are not for nodes");
  for (const std::uint32_t slots : {0U, 10'001U}) {
    said = hello("x");
    said.slots = slots;
    check_refused(said, "1 to 10000 slots");
  }
  check_refused(hello("a/b"), "name");
  start_node("a");
  check_refused(hello("a", 99), "another node has the name a");
  CHECK(seen->nodes.refused == 9);
  CHECK(seen->nodes.connected == 1);
  said = hello("b", 98);
  said.version = "0.9";
  CHECK_FALSE(refusal(said));
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
    CHECK(find(moved).failures == 0);
    CHECK(find(moved).error.kind == error_class::worker_lost);
    CHECK(find(moved).worker_id.starts_with("b/"));
  }
  CHECK(workers(main).size() == 2);
  CHECK(seen->nodes == node_report{.connected = 1, .joined = 2, .lost = 1});
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

TEST_CASE_METHOD(nodes_fixture, "a silent node is lost after a third of the lease") {
  const auto link = start_silent_link();
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
  CHECK(seen->nodes == node_report{.connected = 1, .joined = 1});
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

TEST_CASE_METHOD(nodes_fixture, "a node speaks of its own attempts only") {
  const node a = start_node("a", 1);
  const job of_a = submit();
  REQUIRE(a.work->assigned.size() == 1);
  const node b = start_node("b", 1);
  const job of_b = submit();
  REQUIRE(b.work->assigned.size() == 1);
  const attempt_id foreign = current_attempt(a.work->assigned[0]);
  const attempt_id own = current_attempt(b.work->assigned[0]);
  const auto refused = [](const auto& answer) {
    return !answer && answer.error().kind == error_class::conflict;
  };
  SECTION("when it renews, reports, calls or finishes") {
    CHECK(refused(call<unit_value>(b.link, renew_atom_v, foreign)));
    CHECK(refused(call<unit_value>(b.link, report_atom_v, foreign, job_progress{})));
    CHECK(refused(call<unit_value>(b.link, open_call_atom_v, foreign)));
    CHECK(refused(call<unit_value>(b.link, settle_call_atom_v, foreign, call_settlement{})));
    CHECK(refused(call<unit_value>(b.link, finish_atom_v, foreign, completed)));
    CHECK(find(of_a).status == job_status::processing);
    CHECK(call<unit_value>(b.link, renew_atom_v, own));
    CHECK(call<unit_value>(b.link, finish_atom_v, own, completed));
    CHECK(find(of_b).status == job_status::completed);
  }
  SECTION("when it writes records or rows of images, or notifies") {
    conversion_update update;
    update.attempt = foreign;
    CHECK(refused(call<unit_value>(b.link, record_atom_v, update)));
    update.attempt = attempt_id{own.job, fencing_token{}};
    CHECK(refused(call<unit_value>(b.link, record_atom_v, update)));
    update.attempt = own;
    CHECK(call<unit_value>(b.link, record_atom_v, update));
    image_record row;
    for (const std::string& id : {picture_id_of(foreign), std::string{"an-upload"}}) {
      row.id = id;
      CHECK(refused(call<unit_value>(b.link, record_atom_v, row)));
      CHECK(refused(call<image_record>(b.link, remove_atom_v, id)));
    }
    row.id = picture_id_of(own);
    CHECK(call<unit_value>(b.link, record_atom_v, row));
    CHECK(call<image_record>(b.link, find_atom_v, std::string{"an-upload"}));
    notification news;
    news.job = foreign.job;
    CHECK(refused(call<unit_value>(b.link, notify_atom_v, news)));
    news.job = own.job;
    CHECK(call<unit_value>(b.link, notify_atom_v, news));
  }
  SECTION("when somebody without a link says it for it") {
    CHECK(refused(call<unit_value>(main.gateway, finish_atom_v, own, completed)));
    CHECK(find(of_b).status == job_status::processing);
  }
}

TEST_CASE_METHOD(nodes_fixture, "what a node held when its coordinator was lost is its own again") {
  const node a = start_node("a", 1);
  const job running = submit();
  REQUIRE(a.work->assigned.size() == 1);
  const coordinator next = start_coordinator("next");
  publish(next);
  lose(main);
  advance(seconds{5});
  REQUIRE(finish(a, a.work->assigned[0]));
  CHECK(find(running).status == job_status::completed);
}

TEST_CASE_METHOD(
    nodes_fixture, "an attempt that came for a slot that is gone is had again at once"
) {
  const node a = start_node("a", 2);
  uuid instance;
  instance.bytes.fill(1);
  const job first = submit();
  REQUIRE(a.work->assigned.size() == 1);
  tell(main.gateway, drop_atom_v, instance, current_attempt(a.work->assigned[0]));
  CHECK(find(first).interruptions == 1);
  CHECK(find(first).crashes == 0);
}

TEST_CASE_METHOD(nodes_fixture, "a node joins only under a name that its certificate is for") {
  certified = std::make_shared<std::string>("a");
  const coordinator checking = start_coordinator("checking");
  publish(checking);
  const node a = start_node("a");
  CHECK(workers(checking).size() == 2);
  const node b = start_node("b");
  CHECK(workers(checking).size() == 2);
  CHECK(seen->nodes.refused >= 1);
  const auto status = call<link_status>(b.link, status_atom_v);
  REQUIRE_FALSE(status);
  CHECK(status.error().message.find("for another name") != std::string::npos);
  // A hello that goes around the acceptor is looked at all the same.
  tell(checking.gateway, join_atom_v, hello("c", 90), start_silent_link());
  CHECK(seen->nodes.connected == 1);
}

TEST_CASE_METHOD(
    nodes_fixture, "a node has permits for its own attempts, and loses them when lost"
) {
  const node a = start_node("a", 1);
  submit();
  REQUIRE(a.work->assigned.size() == 1);
  const attempt_id of_a = current_attempt(a.work->assigned[0]);
  const node b = start_node("b", 1);
  submit();
  REQUIRE(b.work->assigned.size() == 1);
  const attempt_id of_b = current_attempt(b.work->assigned[0]);
  call_request wanted;
  wanted.attempt = of_a;
  CHECK_FALSE(call<call_permit>(b.link, admit_atom_v, wanted));
  CHECK(call<call_permit>(a.link, admit_atom_v, wanted));
  wanted.attempt = of_b;
  CHECK(call<call_permit>(b.link, admit_atom_v, wanted));
  CHECK(permits->given == std::vector{of_a, of_b});
  call_outcome made;
  made.attempt = of_a;
  tell(b.link, settle_atom_v, made);
  tell(b.link, abort_atom_v, of_a);
  CHECK(permits->settled.empty());
  CHECK(permits->given_back.empty());
  made.attempt = of_b;
  tell(b.link, settle_atom_v, made);
  CHECK(permits->settled == std::vector{of_b});
  kill(a.link, caf::exit_reason::remote_link_unreachable);
  CHECK(permits->given_back == std::vector{of_a});
}
