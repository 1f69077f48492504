// SPDX-License-Identifier: MIT
#include "adapters/outbox/memory_outbox.hpp"

#include <algorithm>
#include <map>
#include <mutex>

namespace stayler::adapters {

namespace {

class memory_outbox final : public outbox {
 public:
  result<std::vector<std::string>> execute(const outbox_batch& batch) override {
    const std::scoped_lock lock{mutex_};
    std::vector<std::string> repeated;
    for (const outbox_entry& entry : batch.added) {
      const bool is_new = kept_.try_emplace(entry.event.event_id, kept{entry}).second;
      if (!is_new) {
        repeated.push_back(entry.event.event_id);
      }
    }
    for (const outbox_update& update : batch.updates) {
      const auto found = kept_.find(update.event_id);
      if (found != kept_.end() && found->second.state == outbox_state::open) {
        found->second.state = update.state;
        found->second.entry.due_at = update.at;
        found->second.entry.tries = update.tries;
      }
    }
    return repeated;
  }

  result<std::vector<outbox_entry>> list_open() override {
    const std::scoped_lock lock{mutex_};
    std::vector<outbox_entry> open;
    for (const auto& [id, one] : kept_) {
      if (one.state == outbox_state::open) {
        open.push_back(one.entry);
      }
    }
    std::ranges::stable_sort(open, {}, &outbox_entry::created_at);
    return open;
  }

  void_result purge(timestamp ended_before) override {
    const std::scoped_lock lock{mutex_};
    std::erase_if(kept_, [ended_before](const auto& one) {
      return one.second.state != outbox_state::open && one.second.entry.due_at < ended_before;
    });
    return ok();
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return false; }

 private:
  struct kept {
    outbox_entry entry;  ///< due_at: once ended, when that was
    outbox_state state = outbox_state::open;
  };

  std::mutex mutex_;
  std::map<std::string, kept> kept_;
};

}  // namespace

std::unique_ptr<outbox> make_memory_outbox() {
  return std::make_unique<memory_outbox>();
}

}  // namespace stayler::adapters
