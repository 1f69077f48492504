// SPDX-License-Identifier: MIT

// Submissions that come together are looked up and enqueued together.

#include "http/api/intake/job_intake.hpp"
#include "http/api/intake/owner_lookup.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace stayler::test {

namespace {

using http::bridge_self;
using http::bridge_task;
using std::chrono::seconds;

/// A bridge's actor with records and a queue behind it that write down what they are asked.
class intake_fixture : public fixture {
 public:
  std::vector<ownership_query> asked;
  failure records_error;
  std::vector<std::size_t> submitted;  ///< how many jobs came in each message
  std::shared_ptr<http::owner_lookup> owners = std::make_shared<http::owner_lookup>(seconds{10});
  adapters::span_buffer_ptr spans = std::make_shared<adapters::span_buffer>();
  trace_context trace{};
  std::shared_ptr<http::job_intake> intake = std::make_shared<http::job_intake>(seconds{10}, spans);
  record_io_actor records = spawn_fake<record_io_actor>([this](caf::event_based_actor*) {
    return caf::behavior{
        [this](find_atom, const ownership_query& query) -> caf::result<ownership_report> {
          asked.push_back(query);
          if (records_error) {
            return actors::to_error(records_error);
          }
          ownership_report found;
          for (const std::string& id : query.images) {
            found.images.push_back(
                id == "gone" ? std::nullopt : std::optional{image_owner{"of " + id, "user"}}
            );
          }
          for (const std::string& id : query.conversions) {
            found.conversions.push_back(id == "new" ? std::nullopt : std::optional{"of " + id});
          }
          return found;
        }};
  });
  queue_actor queue = spawn_fake<queue_actor>([this](caf::event_based_actor*) {
    return caf::behavior{[this](submit_atom, const std::vector<job_request>& jobs) {
      submitted.push_back(jobs.size());
      std::vector<submit_answer> answers(jobs.size());
      for (std::size_t i = 0; i < jobs.size(); ++i) {
        answers[i].receipt.accepted.request = jobs[i];
      }
      return answers;
    }};
  });
  caf::actor bridge = spawn([this](bridge_self* self) -> caf::behavior {
    self->state.parts = actors::directory{};
    self->state.parts->records = records;
    self->state.parts->queue = queue;
    return {[self](const bridge_task& task) { task.run(self); }};
  });

  /// Has these run on the bridge's actor, as tasks that wait for it together.
  void run_together(const std::vector<std::function<void(bridge_self*)>>& tasks) {
    for (const auto& each : tasks) {
      caf::anon_send(bridge, bridge_task{each});
    }
    run();
  }

  /// A task that looks these up.
  std::function<void(bridge_self*)> look_up(
      ownership_query query, std::vector<result<ownership_report>>& answers
  ) {
    return [this, query, &answers](bridge_self* self) {
      owners->find(self, query, [&answers](bridge_self*, const result<ownership_report>& found) {
        answers.push_back(found);
      });
    };
  }

  /// A task that submits so many jobs of that user.
  std::function<void(bridge_self*)> submit(
      std::size_t count, std::string user, std::vector<result<std::vector<submit_answer>>>& answers
  ) {
    return [this, count, user = std::move(user), &answers](bridge_self* self) {
      job_request request;
      request.user_id = user;
      intake->submit(self, std::vector<job_request>(count, request), trace, [&answers](auto made) {
        answers.push_back(std::move(made));
      });
    };
  }
};

}  // namespace

TEST_CASE_METHOD(
    intake_fixture, "questions that arrive together go to the records as one", "[api_intake]"
) {
  std::vector<result<ownership_report>> answers;
  run_together(
      {look_up({{"a", "gone"}, {"new"}}, answers), look_up({{"b"}, {}}, answers),
       look_up({{}, {"c1"}}, answers)}
  );
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].images == std::vector<std::string>{"a", "gone", "b"});
  CHECK(asked[0].conversions == std::vector<std::string>{"new", "c1"});
  REQUIRE(answers.size() == 3);
  CHECK(
      answers[0].value()
      == ownership_report{{image_owner{"of a", "user"}, std::nullopt}, {std::nullopt}}
  );
  CHECK(answers[1].value() == ownership_report{{image_owner{"of b", "user"}}, {}});
  CHECK(answers[2].value() == ownership_report{{}, {"of c1"}});
}

TEST_CASE_METHOD(
    intake_fixture,
    "what arrives while the records are asked forms the next question",
    "[api_intake]"
) {
  std::vector<result<ownership_report>> answers;
  make_stuck(records);
  run_together({look_up({{}, {"c1"}}, answers)});
  run_together({look_up({{}, {"c2"}}, answers)});
  run_together({look_up({{}, {"c3"}}, answers)});
  let_stuck_go();
  REQUIRE(asked.size() == 2);
  CHECK(asked[1].conversions == std::vector<std::string>{"c2", "c3"});
  CHECK(answers.size() == 3);
}

TEST_CASE_METHOD(
    intake_fixture,
    "an image that was found is not asked for again, until it is removed",
    "[api_intake]"
) {
  std::vector<result<ownership_report>> answers;
  run_together({look_up({{"a", "gone"}, {}}, answers)});
  run_together({look_up({{"a", "gone"}, {}}, answers)});
  run_together({look_up({{"a"}, {}}, answers)});
  REQUIRE(asked.size() == 2);
  CHECK(asked[1].images == std::vector<std::string>{"gone"});
  REQUIRE(answers.size() == 3);
  CHECK(answers[1].value() == answers[0].value());
  CHECK(answers[2].value().images.front() == image_owner{"of a", "user"});
  run_together({[this](bridge_self*) { owners->forget_image("a"); }, look_up({{"a"}, {}}, answers)}
  );
  CHECK(asked.size() == 3);
}

TEST_CASE_METHOD(
    intake_fixture,
    "a failure of the records reaches all who asked, and nobody after",
    "[api_intake]"
) {
  std::vector<result<ownership_report>> answers;
  records_error = {error_class::unavailable, "away"};
  run_together({look_up({{"a"}, {}}, answers), look_up({{"b"}, {}}, answers)});
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].error() == records_error);
  CHECK(answers[1].error() == records_error);
  records_error = {};
  run_together({look_up({{"a"}, {}}, answers)});
  CHECK(answers.back());
}

TEST_CASE_METHOD(
    intake_fixture, "without records a question is answered with unavailable", "[api_intake]"
) {
  std::vector<result<ownership_report>> answers;
  run_together(
      {[](bridge_self* self) { self->state.parts->records = nullptr; },
       look_up({{"a"}, {}}, answers), look_up({{}, {}}, answers)}
  );
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].value() == ownership_report{});
  CHECK(answers[1].error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(
    intake_fixture, "what throws while it takes its answer costs the others nothing", "[api_intake]"
) {
  std::vector<result<ownership_report>> answers;
  const auto throwing = [this](bridge_self* self) {
    owners->find(self, {{"x"}, {}}, [](bridge_self*, const result<ownership_report>&) {
      throw std::runtime_error("a bug");
    });
  };
  run_together({throwing, look_up({{"a"}, {}}, answers)});
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].value().images.front() == image_owner{"of a", "user"});
}

TEST_CASE_METHOD(
    intake_fixture, "jobs that arrive together go to the queue in one message", "[api_intake]"
) {
  std::vector<result<std::vector<submit_answer>>> answers;
  run_together({submit(1, "ann", answers), submit(3, "bob", answers), submit(1, "cid", answers)});
  CHECK(submitted == std::vector<std::size_t>{5});
  REQUIRE(answers.size() == 3);
  CHECK(answers[0].value().size() == 1);
  CHECK(answers[1].value().size() == 3);
  CHECK(answers[1].value()[2].receipt.accepted.request.user_id == "bob");
  CHECK(answers[2].value()[0].receipt.accepted.request.user_id == "cid");
}

TEST_CASE_METHOD(
    intake_fixture,
    "all jobs of a submission are below one span, which is below its request",
    "[api_intake]"
) {
  trace = *parse_traceparent("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
  std::vector<result<std::vector<submit_answer>>> answers;
  run_together({submit(2, "ann", answers)});
  const auto sent = spans->take();
  REQUIRE(sent.size() == 1);
  CHECK(sent.front().name == "send jobs");
  CHECK(sent.front().parent_id == trace.span_id);
  for (const submit_answer& each : answers.at(0).value()) {
    CHECK(each.receipt.accepted.request.trace == sent.front().place);
  }
}

TEST_CASE_METHOD(intake_fixture, "no message has more jobs than the queue takes", "[api_intake]") {
  std::vector<result<std::vector<submit_answer>>> answers;
  run_together(
      {submit(600, "ann", answers), submit(400, "bob", answers), submit(1, "cid", answers),
       submit(1'000, "dan", answers)}
  );
  CHECK(submitted == std::vector<std::size_t>{1'000, 1, 1'000});
  CHECK(answers.size() == 4);
}

TEST_CASE_METHOD(
    intake_fixture, "without a queue every submission is answered with unavailable", "[api_intake]"
) {
  std::vector<result<std::vector<submit_answer>>> answers;
  run_together(
      {[](bridge_self* self) { self->state.parts->queue = nullptr; }, submit(1, "ann", answers),
       submit(2, "bob", answers)}
  );
  REQUIRE(answers.size() == 2);
  CHECK(answers[0].error().kind == error_class::unavailable);
  CHECK(answers[1].error().kind == error_class::unavailable);
}

}  // namespace stayler::test
