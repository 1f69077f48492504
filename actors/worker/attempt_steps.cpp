// SPDX-License-Identifier: MIT
#include "actors/worker/attempt_steps.hpp"

#include "actors/support/failure.hpp"
#include "actors/support/tell.hpp"
#include "adapters/log/log.hpp"
#include "adapters/tracing/span_names.hpp"
#include "policies/jobs/job_notices.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

constinit const attempt_steps::step attempt_steps::conversion_steps[] = {
    {job_stage::downloading, 5, "record processing", &attempt_steps::mark_processing},
    {job_stage::downloading, 5, "prepare images", &attempt_steps::prepare_pair},
    {job_stage::converting, 25, "open call", &attempt_steps::open_call},
    {job_stage::converting, 25, "", &attempt_steps::generate},
    {job_stage::processing, 70, "finish image", &attempt_steps::finish_image},
    {job_stage::uploading, 80, "store image", &attempt_steps::upload},
    {job_stage::recording, 90, "begin recording", &attempt_steps::pass_point_of_no_return},
    {job_stage::recording, 90, "record result", &attempt_steps::write_record},
    {job_stage::notifying, 95, "hand over notification", &attempt_steps::notify},
};

constinit const attempt_steps::step attempt_steps::image_processing_steps[] = {
    {job_stage::processing, 5, "transform image", &attempt_steps::transform},
    {job_stage::uploading, 80, "store image", &attempt_steps::upload},
    {job_stage::recording, 90, "begin recording", &attempt_steps::pass_point_of_no_return},
    {job_stage::notifying, 95, "hand over notification", &attempt_steps::notify},
};

namespace {

using adapters::logs::worker::log;

/// Pause before a step is taken again that was refused because a store or the codec was away.
constexpr milliseconds retry_pause{1'000};

/// The same where what was refused has to be mended by somebody first.
constexpr milliseconds mending_pause{10'000};

/// False where the provider may have worked, and been paid, although no answer came.
bool is_answer(error_class kind) noexcept {
  return kind != error_class::timeout && kind != error_class::connection
         && kind != error_class::cancelled;
}

/// True where a store of ours or the codec cannot be reached, or has no room, for the moment.
bool is_outage(error_class kind) noexcept {
  return kind == error_class::unavailable || kind == error_class::timeout
         || kind == error_class::connection || kind == error_class::store_full;
}

image_format output_format_of(const job& wanted) {
  return parse_image_format(wanted.request.payload.options.output_format)
      .value_or(image_format::jpeg);
}

void describe_result(job_result& result, const image_record& stored) {
  result.image_id = stored.id;
  result.width = stored.width;
  result.height = stored.height;
  result.mime_type = stored.mime_type;
  result.bytes = stored.bytes;
}

}  // namespace

std::span<const attempt_steps::step> attempt_steps::steps() const {
  if (context_.current->job.request.type == job_type::image_conversion) {
    return conversion_steps;
  }
  return image_processing_steps;
}

const attempt_steps::step& attempt_steps::latest_step() const {
  return steps()[context_.current->steps_begun - 1];
}

void attempt_steps::advance() {
  context_.end_step();
  if (context_.current->steps_begun == steps().size()) {
    report_.complete();
    return;
  }
  ++context_.current->steps_begun;
  const step& next = latest_step();
  if (next.stage != context_.current->stage) {
    enter(next);
  }
  context_.begin_step(next.name);
  (this->*next.take)();
}

void attempt_steps::skip_to(job_stage stage) {
  const auto first = std::ranges::find(steps(), stage, &step::stage);
  context_.current->steps_begun = static_cast<std::size_t>(first - steps().begin());
  advance();
}

void attempt_steps::repeat() {
  (this->*latest_step().take)();
}

void attempt_steps::enter(const step& next) {
  context_.change_stage(next.stage);
  // The stage `recording` is reported by its first step, for which the answer matters.
  if (next.stage != job_stage::recording) {
    tell(
        context_.options.peers.queue, report_atom_v, context_.current->id(),
        job_progress{next.stage, next.percent}
    );
  }
}

template <class Answer, class Then, class Else, class Peer, class... Args>
void attempt_steps::ask_or_else(
    milliseconds timeout, const Peer& peer, Then then, Else or_else, Args... args
) {
  const auto is_wanted = [this, id = context_.current->id()] { return context_.is_running(id); };
  context_.self->request(peer, timeout, std::move(args)...)
      .then(
          [is_wanted, then](Answer& answer) {
            if (is_wanted()) {
              then(answer);
            }
          },
          [is_wanted, or_else](const caf::error& why) {
            if (is_wanted()) {
              or_else(to_failure(why));
            }
          }
      );
}

template <class Answer, class Then, class Peer, class... Args>
void attempt_steps::ask(milliseconds timeout, const Peer& peer, Then then, Args... args) {
  const auto fail = [this](const failure& error) { report_.fail(error); };
  ask_or_else<Answer>(timeout, peer, std::move(then), fail, std::move(args)...);
}

void attempt_steps::retry_or_fail(const failure& error) {
  if (is_outage(error.kind)) {
    take_step_again(error, retry_pause);
  } else {
    report_.fail(error);
  }
}

void attempt_steps::await_store(const failure& error) {
  attempt& current = *context_.current;
  const bool is_paid_for = current.job.request.type == job_type::image_conversion;
  if (is_outage(error.kind) || !is_paid_for) {
    current.refusal = {};
    retry_or_fail(error);
    return;
  }
  // Should it not be mended in time, this is what the job ends with: another attempt, as after a
  // time-out, would be paid for once more and end the same way.
  current.refusal = error;
  take_step_again(error, mending_pause);
}

void attempt_steps::take_step_again(const failure& error, milliseconds pause) {
  const attempt_id id = context_.current->id();
  log.warning(
      "a picture that was made has to wait", {{"jobId", id.job},
                                              {"attempt", id.token},
                                              {"worker", context_.options.worker_id},
                                              {"traceId", trace_id_text(context_.current->trace())},
                                              {"errorClass", error.kind},
                                              {"reason", error.message}}
  );
  context_.self->delayed_send(context_.self, pause, retry_step_atom_v, id);
}

void attempt_steps::mark_processing() {
  const job& marked = context_.current->job;
  if (!policies::has_conversion(marked)) {
    advance();
    return;
  }
  const auto refused = [this](const failure& error) {
    error.kind == error_class::conflict ? adopt_recorded_result() : report_.fail(error);
  };
  ask_or_else<unit_value>(
      peer_timeout, context_.options.peers.records, [this](unit_value) { advance(); }, refused,
      record_atom_v,
      policies::make_conversion_update(
          marked, job_status::processing, context_.options.clock->now()
      )
  );
}

void attempt_steps::adopt_recorded_result() {
  // An earlier attempt got as far as the record and then lost its worker: what it made counts, and
  // is not paid for twice.
  const auto found = [this](const image_record& stored) {
    describe_result(context_.current->job.result, stored);
    skip_to(job_stage::notifying);
  };
  const auto recorded = [this, found](const conversion_update& record) {
    if (record.attempt.job != context_.current->job.id || record.status != job_status::completed) {
      report_.fail(
          {error_class::conflict, "the conversion has gone on with job "
                                      + to_string(record.attempt.job)
                                      + " since: this one is superseded"}
      );
      return;
    }
    ask<image_record>(
        peer_timeout, context_.options.peers.library, found, find_atom_v, record.result_image_id
    );
  };
  ask<conversion_update>(
      peer_timeout, context_.options.peers.records, recorded, fetch_atom_v,
      context_.current->job.request.conversion_id
  );
}

void attempt_steps::prepare_pair() {
  attempt_images& images = context_.current->images;
  images.sources.resize(2);
  images.signatures.resize(2);
  const auto prepare = [this](std::size_t place, const std::string& id) {
    const auto prepared = [this, place](prepared_image& ready) {
      record_source(ready.times);
      attempt_images& all = context_.current->images;
      all.sources[place] = std::move(ready.picture);
      all.signatures[place] = ready.signature;
      if (std::ranges::count(all.sources, nullptr, &encoded_image::bytes) == 0) {
        advance();
      }
    };
    ask<prepared_image>(
        context_.time_left(), context_.options.peers.images, prepared, prepare_atom_v, id
    );
  };
  const auto& wanted = context_.current->job.request.payload;
  prepare(0, wanted.user_image_id);
  prepare(1, wanted.cloth_image_id);
}

void attempt_steps::record_source(const source_times& times) {
  const auto add = [this](
                       std::string_view name, source_times::moment begin, source_times::moment end
                   ) {
    const adapters::open_span& step = context_.current->step;
    if (!step || begin == source_times::moment{}) {
      return;
    }
    adapters::span part = adapters::begin_span(step->place, name, adapters::span_kind::internal);
    part.began = begin;
    part.ended = end;
    context_.current->step_parts.push_back(std::move(part));
  };
  add(adapters::span_names::fetch_image, times.fetch_began, times.fetch_ended);
  add(adapters::span_names::decode_image, times.codec_began, std::chrono::system_clock::now());
}

void attempt_steps::open_call() {
  // The ledger has the call before it is sent: if this process ends now, it is known that it may
  // have been paid for.
  ask<unit_value>(
      peer_timeout, context_.options.peers.queue, [this](unit_value) { advance(); },
      open_call_atom_v, context_.current->id()
  );
}

void attempt_steps::generate() {
  const auto made = [this](generation_result& result) {
    settle_call({error_class::none, result.is_shared ? 0 : result.usage.total_tokens, result.cost});
    attempt& current = *context_.current;
    current.job.result.model_version = result.model_version;
    current.job.result.cached = result.is_shared;
    current.images.generated = std::move(result);
    advance();
  };
  const auto failed = [this](const failure& error) {
    if (is_answer(error.kind)) {
      settle_call({error.kind, 0, 0});
    }
    report_.fail(error);
  };
  const milliseconds deadline = context_.time_left();
  // The client keeps the deadline; the margin only covers the way back.
  ask_or_else<generation_result>(
      deadline + peer_timeout, context_.options.peers.gemini, made, failed, generate_atom_v,
      make_generation_request(*context_.current, deadline, context_.options.config)
  );
}

void attempt_steps::settle_call(const call_settlement& settlement) {
  tell(context_.options.peers.queue, settle_call_atom_v, context_.current->id(), settlement);
}

void attempt_steps::finish_image() {
  attempt_images& images = context_.current->images;
  const auto finished = [this](finished_image& ready) {
    cache_generated();
    context_.current->images.signatures.clear();
    context_.current->images.finished = std::move(ready);
    advance();
  };
  ask_or_else<finished_image>(
      context_.time_left(), context_.options.peers.images, finished,
      [this](const failure& error) { retry_or_fail(error); }, finish_atom_v, images.generated.image,
      output_format_of(context_.current->job), images.signatures
  );
}

void attempt_steps::cache_generated() {
  // Only now: a cached result that is no image would be given to the next attempt, too.
  const generation_result made = std::exchange(context_.current->images.generated, {});
  const result_cache_actor& cache = context_.options.peers.cache;
  if (made.is_cacheable && cache) {
    const std::string& user = context_.current->job.request.user_id;
    tell(
        cache, store_atom_v, made.key,
        cached_result{made.image, made.mime_type, made.model_version, user}
    );
  }
}

void attempt_steps::transform() {
  const auto finished = [this](finished_image& ready) {
    context_.current->images.finished = std::move(ready);
    advance();
  };
  const auto& wanted = context_.current->job.request.payload;
  ask<finished_image>(
      context_.time_left(), context_.options.peers.images, finished, transform_atom_v,
      wanted.image_id, wanted.operations
  );
}

void attempt_steps::upload() {
  const auto uploaded = [this](const image_record& stored) {
    attempt& current = *context_.current;
    current.owns_result = true;
    current.refusal = {};
    current.images.finished = {};
    describe_result(current.job.result, stored);
    advance();
  };
  ask_or_else<image_record>(
      peer_timeout, context_.options.peers.library, uploaded,
      [this](const failure& error) { await_store(error); }, store_atom_v,
      make_result_image(*context_.current)
  );
}

void attempt_steps::pass_point_of_no_return() {
  // From here on the job can no longer be cancelled: a record that says "completed" must not belong
  // to a job that says "cancelled".
  const step& now = latest_step();
  ask_or_else<unit_value>(
      peer_timeout, context_.options.peers.queue, [this](unit_value) { advance(); },
      [this](const failure& error) { retry_or_fail(error); }, report_atom_v, context_.current->id(),
      job_progress{now.stage, now.percent}
  );
}

void attempt_steps::write_record() {
  attempt& current = *context_.current;
  if (!policies::has_conversion(current.job)) {
    advance();
    return;
  }
  // A result that the record may name stays, however this attempt ends: the next one adopts it. So
  // does one that is paid for, and not recorded for no fault of its own.
  current.owns_result = false;
  const auto refused = [this](const failure& error) {
    const bool is_of_another = error.kind == error_class::conflict;
    context_.current->owns_result = is_of_another;
    is_of_another ? report_.fail(error) : await_store(error);
  };
  const auto recorded = [this](unit_value) {
    context_.current->refusal = {};
    advance();
  };
  ask_or_else<unit_value>(
      peer_timeout, context_.options.peers.records, recorded, refused, record_atom_v,
      policies::make_conversion_update(
          current.job, job_status::completed, context_.options.clock->now()
      )
  );
}

void attempt_steps::notify() {
  // A notification that cannot be handed over never fails a job.
  ask_or_else<unit_value>(
      peer_timeout, context_.options.peers.notifier, [this](unit_value) { advance(); },
      [this](const failure&) { advance(); }, notify_atom_v,
      policies::make_notification(
          context_.current->job, job_status::completed, context_.options.clock->now()
      )
  );
}

}  // namespace stayler::actors
