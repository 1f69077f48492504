// SPDX-License-Identifier: MIT
#pragma once

// A queue among fakes that write down what they are told.

#include "actors/queue/queue.hpp"
#include "adapters/job_store/decorators/forwarding_job_store.hpp"
#include "messages/jobs/submission.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace stayler::test {

/// What the fakes around the queue saw, and what they are to answer.
struct surroundings {
  std::vector<queue_report> reports;
  std::vector<conversion_update> records;
  std::size_t record_batches = 0;  ///< messages in which new conversions came
  failure records_error;           ///< the answer of the records, where there is one
  std::vector<notification> notifications;
  std::vector<job> assigned;
  std::vector<attempt_id> cancelled;
  int released = 0;
  int retired = 0;

  /// How many events of that kind the queue has reported.
  [[nodiscard]] std::size_t count(job_event_kind kind) const;
};

/// A store in memory that counts its audits and can be made to refuse retries.
class watched_store final : public adapters::forwarding_job_store {
 public:
  watched_store();

  adapters::store_outcome execute(std::span<const adapters::store_change> batch, timestamp now)
      override;
  void on_external_change(std::function<void(const adapters::external_change&)> callback) override {
    tell = std::move(callback);
  }

  std::function<void(const adapters::external_change&)> tell;
  std::ptrdiff_t audits = 0;
  failure retry_refusal;
};

class queue_fixture : public fixture {
 public:
  queue_fixture();

  /// Starts a queue on the store, in place of the one before.
  void start_queue(std::shared_ptr<adapters::wall_clock> time = nullptr);
  worker_actor add_worker(const std::string& id = "worker-1");
  worker_actor spawn_fake_worker();  ///< that has not joined

  static job_request request(const std::string& conversion, std::uint32_t priority = 5);
  job submit(const std::string& conversion, std::uint32_t priority = 5);
  job find(const job& of);
  queue_status status();
  result<unit_value> finish(const job& leased, attempt_outcome outcome);

  static attempt_outcome completed() { return {.kind = attempt_outcome_kind::completed}; }
  static attempt_outcome failed(error_class kind, milliseconds after = {}) {
    return {.kind = attempt_outcome_kind::failed, .error = {kind, "as told", after}};
  }

  settings config;
  std::shared_ptr<adapters::job_store> store;
  std::shared_ptr<adapters::quarantines> quarantines;  ///< of the next queue that is started
  std::shared_ptr<surroundings> seen = std::make_shared<surroundings>();
  retry_scheduler_actor retries;  ///< of the queue
  actors::queue_impl queue;
};

}  // namespace stayler::test
