// SPDX-License-Identifier: MIT
#include "actors/worker.hpp"

#include "actors/failure.hpp"
#include "actors/job_notices.hpp"
#include "adapters/gemini/gemini_wire.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace stayler::actors {

namespace {

/// For requests to actors of this service, none of which works for long.
constexpr milliseconds peer_timeout{60'000};

/// Pause before an outcome that the store could not take is reported again.
constexpr milliseconds report_again{1'000};

}  // namespace

void worker_state::begin(pointer self, worker_options options) {
  self_ = self;
  end_by_exception(self);
  options_ = std::move(options);
  self->send(options_.peers.queue, join_atom_v, options_.worker_id, worker_actor{self});
}

bool worker_state::is_current(const attempt_id& attempt) const {
  return job_ && current_attempt(*job_) == attempt;
}

milliseconds worker_state::time_left() const {
  return std::max(milliseconds{1}, deadline_ - options_.clock->now());
}

template <class Answer, class Then, class Else, class Peer, class... Args>
void worker_state::ask_or_else(
    milliseconds timeout, const Peer& peer, Then then, Else or_else, Args... args
) {
  const attempt_id attempt = current_attempt(*job_);
  const auto still_wanted = [this, attempt] { return is_current(attempt) && !outcome_; };
  self_->request(peer, timeout, std::move(args)...)
      .then(
          [still_wanted, then](Answer& answer) {
            if (still_wanted()) {
              then(answer);
            }
          },
          [still_wanted, or_else](const caf::error& reason) {
            if (still_wanted()) {
              or_else(to_failure(reason));
            }
          }
      );
}

template <class Answer, class Then, class Peer, class... Args>
void worker_state::ask(milliseconds timeout, const Peer& peer, Then then, Args... args) {
  ask_or_else<Answer>(
      timeout, peer, std::move(then), [this](const failure& error) { fail(error); },
      std::move(args)...
  );
}

void worker_state::enter(job_stage stage, std::uint32_t percent) {
  leave_stage();
  stage_ = stage;
  stage_began_ = self_->clock().now();
  caf::anon_send(
      options_.peers.queue, report_atom_v, current_attempt(*job_), job_progress{stage, percent}
  );
}

void worker_state::leave_stage() {
  if (stage_ == job_stage::queued) {
    return;
  }
  const auto took =
      std::chrono::duration_cast<std::chrono::microseconds>(self_->clock().now() - stage_began_);
  self_->send(options_.peers.metrics, stage_event{stage_, took});
  stage_ = job_stage::queued;
}

void worker_state::assign(job& leased) {
  job_ = std::move(leased);
  const attempt_id attempt = current_attempt(*job_);
  const milliseconds timeout =
      job_->request.timeout.count() > 0 ? job_->request.timeout : options_.config.job_timeout;
  deadline_ = options_.clock->now() + timeout;
  self_->delayed_send(self_, timeout, caf::tick_atom_v, attempt);
  self_->delayed_send(self_, options_.renew_interval, renew_atom_v, attempt);
  mark_processing();
}

void worker_state::mark_processing() {
  enter(job_stage::downloading, 5);
  if (!has_conversion(*job_)) {
    download();
    return;
  }
  const auto refused = [this](const failure& error) {
    error.kind == error_class::conflict ? adopt_recorded_result() : fail(error);
  };
  ask_or_else<unit_value>(
      peer_timeout, options_.peers.records, [this](unit_value) { download(); }, refused,
      record_atom_v, make_conversion_update(*job_, job_status::processing, options_.clock->now())
  );
}

void worker_state::adopt_recorded_result() {
  // An earlier attempt got as far as the record and then lost its worker: what it made counts, and
  // is not paid for twice.
  const auto adopt = [this](const image_record& stored) {
    describe_result(stored);
    notify();
  };
  const auto recorded = [this, adopt](const conversion_update& found) {
    if (found.attempt.job != job_->id || found.status != job_status::completed) {
      fail({error_class::internal_bug, "the conversion record belongs to another job", {}});
      return;
    }
    ask<image_record>(
        peer_timeout, options_.peers.library, adopt, find_atom_v, found.result_image_id
    );
  };
  ask<conversion_update>(
      peer_timeout, options_.peers.records, recorded, fetch_atom_v, job_->request.conversion_id
  );
}

void worker_state::download() {
  if (job_->request.type == job_type::image_conversion) {
    download_pair();
    return;
  }
  ask<stored_image>(
      peer_timeout, options_.peers.library,
      [this](stored_image& image) {
        pictures_.push_back({std::move(image.bytes), {}});
        transform();
      },
      fetch_atom_v, job_->request.payload.image_id
  );
}

void worker_state::download_pair() {
  pictures_.resize(2);
  const auto fetch = [this](std::size_t place, const std::string& id) {
    const auto prepared = [this, place](encoded_image& ready) {
      pictures_[place] = std::move(ready);
      pictures_ready();
    };
    const auto fetched = [this, prepared](stored_image& image) {
      ask<encoded_image>(
          time_left(), options_.peers.images, prepared, prepare_atom_v, std::move(image.bytes)
      );
    };
    ask<stored_image>(peer_timeout, options_.peers.library, fetched, fetch_atom_v, id);
  };
  fetch(0, job_->request.payload.user_image_id);
  fetch(1, job_->request.payload.cloth_image_id);
}

void worker_state::pictures_ready() {
  const bool all_here =
      std::ranges::all_of(pictures_, [](const encoded_image& p) { return p.bytes != nullptr; });
  if (all_here) {
    convert();
  }
}

void worker_state::convert() {
  enter(job_stage::converting, 25);
  const conversion_options& options = job_->request.payload.options;
  const image_info& person = pictures_.front().info;
  generation_request request;
  request.attempt = current_attempt(*job_);
  request.prompt = adapters::make_try_on_prompt(options);
  request.images = std::exchange(pictures_, {});
  request.aspect_ratio = options.aspect_ratio.empty()
                             ? adapters::nearest_aspect_ratio(person.width, person.height)
                             : options.aspect_ratio;
  request.image_size = adapters::image_size_for(options.quality);
  request.deadline = time_left();
  // The client keeps the deadline; the margin only covers the way back.
  ask<generation_result>(
      time_left() + peer_timeout, options_.peers.gemini,
      [this](generation_result& made) { finish_picture(made); }, generate_atom_v, std::move(request)
  );
}

void worker_state::finish_picture(generation_result& generated) {
  enter(job_stage::processing, 70);
  job_->result.model_version = generated.model_version;
  ask<finished_image>(
      time_left(), options_.peers.images, [this](finished_image& ready) { upload(ready); },
      finish_atom_v, std::move(generated.image), output_format()
  );
}

void worker_state::transform() {
  enter(job_stage::processing, 40);
  shared_bytes source = std::move(pictures_.front().bytes);
  pictures_.clear();
  ask<finished_image>(
      time_left(), options_.peers.images, [this](finished_image& ready) { upload(ready); },
      transform_atom_v, std::move(source), job_->request.payload.operations
  );
}

image_format worker_state::output_format() const {
  return parse_image_format(job_->request.payload.options.output_format)
      .value_or(image_format::jpeg);
}

void worker_state::upload(finished_image& picture) {
  enter(job_stage::uploading, 80);
  new_image made;
  // Derived from job and attempt: a worker that has lost its lease cannot touch another's result.
  made.id = to_string(current_attempt(*job_));
  made.user_id = job_->request.user_id;
  made.type = "result";
  made.file_name = made.id + "." + std::string{file_ending_of(picture.picture.info.format)};
  made.content = std::move(picture);
  ask<image_record>(
      peer_timeout, options_.peers.library, [this](const image_record& stored) { commit(stored); },
      store_atom_v, std::move(made)
  );
}

void worker_state::describe_result(const image_record& stored) {
  job_result& result = job_->result;
  result.image_id = stored.id;
  result.width = stored.width;
  result.height = stored.height;
  result.mime_type = stored.mime_type;
  result.bytes = stored.bytes;
}

void worker_state::commit(const image_record& stored) {
  is_stored_ = true;
  describe_result(stored);
  leave_stage();
  // From here on the job can no longer be cancelled: a record that says "completed" must not belong
  // to a job that says "cancelled".
  ask<unit_value>(
      peer_timeout, options_.peers.queue, [this](unit_value) { record(); }, report_atom_v,
      current_attempt(*job_), job_progress{job_stage::recording, 90}
  );
}

void worker_state::record() {
  stage_ = job_stage::recording;
  stage_began_ = self_->clock().now();
  if (!has_conversion(*job_)) {
    notify();
    return;
  }
  ask<unit_value>(
      peer_timeout, options_.peers.records, [this](unit_value) { notify(); }, record_atom_v,
      make_conversion_update(*job_, job_status::completed, options_.clock->now())
  );
}

void worker_state::notify() {
  enter(job_stage::notifying, 95);
  const attempt_id attempt = current_attempt(*job_);
  const auto go_on = [this, attempt] {
    if (is_current(attempt) && !outcome_) {
      complete();
    }
  };
  // A notification that cannot be handed over never fails a job.
  self_
      ->request(
          options_.peers.notifier, peer_timeout, notify_atom_v,
          make_notification(*job_, job_status::completed, options_.clock->now())
      )
      .then([go_on](unit_value) { go_on(); }, [go_on](const caf::error&) { go_on(); });
}

void worker_state::complete() {
  leave_stage();
  settle({attempt_outcome::kind::completed, job_->result, {}});
}

void worker_state::fail(const failure& error) {
  spdlog::info(
      "{}: job {} failed in stage {}: {}: {}", options_.worker_id, to_string(job_->id),
      to_string(stage_), to_string(error.kind), error.message
  );
  leave_stage();
  remove_result();
  settle({attempt_outcome::kind::failed, {}, error});
}

void worker_state::cancel(const attempt_id& attempt) {
  if (is_current(attempt) && !outcome_) {
    stop(attempt_outcome::kind::released);
  }
}

void worker_state::release() {
  if (job_ && !outcome_) {
    stop(attempt_outcome::kind::released);
  }
}

void worker_state::stop(attempt_outcome::kind how) {
  self_->send(options_.peers.gemini, abort_atom_v, current_attempt(*job_));
  leave_stage();
  remove_result();
  settle({how, {}, {}});
}

void worker_state::time_out(const attempt_id& attempt) {
  if (!is_current(attempt) || outcome_) {
    return;
  }
  self_->send(options_.peers.gemini, abort_atom_v, attempt);
  fail(
      {error_class::timeout,
       "the attempt took longer than the job's timeout, in stage " + std::string{to_string(stage_)},
       {}}
  );
}

void worker_state::remove_result() {
  if (std::exchange(is_stored_, false)) {
    caf::anon_send(options_.peers.library, remove_atom_v, job_->result.image_id);
  }
}

void worker_state::renew(const attempt_id& attempt) {
  if (!is_current(attempt)) {
    return;
  }
  self_->delayed_send(self_, options_.renew_interval, renew_atom_v, attempt);
  self_->request(options_.peers.queue, peer_timeout, renew_atom_v, attempt)
      .then(
          [](unit_value) {},
          [this, attempt](const caf::error& reason) {
            if (to_failure(reason).kind == error_class::conflict) {
              cancel(attempt);
            }
          }
      );
}

void worker_state::settle(attempt_outcome outcome) {
  outcome_ = std::move(outcome);
  pictures_.clear();
  report_outcome(current_attempt(*job_));
}

void worker_state::report_outcome(const attempt_id& attempt) {
  if (!is_current(attempt) || !outcome_) {
    return;
  }
  self_->request(options_.peers.queue, peer_timeout, finish_atom_v, attempt, *outcome_)
      .then(
          [this](unit_value) { become_idle(); },
          [this, attempt](const caf::error& reason) {
            if (to_failure(reason).kind == error_class::conflict) {
              remove_result();
              become_idle();
              return;
            }
            self_->delayed_send(self_, report_again, finish_atom_v, attempt);
          }
      );
}

void worker_state::become_idle() {
  job_.reset();
  outcome_.reset();
  is_stored_ = false;
  if (is_retiring_) {
    retire();
  }
}

void worker_state::retire() {
  is_retiring_ = true;
  if (job_) {
    return;
  }
  self_->request(options_.peers.queue, peer_timeout, leave_atom_v, options_.worker_id)
      .then(
          [this](bool may_go) {
            if (may_go) {
              self_->quit();
            }
            // Otherwise a job is on its way here; become_idle() asks again.
          },
          [this](const caf::error&) { self_->quit(); }
      );
}

worker_impl::behavior_type worker(worker_state::pointer self, worker_options options) {
  self->state.begin(self, std::move(options));
  auto& state = self->state;
  return {
      [&state](assign_atom, job& leased) { state.assign(leased); },
      [&state](cancel_atom, const attempt_id& attempt) { state.cancel(attempt); },
      [&state](release_atom) { state.release(); },
      [&state](retire_atom) { state.retire(); },
      [](fault_atom) { throw std::runtime_error{"injected fault"}; },
      [&state](settings_atom, settings& changed) { state.change_settings(changed); },
      [&state](renew_atom, const attempt_id& attempt) { state.renew(attempt); },
      [&state](caf::tick_atom, const attempt_id& attempt) { state.time_out(attempt); },
      [&state](finish_atom, const attempt_id& attempt) { state.report_outcome(attempt); },
  };
}

}  // namespace stayler::actors
