// SPDX-License-Identifier: MIT
#include "actors/provider/client/call_spans.hpp"

#include "adapters/tracing/span_names.hpp"
#include "adapters/tracing/trace_headers.hpp"
#include "messages/provider/dollars.hpp"

#include <utility>

namespace stayler::actors {

namespace {

namespace names = adapters::span_names;
namespace attributes = adapters::attributes;

}  // namespace

call_spans::call_spans(adapters::span_buffer_ptr spans, const generation_request& request)
    : spans_(std::move(spans)),
      attempt_(request.trace),
      whole_(adapters::start_span(spans_, attempt_, names::generate, adapters::span_kind::client)) {
  if (whole_) {
    whole_->set(attributes::gen_ai_operation, names::generate)
        .set(attributes::gen_ai_provider, "gcp.gemini")
        .set(attributes::gen_ai_output_type, "image")
        .set(attributes::message_id, to_string(request.attempt.job));
  }
}

const trace_context& call_spans::place() const {
  return whole_ ? whole_->place : attempt_;
}

void call_spans::permit_wanted() {
  permit_ =
      adapters::start_span(spans_, place(), names::wait_for_permit, adapters::span_kind::internal);
}

void call_spans::permit_answered(error_class error) {
  end_part(permit_, error);
}

void call_spans::end_part(adapters::open_span& part, error_class error) {
  if (auto ended = adapters::finish_span(part, error)) {
    parts_.push_back(*std::move(ended));
  }
}

void call_spans::sent(
    std::uint32_t number, const std::string& model, adapters::http_request* headers
) {
  post_ = adapters::start_span(spans_, place(), names::post, adapters::span_kind::client);
  if (post_) {
    post_->set(attributes::http_method, "POST").set(attributes::gen_ai_request_model, model);
    if (number > 1) {
      post_->set(attributes::http_resend_count, number - 1);
    }
  }
  if (headers != nullptr) {
    adapters::add_trace_headers(post_ ? post_->place : place(), headers->headers);
  }
  if (whole_) {
    whole_->name = std::string{names::generate} + " " + model;
  }
}

void call_spans::answered(std::uint32_t http_status, error_class error) {
  if (post_ && http_status != 0) {
    post_->set(attributes::http_status, http_status);
  }
  end_part(post_, error);
}

void call_spans::made(const generation_result& result) {
  if (whole_) {
    whole_->set(attributes::gen_ai_response_model, result.model_version)
        .set(attributes::shared, result.is_shared);
    if (!result.is_shared) {
      whole_->set(attributes::gen_ai_response_id, result.response_id)
          .set(attributes::gen_ai_input_tokens, result.usage.prompt_tokens)
          .set(attributes::gen_ai_output_tokens, result.usage.output_tokens)
          .set(attributes::cost, in_dollars(result.cost));
    }
  }
  adapters::end_span(spans_, whole_, parts_, error_class::none);
}

void call_spans::failed(error_class error) {
  end_part(permit_, error);
  end_part(post_, error);
  adapters::end_span(spans_, whole_, parts_, error);
}

}  // namespace stayler::actors
