// SPDX-License-Identifier: MIT
#include "actors/provider/client/setup_check.hpp"

#include "adapters/gemini/provider_keys.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::gemini::log;
using verdict = provider_check::verdict;

constexpr milliseconds answer_timeout{10'000};
constexpr milliseconds first_pause{2'000};
constexpr milliseconds longest_pause{300'000};

bool asks_the_same(const gemini_settings& a, const gemini_settings& b) {
  return a.base_url == b.base_url && a.api_key == b.api_key && a.model == b.model
         && a.fallback_models == b.fallback_models;
}

}  // namespace

void setup_check::begin(
    gemini_client_impl::pointer self,
    std::shared_ptr<adapters::http_client> http,
    std::shared_ptr<const adapters::wall_clock> clock
) {
  self_ = self;
  http_ = std::move(http);
  clock_ = std::move(clock);
}

setup_check::~setup_check() {
  cancel();
}

void setup_check::cancel() {
  if (const auto ticket = std::exchange(ticket_, {})) {
    http_->cancel(*ticket);
  }
}

void setup_check::configure(const gemini_settings& config) {
  if (http_ != nullptr && (!asked_about_ || !asks_the_same(*asked_about_, config))) {
    asked_about_ = config;
    restart(config);
  }
}

void setup_check::restart(const gemini_settings& config) {
  cancel();
  status_ = {};
  failed_ = 0;
  questions_.clear();
  for (adapters::setup_probe& probe : adapters::make_setup_probes(config)) {
    questions_.push_back({std::move(probe), {}, false});
  }
  if (questions_.empty()) {
    ++round_;
    conclude({verdict::broken, "GEMINI_API_KEY is empty: no picture can be made", {}});
    return;
  }
  ask(++round_);
}

void setup_check::ask(std::uint64_t round) {
  if (round == round_) {
    place_ = 0;
    ask_next();
  }
}

void setup_check::ask_next() {
  while (place_ < questions_.size() && questions_[place_].is_proven) {
    ++place_;
  }
  if (place_ == questions_.size()) {
    conclude_round();
    return;
  }
  const auto client = caf::actor_cast<caf::actor>(self_);
  ticket_ = http_->send(
      adapters::make_probe_request(questions_[place_].probe, answer_timeout),
      [client, round = round_](auto outcome) {
        caf::anon_send(client, check_setup_atom_v, round, http_outcome{std::move(outcome)});
      }
  );
}

void setup_check::answered(std::uint64_t round, const http_outcome& outcome) {
  if (round != round_ || !ticket_) {
    return;
  }
  ticket_.reset();
  question& asked = questions_[place_];
  asked.finding = std::visit(
      [&](const auto& content) { return adapters::read_probe_answer(asked.probe, content); },
      outcome.content
  );
  ++place_;
  ask_next();
}

void setup_check::conclude_round() {
  const auto is_worse = [](const question& a, const question& b) {
    return a.finding.is < b.finding.is;
  };
  // The first of those that are worst.
  provider_check worst = std::ranges::max_element(questions_, is_worse)->finding;
  const bool is_done = worst.is == verdict::works;
  conclude(std::move(worst));
  // What was planned for this round is void.
  ++round_;
  if (is_done) {
    failed_ = 0;
    return;
  }
  const milliseconds pause = std::min(longest_pause, first_pause * (1U << std::min(failed_, 10U)));
  ++failed_;
  self_->delayed_send(self_, pause, check_setup_atom_v, round_);
}

void setup_check::conclude(provider_check found) {
  found.at = clock_->now();
  if (found.is != status_.is || found.problem != status_.problem) {
    if (found.is == verdict::works) {
      log.info("the provider's address, key and model work");
    } else {
      log.warning("something in the provider's setup does not work", {{"reason", found.problem}});
    }
  }
  status_ = std::move(found);
}

void setup_check::note_picture(const std::string& key_id, const std::string& model) {
  if (http_ == nullptr || status_.is == verdict::works) {
    return;
  }
  bool is_news = false;
  for (question& each : questions_) {
    if (!each.is_proven && each.probe.model == model
        && adapters::key_id_of(each.probe.key) == key_id) {
      each.is_proven = is_news = true;
      each.finding = {verdict::works, {}, {}};
    }
  }
  const auto is_known = [](const question& each) { return each.finding.is != verdict::unknown; };
  if (is_news && std::ranges::all_of(questions_, is_known)) {
    cancel();
    conclude_round();
  }
}

}  // namespace stayler::actors
