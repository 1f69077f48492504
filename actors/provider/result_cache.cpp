// SPDX-License-Identifier: MIT
#include "actors/provider/result_cache.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/failure.hpp"

#include <utility>

namespace stayler::actors {

namespace {

constexpr std::chrono::minutes pause_between_lines{1};

}  // namespace

adapters::result_cache_limits result_cache_limits_from(const settings& config) {
  return {config.result_cache_max_bytes, config.result_cache_max_age};
}

void result_cache_state::begin(pointer self, result_cache_options options) {
  self_ = self;
  install_supervision(self);
  options_ = std::move(options);
  options_.cache->limit(result_cache_limits_from(options_.config));
  sweep();
}

cache_lookup result_cache_state::find(const content_hash& key) {
  if (!is_on()) {
    return {};
  }
  auto found = options_.cache->find(key);
  if (!found) {
    note(found.error());
  }
  const bool is_hit = found && found->has_value();
  ++(is_hit ? hits_ : misses_);
  tell_metrics(is_hit ? 1 : 0, is_hit ? 0 : 1);
  return is_hit ? cache_lookup{true, std::move(**found)} : cache_lookup{};
}

void result_cache_state::store(const content_hash& key, const cached_result& entry) {
  if (!is_on()) {
    return;
  }
  if (const auto stored = options_.cache->store(key, entry); !stored) {
    note(stored.error());
  }
  tell_metrics(0, 0);
}

cache_status result_cache_state::status() const {
  const auto usage = options_.cache->usage();
  return {usage.entries, usage.bytes, hits_, misses_};
}

void result_cache_state::change_settings(const settings& changed) {
  options_.config = changed;
  options_.cache->limit(result_cache_limits_from(changed));
  clean_up();
}

void result_cache_state::sweep() {
  clean_up();
  self_->delayed_send(self_, options_.sweep_interval, purge_atom_v);
}

void result_cache_state::clean_up() {
  if (const auto purged = options_.cache->purge(); !purged) {
    note(purged.error());
  }
  tell_metrics(0, 0);
}

void result_cache_state::note(const failure& fault) {
  const auto now = self_->clock().now();
  if (!last_line_ || now - *last_line_ >= pause_between_lines) {
    last_line_ = now;
    options_.log(fault.message);
  }
}

void result_cache_state::tell_metrics(std::uint32_t hits, std::uint32_t misses) {
  const auto usage = options_.cache->usage();
  self_->send(options_.metrics, cache_event{hits, misses, usage.entries, usage.bytes});
}

result_cache_impl::behavior_type result_cache(
    result_cache_state::pointer self, result_cache_options options
) {
  self->state.begin(self, std::move(options));
  auto& state = self->state;
  return {
      [&state](find_atom, const content_hash& key) { return state.find(key); },
      [&state](store_atom, const content_hash& key, const cached_result& entry) {
        state.store(key, entry);
      },
      [&state](status_atom) { return state.status(); },
      [&state](settings_atom, const settings& changed) { state.change_settings(changed); },
      [&state](purge_atom) { state.sweep(); },
  };
}

}  // namespace stayler::actors
