// SPDX-License-Identifier: MIT
#include "actors/provider/client/gemini_client.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/failure.hpp"
#include "adapters/gemini/model_list.hpp"
#include "adapters/gemini/wire/gemini_wire.hpp"
#include "adapters/result_cache/result_key.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

constexpr std::chrono::seconds cache_timeout{5};

/// How much longer than its deadline a call's permit is waited for: those who give it keep the
/// deadline themselves, unless they are out of reach.
constexpr std::chrono::seconds permit_margin{10};

/// Until a call for which no permit came in time is tried again.
constexpr milliseconds try_again{1'000};

}  // namespace

void gemini_client_state::begin(pointer self, gemini_client_options options) {
  self_ = self;
  install_supervision(self);
  options_ = std::move(options);
  if (options_.checks_setup) {
    setup_.begin(self, options_.http, options_.clock);
  }
  configure();
}

void gemini_client_state::configure() {
  const gemini_settings& config = options_.config.gemini;
  keys_ = adapters::parse_provider_keys(config.api_key);
  // The option table has checked the text.
  price_table_ = adapters::read_prices(config.prices).value();
  models_ = adapters::models_of(config);
  without_flex_.clear();
  setup_.configure(config);
}

void gemini_client_state::change_settings(settings& changed) {
  options_.config = std::move(changed);
  configure();
}

milliseconds gemini_client_state::time_left(const generation_call& call) const {
  return std::max(milliseconds{1}, call.deadline - date());
}

milliseconds gemini_client_state::longest_call(const generation_request& request) const {
  const gemini_settings& config = options_.config.gemini;
  return request.can_wait ? config.flex_timeout : config.timeout;
}

const adapters::model_prices& gemini_client_state::prices(const std::string& model) const {
  return adapters::prices_of(price_table_, model);
}

micro_dollars gemini_client_state::highest_price(const generation_request& request) const {
  micro_dollars highest = 0;
  for (const std::string& model : models_) {
    highest = std::max(highest, adapters::highest_price(request, prices(model)));
  }
  return highest;
}

caf::result<generation_result> gemini_client_state::generate(generation_request& request) {
  if (const auto sendable = adapters::check_generate_request(request, options_.config.gemini);
      !sendable) {
    return to_error(sendable.error());
  }
  abort(request.attempt);
  const std::uint64_t number = ++last_number_;
  generation_call& call = calls_[number];
  const milliseconds longest = longest_call(request);
  call.deadline = date() + (request.deadline.count() > 0 ? request.deadline : longest);
  call.can_wait = request.can_wait;
  call.answer = make_shared_reply_promise<generation_result>(self_);
  numbers_[request.attempt] = number;
  if (!request.no_cache) {
    const bool is_for_all = options_.config.result_cache_scope == "all";
    call.key = adapters::make_result_key(
        request, options_.config.gemini.model,
        is_for_all ? adapters::result_scope::all : adapters::result_scope::user
    );
  }
  call.spans = call_spans{options_.spans, request};
  call.request = std::move(request);
  if (!call.key) {
    request_permit(number);
  } else if (const auto [entry, is_first] = shared_requests_.try_emplace(share_of(call));
             is_first) {
    entry->second.first = number;
    look_up(number);
  } else {
    entry->second.others.push_back(number);
  }
  return caf::delegated<generation_result>{};
}

void gemini_client_state::look_up(std::uint64_t number) {
  if (!options_.cache) {
    request_permit(number);
    return;
  }
  const auto found = [this, number](cache_lookup& lookup) {
    const auto call = calls_.find(number);
    if (call == calls_.end()) {
      return;
    }
    if (!lookup.is_hit) {
      request_permit(number);
      return;
    }
    generation_result made;
    made.image = std::move(lookup.result.image);
    made.mime_type = std::move(lookup.result.mime_type);
    made.model_version = std::move(lookup.result.model_version);
    made.is_shared = true;
    complete(call, made);
  };
  self_->request(options_.cache, cache_timeout, find_atom_v, *calls_[number].key)
      .then(found, [this, number](const caf::error&) { request_permit(number); });
}

void gemini_client_state::request_permit(std::uint64_t number, bool requeue_first) {
  const auto entry = calls_.find(number);
  if (entry == calls_.end()) {
    return;
  }
  generation_call& call = entry->second;
  const generation_request& request = call.request;
  call.spans.permit_wanted();
  call_request wanted{
      request.attempt, request.user_id, highest_price(request), time_left(call), requeue_first};
  const auto wait = wanted.time_left + permit_margin;
  self_->request(options_.limits, wait, admit_atom_v, std::move(wanted))
      .then(
          [this, number](const call_permit& permit) { on_permit(number, permit); },
          [this, number](const caf::error& error) { on_no_permit(number, to_failure(error)); }
      );
}

void gemini_client_state::on_permit(std::uint64_t number, const call_permit& permit) {
  const auto call = calls_.find(number);
  if (call == calls_.end()) {
    return;  // it was settled when it was aborted
  }
  call->second.spans.permit_answered(error_class::none);
  const auto key = std::ranges::find(keys_, permit.key_id, &adapters::provider_key::id);
  if (key != keys_.end()) {
    call->second.key_id = permit.key_id;
    call->second.model = permit.model.empty() ? models_.front() : permit.model;
    send(call, key->text);
    return;
  }
  settle_unmade(call->second);
  fail(
      call, {error_class::authentication,
             "the coordinator chose an API key that is not in this node's GEMINI_API_KEY: it has "
             "to be the same on all nodes",
             {}}
  );
}

void gemini_client_state::on_no_permit(std::uint64_t number, const failure& why) {
  const auto call = calls_.find(number);
  if (call == calls_.end()) {
    return;
  }
  call->second.spans.permit_answered(why.kind);
  if (why.kind == error_class::timeout) {
    settle_unmade(call->second);
    fail(call, {error_class::held, "no permit for the call came in time", try_again});
  } else if (why.kind == error_class::held && call->second.refusal) {
    fail(call, call->second.refusal);
  } else {
    fail(call, why);
  }
}

void gemini_client_state::settle_unmade(const generation_call& call) {
  self_->send(
      options_.limits, settle_atom_v,
      call_outcome{call.request.attempt, call.request.user_id, false, {}, {}, false}
  );
}

gemini_client_impl::behavior_type gemini_client_state::make_behavior() {
  return {
      [this](generate_atom, generation_request& request) { return generate(request); },
      [this](abort_atom, const attempt_id& attempt) { abort(attempt); },
      [this](status_atom) { return setup_.status(); },
      [this](settings_atom, settings& changed) { change_settings(changed); },
      [this](http_done_atom, std::uint64_t number, http_outcome& outcome) {
        on_http_outcome(number, outcome);
      },
      [this](resend_atom, std::uint64_t number) { send_again(number); },
      [this](body_taken_atom, std::uint64_t number, std::uint32_t send) {
        on_body_taken(number, send);
      },
      [this](release_atom, std::uint64_t number, std::uint32_t send) {
        release_images(number, send);
      },
      [this](check_setup_atom, std::uint64_t round) { setup_.ask(round); },
      [this](check_setup_atom, std::uint64_t round, const http_outcome& outcome) {
        setup_.answered(round, outcome);
      },
  };
}

gemini_client_impl::behavior_type gemini_client(
    gemini_client_state::pointer self, gemini_client_options options
) {
  self->state.begin(self, std::move(options));
  return self->state.make_behavior();
}

}  // namespace stayler::actors
