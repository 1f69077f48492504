// SPDX-License-Identifier: MIT
#include "actors/queue/bulk_job_change.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/reply_promise.hpp"
#include "adapters/log/log.hpp"
#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"

#include <cstddef>
#include <utility>

namespace stayler::actors {

namespace {

namespace op = adapters::store_op;

using adapters::logs::queue::log;

constexpr std::uint32_t jobs_per_page = 500;

/// True where the store has looked at the dead letter and said no; otherwise it is not there.
bool is_refusal(error_class kind) noexcept {
  return kind == error_class::conflict || kind == error_class::not_found;
}

}  // namespace

/// A retry of many dead letters that is under way.
struct bulk_job_change::retry_run {
  shared_reply_promise<retry_report> answer;
  job_filter filter;
  retry_report report{};
  failure trouble{};         ///< the store could not be asked
  std::size_t unanswered{};  ///< of this page
};

caf::result<retry_report> bulk_job_change::retry_all(const job_filter& filter) {
  const auto run = std::make_shared<retry_run>(retry_run{
      make_shared_reply_promise<retry_report>(context_.self), filter});
  run->filter.statuses = {job_status::failed};
  run->filter.limit = jobs_per_page;
  retry_page(run);
  return caf::delegated<retry_report>{};
}

void bulk_job_change::retry_page(const std::shared_ptr<retry_run>& run) {
  context_.self->request(context_.store, caf::infinite, list_atom_v, run->filter)
      .then(
          [this, run](const job_page& page) {
            run->filter.before = page.next;
            retry_jobs(run, page.jobs);
          },
          [run](caf::error& reason) { run->answer->fail(std::move(reason)); }
      );
}

void bulk_job_change::retry_jobs(
    const std::shared_ptr<retry_run>& run, const std::vector<job>& dead
) {
  if (dead.empty()) {
    finish_page(run);
    return;
  }
  run->unanswered = dead.size();
  for (const job& letter : dead) {
    context_.batcher.add(op::retry{letter.id}, [this, run](const adapters::store_reply& reply) {
      if (reply.error && !is_refusal(reply.error.kind)) {
        run->trouble = reply.error;
      } else {
        ++(reply.error ? run->report.refused : run->report.retried);
      }
      if (--run->unanswered == 0) {
        finish_page(run);
      }
    });
  }
  context_.dispatch();
}

void bulk_job_change::finish_page(const std::shared_ptr<retry_run>& run) {
  if (run->trouble) {
    run->answer->fail(run->trouble);
  } else if (run->filter.before.value.is_nil()) {
    run->answer->deliver(run->report);
  } else {
    retry_page(run);
  }
}

/// An erasure of a user's jobs that is under way.
struct bulk_job_change::erase_run {
  shared_reply_promise<erased_jobs> answer;
  job_filter filter;
  erased_jobs report{};
  failure trouble{};
  std::size_t unanswered{};  ///< of this page
};

caf::result<erased_jobs> bulk_job_change::erase_all_of(const std::string& user_id) {
  const auto run = std::make_shared<erase_run>(erase_run{
      make_shared_reply_promise<erased_jobs>(context_.self), {}});
  run->filter.user_id = user_id;
  run->filter.limit = jobs_per_page;
  erase_page(run);
  return caf::delegated<erased_jobs>{};
}

void bulk_job_change::erase_page(const std::shared_ptr<erase_run>& run) {
  context_.self->request(context_.store, caf::infinite, list_atom_v, run->filter)
      .then(
          [this, run](const job_page& page) {
            run->filter.before = page.next;
            erase_jobs(run, page.jobs);
          },
          [run](caf::error& reason) { run->answer->fail(std::move(reason)); }
      );
}

void bulk_job_change::erase_jobs(
    const std::shared_ptr<erase_run>& run, const std::vector<job>& jobs
) {
  if (jobs.empty()) {
    finish_erasing_page(run);
    return;
  }
  run->unanswered = jobs.size();
  const auto done = [this, run](const adapters::store_reply& reply, bool is_erased) {
    if (reply.error && !is_refusal(reply.error.kind)) {
      run->trouble = reply.error;
    }
    ++(is_erased && !reply.error ? run->report.erased : run->report.left);
    if (--run->unanswered == 0) {
      finish_erasing_page(run);
    }
  };
  for (const job& each : jobs) {
    if (is_final(each.status)) {
      context_.batcher.add(op::erase{each.id}, [done](const adapters::store_reply& reply) {
        done(reply, true);
      });
      continue;
    }
    context_.batcher.add(op::cancel{each.id}, [this, done](const adapters::store_reply& reply) {
      if (!reply.error) {
        context_.events.add(job_event_kind::cancelled, reply.jobs.front());
        recovery_.revoke(reply.jobs.front().id);
      }
      done(reply, false);
    });
  }
  context_.dispatch();
}

void bulk_job_change::finish_erasing_page(const std::shared_ptr<erase_run>& run) {
  if (run->trouble) {
    run->answer->fail(run->trouble);
  } else if (run->filter.before.value.is_nil()) {
    run->answer->deliver(run->report);
  } else {
    erase_page(run);
  }
}

void bulk_job_change::make_held_available() {
  job_filter held;
  held.statuses = {job_status::scheduled};
  held.errors = {error_class::held};
  held.limit = jobs_per_page;
  make_page_available(held);
}

void bulk_job_change::make_page_available(const job_filter& held) {
  const auto on_page = [this, held](const job_page& page) {
    for (const job& waiting : page.jobs) {
      // One that is due, or cancelled, meanwhile is refused, and rightly.
      context_.batcher.add(op::make_available{waiting.id}, [](const adapters::store_reply&) {});
    }
    context_.dispatch();
    if (!page.next.value.is_nil()) {
      job_filter older = held;
      older.before = page.next;
      make_page_available(older);
    }
  };
  context_.self->request(context_.store, caf::infinite, list_atom_v, held)
      .then(on_page, [](const caf::error& reason) {
        log.warning(
            "jobs that are held stay so until they are due", {{"reason", describe(reason)}}
        );
      });
}

}  // namespace stayler::actors
