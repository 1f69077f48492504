// SPDX-License-Identifier: MIT
#include "http/api/intake/job_intake.hpp"

#include "adapters/tracing/span_names.hpp"

#include <cstddef>
#include <iterator>
#include <utility>

namespace stayler::http {

namespace {

/// What the queue takes in one message.
constexpr std::size_t most_jobs = 1'000;

}  // namespace

job_intake::on_answers job_intake::recorded(adapters::span sending, on_answers done) const {
  namespace attributes = adapters::attributes;
  sending.set(attributes::messaging_system, "stayler")
      .set(attributes::messaging_operation, "send")
      .set(attributes::messaging_operation_type, "send");
  auto begun = std::make_shared<adapters::open_span>(std::move(sending));
  return [spans = spans_, begun = std::move(begun),
          done = std::move(done)](result<std::vector<submit_answer>> answers) {
    adapters::span& sent = **begun;
    error_class error = answers ? error_class::none : answers.error().kind;
    if (answers && answers->size() == 1) {
      const submit_answer& only = answers->front();
      error = only.error.kind;
      sent.set(
          attributes::message_id,
          error == error_class::none ? to_string(only.receipt.accepted.id) : ""
      );
      sent.set(attributes::duplicate, only.receipt.is_duplicate);
    } else if (answers) {
      sent.set(attributes::messaging_batch_size, answers->size());
    }
    adapters::end_span(spans, *begun, error);
    done(std::move(answers));
  };
}

void job_intake::submit(
    bridge_self* self, std::vector<job_request> jobs, const trace_context& trace, on_answers done
) {
  auto sending = adapters::start_span(
      spans_, trace, adapters::span_names::send, adapters::span_kind::producer
  );
  for (job_request& each : jobs) {
    each.trace = sending ? sending->place : trace;
  }
  if (sending) {
    done = recorded(*std::move(sending), std::move(done));
  }
  waiting_.push_back({std::move(jobs), std::move(done)});
  if (waiting_.size() == 1) {
    // Behind all that waits for this actor: other jobs may be among it.
    self->send(self, bridge_task{[kept = shared_from_this()](bridge_self* on) {
                 kept->flush(on);
               }});
  }
}

void job_intake::flush(bridge_self* self) {
  std::vector<group> groups;
  std::size_t jobs = 0;
  for (group& each : std::exchange(waiting_, {})) {
    if (!groups.empty() && jobs + each.jobs.size() > most_jobs) {
      send(self, std::exchange(groups, {}));
      jobs = 0;
    }
    jobs += each.jobs.size();
    groups.push_back(std::move(each));
  }
  send(self, std::move(groups));
}

void job_intake::send(bridge_self* self, std::vector<group> groups) const {
  const auto& parts = self->state.parts;
  if (!parts || !parts->queue) {
    for (const group& each : groups) {
      guarded([&] { each.done(bridge::unavailable()); });
    }
    return;
  }
  std::vector<job_request> jobs;
  const auto asked = std::make_shared<std::vector<std::pair<std::size_t, on_answers>>>();
  for (group& each : groups) {
    asked->emplace_back(each.jobs.size(), std::move(each.done));
    std::move(each.jobs.begin(), each.jobs.end(), std::back_inserter(jobs));
  }
  self->request(parts->queue, timeout_, submit_atom_v, std::move(jobs))
      .then(
          [asked](std::vector<submit_answer>& answers) {
            auto next = std::make_move_iterator(answers.begin());
            for (const auto& [count, done] : *asked) {
              const auto end = next + static_cast<std::ptrdiff_t>(count);
              guarded([&, &receive = done] { receive(std::vector<submit_answer>{next, end}); });
              next = end;
            }
          },
          [asked](const caf::error& error) {
            const failure why = actors::to_failure(error);
            for (const auto& [count, done] : *asked) {
              guarded([&receive = done, &why] { receive(why); });
            }
          }
      );
}

}  // namespace stayler::http
