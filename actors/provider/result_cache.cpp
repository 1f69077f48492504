// SPDX-License-Identifier: MIT
#include "actors/provider/result_cache.hpp"

#include "actors/supervision/supervised.hpp"
#include "actors/support/handle.hpp"

#include <utility>

namespace stayler::actors {

namespace {

constexpr std::chrono::minutes pause_between_lines{1};

}  // namespace

adapters::result_cache_limits result_cache_limits_from(const settings& config) {
  return {config.result_cache_max_bytes, config.result_cache_max_age};
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

void result_cache_state::change_settings(settings& changed) {
  options_.config = std::move(changed);
  options_.cache->limit(result_cache_limits_from(options_.config));
  purge();
}

void result_cache_state::purge_regularly() {
  purge();
  self_->delayed_send(self_, options_.purge_interval, purge_cache_atom_v);
}

void result_cache_state::purge() {
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

result_cache_impl::behavior_type result_cache_state::make_behavior(result_cache_options options) {
  install_supervision(self_);
  options_ = std::move(options);
  options_.cache->limit(result_cache_limits_from(options_.config));
  purge_regularly();
  using self = result_cache_state;
  return {
      handle<find_atom>(*this, &self::find),
      handle<store_atom>(*this, &self::store),
      handle<status_atom>(*this, &self::status),
      handle<settings_atom>(*this, &self::change_settings),
      handle<purge_cache_atom>(*this, &self::purge_regularly),
  };
}

result_cache_impl::behavior_type result_cache(
    result_cache_state::pointer self, result_cache_options options
) {
  return self->state.make_behavior(std::move(options));
}

}  // namespace stayler::actors
