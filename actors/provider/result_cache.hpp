// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/result_cache/result_cache.hpp"
#include "messages/protocol.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace stayler::actors {

/// What bounds the cache, according to the settings.
adapters::result_cache_limits result_cache_limits_from(const settings& config);

struct result_cache_options {
  std::shared_ptr<adapters::result_cache> cache;
  settings config;
  metrics_actor metrics;
  /// Gets a line about a fault of the cache, once a minute at most.
  std::function<void(const std::string&)> log;
  milliseconds purge_interval{60'000};
};

/// What the actor tells itself, beside its public interface.
using result_cache_impl = result_cache_actor::extend<
    /// Time to remove what is too old.
    caf::reacts_to<purge_cache_atom>>;

/// Serves a result cache, one call at a time. Whatever is wrong with it, those who ask get a miss:
/// a call to the provider more, never a failed job.
class result_cache_state {
 public:
  static inline const char* name = "result_cache";

  using pointer = result_cache_impl::stateful_pointer<result_cache_state>;

  explicit result_cache_state(pointer self) : self_(self) {}

  result_cache_impl::behavior_type make_behavior(result_cache_options options);

 private:
  cache_lookup find(const content_hash& key);
  void store(const content_hash& key, const cached_result& entry);
  [[nodiscard]] cache_status status() const;
  void change_settings(settings& changed);

  [[nodiscard]] bool is_on() const { return options_.config.result_cache_max_bytes > 0; }
  /// Now, and from now on after each interval.
  void purge_regularly();
  void purge();
  void note(const failure& fault);
  void tell_metrics(std::uint32_t hits, std::uint32_t misses);

  pointer self_;
  result_cache_options options_;
  std::uint64_t hits_ = 0;
  std::uint64_t misses_ = 0;
  std::optional<caf::actor_clock::time_point> last_line_;
};

/// Its calls wait for a disk: spawn it detached.
result_cache_impl::behavior_type result_cache(
    result_cache_state::pointer self, result_cache_options options
);

}  // namespace stayler::actors
