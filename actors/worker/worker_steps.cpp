// SPDX-License-Identifier: MIT

// The nine steps of a job, in their order.

#include "actors/support/failure.hpp"
#include "policies/jobs/job_notices.hpp"
#include "actors/worker/worker.hpp"
#include "adapters/gemini/gemini_wire.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

constexpr adapters::logger log{adapters::subsystem::worker};

/// False where the provider may have worked, and been paid, without our hearing of it.
bool is_answer(error_class kind) noexcept {
  return kind != error_class::timeout && kind != error_class::connection
         && kind != error_class::cancelled;
}

/// True where a store of ours cannot be reached, or has no room, for the moment.
bool is_outage(error_class kind) noexcept {
  return kind == error_class::unavailable || kind == error_class::timeout
         || kind == error_class::connection || kind == error_class::store_full;
}

/// Pause before a store that is away is asked again.
constexpr milliseconds ask_again{1'000};

}  // namespace

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

void worker_state::wait_out(const failure& error, std::function<void()> step) {
  if (!is_outage(error.kind)) {
    fail(error);
    return;
  }
  const attempt_id attempt = current_attempt(*job_);
  log.warning(
      "a picture waits for its store", {{"jobId", attempt.job},
                                        {"attempt", attempt.token},
                                        {"worker", options_.worker_id},
                                        {"errorClass", error.kind},
                                        {"reason", error.message}}
  );
  waiting_step_ = std::move(step);
  self_->delayed_send(self_, ask_again, retry_atom_v, attempt);
}

void worker_state::take_step_again(const attempt_id& attempt) {
  if (is_current(attempt) && !outcome_ && waiting_step_) {
    std::exchange(waiting_step_, nullptr)();
  }
}

void worker_state::mark_processing() {
  enter(job_stage::downloading, 5);
  if (!policies::has_conversion(*job_)) {
    download();
    return;
  }
  const auto refused = [this](const failure& error) {
    error.kind == error_class::conflict ? adopt_recorded_result() : fail(error);
  };
  ask_or_else<unit_value>(
      peer_timeout, options_.peers.records, [this](unit_value) { download(); }, refused,
      record_atom_v, policies::make_conversion_update(*job_, job_status::processing, options_.clock->now())
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
  fetch_image(job_->request.payload.image_id, [this](stored_image& image) {
    pictures_.push_back({std::move(image.bytes), {}});
    transform();
  });
}

void worker_state::fetch_image(
    const std::string& id, const std::function<void(stored_image&)>& then
) {
  if (is_image_url(id)) {
    ask<stored_image>(peer_timeout, options_.peers.library, then, download_atom_v, id);
  } else {
    ask<stored_image>(peer_timeout, options_.peers.library, then, fetch_atom_v, id);
  }
}

void worker_state::download_pair() {
  pictures_.resize(2);
  signatures_.resize(2);
  const auto fetch = [this](std::size_t place, const std::string& id) {
    const auto prepared = [this, place](prepared_image& ready) {
      pictures_[place] = std::move(ready.picture);
      signatures_[place] = ready.signature;
      pictures_ready();
    };
    const auto fetched = [this, prepared](stored_image& image) {
      ask<prepared_image>(
          time_left(), options_.peers.images, prepared, prepare_atom_v, std::move(image.bytes)
      );
    };
    fetch_image(id, fetched);
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
  // The ledger has the call before it is sent: if this process ends now, it is known that it may
  // have been paid for.
  ask<unit_value>(
      peer_timeout, options_.peers.queue, [this](unit_value) { generate(); }, open_call_atom_v,
      current_attempt(*job_)
  );
}

generation_request worker_state::make_generation_request() {
  const conversion_options& options = job_->request.payload.options;
  const image_info& person = pictures_.front().info;
  generation_request request;
  request.attempt = current_attempt(*job_);
  request.prompt = adapters::make_try_on_prompt(options);
  request.aspect_ratio = options.aspect_ratio.empty()
                             ? adapters::nearest_aspect_ratio(person.width, person.height)
                             : options.aspect_ratio;
  request.image_size = adapters::image_size_for(options.quality);
  request.deadline = time_left();
  request.user_id = job_->request.user_id;
  request.no_cache = options.no_cache;
  request.images = std::exchange(pictures_, {});
  return request;
}

void worker_state::generate() {
  const auto made = [this](generation_result& result) {
    settle_call({error_class::none, result.is_shared ? 0 : result.usage.total_tokens, result.cost});
    finish_picture(result);
  };
  const auto failed = [this](const failure& error) {
    if (is_answer(error.kind)) {
      settle_call({error.kind, 0, 0});
    }
    fail(error);
  };
  // The client keeps the deadline; the margin only covers the way back.
  ask_or_else<generation_result>(
      time_left() + peer_timeout, options_.peers.gemini, made, failed, generate_atom_v,
      make_generation_request()
  );
}

void worker_state::settle_call(const call_settlement& settlement) {
  caf::anon_send(options_.peers.queue, settle_call_atom_v, current_attempt(*job_), settlement);
}

void worker_state::cache_picture() {
  // Only now: a cached picture that is none would be given to the next attempt, too.
  if (generated_.is_cacheable && options_.peers.cache) {
    caf::anon_send(
        options_.peers.cache, store_atom_v, generated_.key,
        cached_result{generated_.image, generated_.mime_type, generated_.model_version}
    );
  }
  generated_ = {};
}

void worker_state::finish_picture(generation_result& generated) {
  enter(job_stage::processing, 70);
  job_->result.model_version = generated.model_version;
  job_->result.cached = generated.is_shared;
  generated_ = std::move(generated);
  const auto finished = [this](finished_image& ready) {
    cache_picture();
    upload(ready);
  };
  ask<finished_image>(
      time_left(), options_.peers.images, finished, finish_atom_v, generated_.image,
      output_format(), std::exchange(signatures_, {})
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
  made.id = picture_id_of(current_attempt(*job_));
  made.user_id = job_->request.user_id;
  made.type = "result";
  made.file_name = made.id + "." + std::string{file_ending_of(picture.picture.info.format)};
  made.content = std::move(picture);
  store(made);
}

void worker_state::store(const new_image& made) {
  ask_or_else<image_record>(
      peer_timeout, options_.peers.library, [this](const image_record& stored) { commit(stored); },
      [this, made](const failure& error) { wait_out(error, [this, made] { store(made); }); },
      store_atom_v, made
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
  pass_point_of_no_return();
}

void worker_state::pass_point_of_no_return() {
  // From here on the job can no longer be cancelled: a record that says "completed" must not belong
  // to a job that says "cancelled".
  ask_or_else<unit_value>(
      peer_timeout, options_.peers.queue, [this](unit_value) { record(); },
      [this](const failure& error) { wait_out(error, [this] { pass_point_of_no_return(); }); },
      report_atom_v, current_attempt(*job_), job_progress{job_stage::recording, 90}
  );
}

void worker_state::record() {
  stage_ = job_stage::recording;
  stage_began_ = self_->clock().now();
  policies::has_conversion(*job_) ? write_record() : notify();
}

void worker_state::write_record() {
  // A result that the record may name stays, however this attempt ends: the next one adopts it.
  is_stored_ = false;
  const auto refused = [this](const failure& error) {
    is_stored_ = !is_outage(error.kind);
    wait_out(error, [this] { write_record(); });
  };
  ask_or_else<unit_value>(
      peer_timeout, options_.peers.records, [this](unit_value) { notify(); }, refused,
      record_atom_v, policies::make_conversion_update(*job_, job_status::completed, options_.clock->now())
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
          policies::make_notification(*job_, job_status::completed, options_.clock->now())
      )
      .then([go_on](unit_value) { go_on(); }, [go_on](const caf::error&) { go_on(); });
}

}  // namespace stayler::actors
