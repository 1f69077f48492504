// SPDX-License-Identifier: MIT
#include "adapters/job_store/decorators/history_job_store.hpp"

#include "adapters/job_store/decorators/forwarding_job_store.hpp"
#include "adapters/job_store/decorators/history_file.hpp"
#include "adapters/json/json_writer.hpp"

#include <chrono>
#include <utility>

namespace stayler::adapters {

namespace {

std::string_view name_of(store_op::end_of_lease cause) noexcept {
  switch (cause) {
    case store_op::end_of_lease::failed:
      return "failed";
    case store_op::end_of_lease::refunded:
      return "refunded";
    case store_op::end_of_lease::interrupted:
      return "interrupted";
    case store_op::end_of_lease::crashed:
      return "crashed";
  }
  return "unknown";
}

/// How a lease ended, and whether it left a call to the provider of unknown fate.
std::string end_detail(store_op::end_of_lease cause, const store_reply& reply) {
  std::string detail{name_of(cause)};
  const bool has_call = !reply.jobs.empty() && !reply.jobs.front().calls.empty();
  if (has_call) {
    const job& after = reply.jobs.front();
    const provider_call& last = after.calls.back();
    if (last.token == after.token && last.state == call_state::ambiguous) {
      detail += " ambiguous";
    }
  }
  return detail;
}

/// The lines of one batch.
class history_lines {
 public:
  history_lines(std::string_view process, timestamp now) : process_(process), now_(now) {}

  void add(std::string_view event, const attempt_id& attempt, std::string_view detail = {}) {
    json_writer json;
    json.begin_object().field("at", now_.time_since_epoch().count()).field("process", process_);
    json.field("event", event).field("job", to_string(attempt.job));
    json.field("token", static_cast<std::uint64_t>(attempt.token));
    if (!detail.empty()) {
      json.field("detail", detail);
    }
    json.end_object();
    text_ += std::move(json).text();
    text_ += '\n';
  }

  void add(const store_op::enqueue& /*change*/, const store_reply& reply) {
    if (!reply.existing) {
      add_all("submitted", reply);
    }
  }
  void add(const store_op::claim& /*change*/, const store_reply& reply) {
    for (const job& leased : reply.jobs) {
      add("leased", current_attempt(leased), leased.worker_id);
    }
  }
  void add(const store_op::open_call& change, const store_reply& /*reply*/) {
    add("call_opened", change.attempt);
  }
  void add(const store_op::settle_call& change, const store_reply& /*reply*/) {
    add("call_settled", change.attempt, to_string(change.settlement.outcome));
  }
  void add(const store_op::complete& change, const store_reply& /*reply*/) {
    add("completed", change.attempt);
  }
  void add(const store_op::requeue& change, const store_reply& reply) {
    add("put_back", change.attempt, end_detail(change.cause, reply));
  }
  void add(const store_op::fail& change, const store_reply& reply) {
    add("failed", change.attempt, end_detail(change.cause, reply));
  }
  void add(const store_op::cancel& /*change*/, const store_reply& reply) {
    add_all("cancelled", reply);
  }
  void add(const store_op::retry& /*change*/, const store_reply& reply) {
    add_all("retried", reply);
  }
  void add(const store_op::drop& /*change*/, const store_reply& reply) {
    add_all("dropped", reply);
  }
  void add(const store_op::erase& /*change*/, const store_reply& reply) {
    add_all("erased", reply);
  }
  void add(const store_op::reclaim& /*change*/, const store_reply& reply) {
    for (const job& back : reply.jobs) {
      add("put_back", current_attempt(back), name_of(store_op::end_of_lease::interrupted));
    }
  }
  /// What changes nothing that the history is about.
  template <one_of<
      store_op::renew,
      store_op::update_progress,
      store_op::prioritize,
      store_op::make_available,
      store_op::pause,
      store_op::resume,
      store_op::find_expired,
      store_op::purge,
      store_op::verify_indexes> Change>
  void add(const Change& /*change*/, const store_reply& /*reply*/) {}

  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  void add_all(std::string_view event, const store_reply& reply) {
    for (const job& about : reply.jobs) {
      add(event, current_attempt(about));
    }
  }

  std::string_view process_;
  timestamp now_;
  std::string text_;
};

template <class Lines>
concept records_unknown_operations = requires(Lines lines, const store_reply& reply) {
  lines.add(unknown_operation{}, reply);
};
static_assert(!records_unknown_operations<history_lines>);

class history_job_store final : public forwarding_job_store {
 public:
  history_job_store(
      std::unique_ptr<job_store> inner, std::unique_ptr<history_file> file, std::string process
  )
      : forwarding_job_store(std::move(inner)),
        file_(std::move(file)),
        process_(std::move(process)) {
    history_lines opened{process_, {}};
    opened.add("opened", attempt_id{});
    file_->write(opened.text(), current_time());
  }

  store_outcome execute(std::span<const store_change> batch, timestamp now) override {
    store_outcome outcome = forwarding_job_store::execute(batch, now);
    history_lines lines{process_, now};
    for (std::size_t i = 0; i < batch.size(); ++i) {
      const store_reply& reply = outcome.replies[i];
      if (!reply.error) {
        std::visit([&](const auto& change) { lines.add(change, reply); }, batch[i]);
      }
    }
    file_->write(lines.text(), now);
    return outcome;
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return true; }

 private:
  static timestamp current_time() { return to_timestamp(std::chrono::system_clock::now()); }

  std::unique_ptr<history_file> file_;
  std::string process_;
};

}  // namespace

result<std::unique_ptr<job_store>> open_history_job_store(
    std::unique_ptr<job_store> inner,
    const std::filesystem::path& file,
    std::string process,
    milliseconds retention
) {
  const auto now = to_timestamp(std::chrono::system_clock::now());
  auto opened = history_file::open(file, retention, now);
  if (!opened) {
    return std::move(opened).error();
  }
  return std::unique_ptr<job_store>{std::make_unique<history_job_store>(
      std::move(inner), *std::move(opened), std::move(process)
  )};
}

}  // namespace stayler::adapters
