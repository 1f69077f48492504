// SPDX-License-Identifier: MIT
#include "adapters/image_codec/process/process_image_codec.hpp"

#include "adapters/image_codec/probe/examination.hpp"
#include "adapters/image_codec/process/codec_pool.hpp"
#include "adapters/image_codec/process/codec_reply.hpp"
#include "adapters/image_codec/process/deadly_pictures.hpp"
#include "messages/base/duration.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace stayler::adapters {

namespace {

using clock = codec_pool::clock;
using attempt_outcome = std::variant<result<codec_reply>, codec_loss>;

failure invalid(std::string message) {
  return {error_class::invalid_input, std::move(message), {}};
}

class codec_of_processes final : public image_codec {
 public:
  codec_of_processes(
      const process_image_codec_options& options, std::unique_ptr<codec_pool> processes
  )
      : options_(options), processes_(std::move(processes)) {}

  result<sanitized_image> sanitize(const shared_bytes& bytes) override {
    codec_call call;
    call.operation = codec_operation::sanitize;
    image_info source;
    auto reply = make_call(call, bytes, source);
    if (!reply) {
      return std::move(reply).error();
    }
    return sanitized_image{{std::move(reply->picture), std::move(reply->thumbnail)}, source.format};
  }

  result<prepared_image> prepare(const shared_bytes& bytes) override {
    codec_call call;
    call.operation = codec_operation::prepare;
    image_info source;
    auto reply = make_call(call, bytes, source);
    if (!reply) {
      return std::move(reply).error();
    }
    return prepared_image{std::move(reply->picture), reply->signature};
  }

  result<finished_image> finish(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  ) override {
    codec_call call;
    call.operation = codec_operation::finish;
    call.format = format;
    if (inputs.size() > call.inputs.size()) {
      return failure{error_class::internal_bug, "too many inputs to compare a picture with", {}};
    }
    std::ranges::copy(inputs, call.inputs.begin());
    call.input_count = static_cast<std::uint32_t>(inputs.size());
    auto finished = finished_by(call, bytes);
    if (!finished && finished.error().kind == error_class::invalid_input) {
      finished.error().kind = error_class::no_image;
    }
    return finished;
  }

  result<finished_image> transform(
      const shared_bytes& bytes, const std::vector<image_operation>& operations
  ) override {
    codec_call call;
    call.operation = codec_operation::transform;
    if (operations.size() > call.operations.size()) {
      return invalid(
          std::to_string(operations.size()) + " operations; allowed: up to "
          + std::to_string(call.operations.size())
      );
    }
    std::ranges::copy(operations, call.operations.begin());
    call.operation_count = static_cast<std::uint32_t>(operations.size());
    return finished_by(call, bytes);
  }

  [[nodiscard]] codec_status status() const override { return processes_->status(); }

 private:
  result<finished_image> finished_by(codec_call& call, const shared_bytes& bytes) {
    image_info source;
    auto reply = make_call(call, bytes, source);
    if (!reply) {
      return std::move(reply).error();
    }
    return finished_image{std::move(reply->picture), std::move(reply->thumbnail)};
  }

  /// Has the call made, twice at most, and says what the bytes are by their header.
  result<codec_reply> make_call(codec_call& call, const shared_bytes& bytes, image_info& source) {
    const std::span<const std::byte> picture =
        bytes != nullptr ? std::span{*bytes} : std::span<const std::byte>{};
    const auto header = examine(picture, options_.limits);
    if (!header) {
      return header.error();
    }
    source = header->info;
    if (auto known = deadly_.find(picture, clock::now())) {
      return std::move(*known);
    }
    const auto began = clock::now();
    auto outcome = attempt(call, picture, {});
    if (const auto* why = std::get_if<codec_loss>(&outcome)) {
      processes_->count_retry();
      // Who kills one process may be about to kill the others: that would not be the picture's
      // doing, so one is waited for that was started since. Its replacement may be there already.
      const bool was_killed = *why == codec_loss::killed;
      outcome = attempt(call, picture, was_killed ? began : clock::time_point{});
    }
    if (const auto* why = std::get_if<codec_loss>(&outcome)) {
      failure refusal = invalid("the picture could not be decoded: " + describe(*why));
      deadly_.remember(picture, refusal, clock::now());
      return refusal;
    }
    return std::get<result<codec_reply>>(std::move(outcome));
  }

  attempt_outcome attempt(
      codec_call& call, std::span<const std::byte> picture, clock::time_point born_after
  ) {
    auto child = processes_->take(clock::now() + options_.call_timeout, born_after);
    if (!child) {
      return result<codec_reply>{std::move(child).error()};
    }
    const auto deadline = clock::now() + options_.call_timeout;
    const auto answered = (*child)->make_call(call, picture, deadline);
    if (const auto* why = std::get_if<codec_loss>(&answered)) {
      processes_->bury(std::move(*child), *why);
      return *why;
    }
    auto reply = read_answer(std::get<codec_answer>(answered), call, (*child)->output());
    if (!reply) {
      processes_->bury(std::move(*child), codec_loss::misbehaved);
      return codec_loss::misbehaved;
    }
    processes_->give_back(std::move(*child));
    return std::move(*reply);
  }

  [[nodiscard]] std::string describe(codec_loss why) const {
    switch (why) {
      case codec_loss::timeout:
        return "it took longer than " + format_duration(options_.call_timeout) + " twice";
      case codec_loss::killed:
        return "the decoder was killed over it twice";
      case codec_loss::forbidden_call:
        return "the decoder tried what it must not do twice";
      case codec_loss::misbehaved:
        return "the decoder's answer made no sense twice";
      case codec_loss::start_failed:
      case codec_loss::crashed:
        break;
    }
    return "the decoder crashed on it twice";
  }

  process_image_codec_options options_;
  std::unique_ptr<codec_pool> processes_;
  deadly_pictures deadly_;
};

}  // namespace

result<std::unique_ptr<image_codec>> make_process_image_codec(
    const process_image_codec_options& options
) {
  codec_pool_options pool;
  pool.child = {options.program, options.limits, options.sandbox};
  pool.size = options.processes;
  pool.max_calls = options.max_calls;
  auto started = codec_pool::start(pool);
  if (!started) {
    return std::move(started).error();
  }
  return std::unique_ptr<image_codec>{
      std::make_unique<codec_of_processes>(options, std::move(*started))};
}

}  // namespace stayler::adapters
