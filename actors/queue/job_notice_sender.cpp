// SPDX-License-Identifier: MIT
#include "actors/queue/job_notice_sender.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/tell.hpp"
#include "policies/jobs/job_notices.hpp"

#include <utility>

namespace stayler::actors {

namespace {

constexpr milliseconds record_timeout{60'000};

/// Pause before records that are away are written to again.
constexpr milliseconds record_pause{5'000};

}  // namespace

void job_notice_sender::add_accepted(const job& accepted) {
  if (policies::has_conversion(accepted)) {
    accepted_.push_back(
        policies::make_conversion_update(accepted, job_status::pending, accepted.created_at)
    );
  }
}

void job_notice_sender::flush_accepted() {
  if (!accepted_.empty()) {
    tell(context_.options.records, record_atom_v, std::exchange(accepted_, {}));
  }
}

void job_notice_sender::send_ended(const job& ended) {
  const timestamp now = context_.now();
  if (policies::has_conversion(ended)) {
    record(policies::make_conversion_update(ended, ended.status, now));
  }
  tell(
      context_.options.notifier, notify_atom_v,
      policies::make_notification(ended, ended.status, now)
  );
}

void job_notice_sender::record(const conversion_update& update) {
  flush_accepted();
  const auto self = context_.self;
  self->request(context_.options.records, record_timeout, record_atom_v, update)
      .then(
          [](unit_value) {},
          [self, update](const caf::error& reason) {
            // A newer attempt's word stands: the records refuse an update that comes too late.
            if (is_retryable(to_failure(reason).kind)) {
              self->delayed_send(self, record_pause, repeat_record_atom_v, update);
            }
          }
      );
}

}  // namespace stayler::actors
