// SPDX-License-Identifier: MIT
#include "adapters/outbox/memory_outbox.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

namespace stayler::adapters {

namespace {

struct kept_entry {
  outbox_entry entry;  ///< due_at: once ended, when that was
  outbox_state state = outbox_state::open;
};

auto age_of(const kept_entry& one) {
  return std::tie(one.entry.created_at, one.entry.event.event_id);
}

bool is_wanted(const kept_entry& one, const notification_filter& filter) {
  const notification& event = one.entry.event;
  return filter.wants(one.state) && (filter.job.empty() || filter.job == to_string(event.job))
         && (filter.event.empty() || filter.event == event.event)
         && (filter.event_id.empty() || filter.event_id == event.event_id);
}

class memory_outbox final : public outbox {
 public:
  result<std::vector<std::string>> execute(const outbox_batch& batch) override {
    const std::scoped_lock lock{mutex_};
    std::vector<std::string> repeated;
    for (const outbox_entry& entry : batch.added) {
      const bool is_new = kept_.try_emplace(entry.event.event_id, kept_entry{entry}).second;
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
        found->second.entry.problem = update.problem;
        found->second.entry.error = update.error;
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

  result<notification_page> list(const notification_filter& filter) override {
    const std::scoped_lock lock{mutex_};
    auto found = matching(filter);
    std::ranges::reverse(found);
    if (const auto& after = filter.after) {
      std::erase_if(found, [&after](const kept_entry* one) {
        return age_of(*one) >= std::tie(after->created_at, after->event_id);
      });
    }
    notification_page page;
    for (const kept_entry* one : found) {
      if (page.notifications.size() == filter.limit) {
        const auto& last = page.notifications.back();
        page.next = notification_cursor{last.created_at, last.event.event_id};
        break;
      }
      const outbox_entry& entry = one->entry;
      page.notifications.push_back(
          {entry.event, one->state, entry.created_at, entry.due_at, entry.tries, entry.problem,
           entry.error}
      );
    }
    return page;
  }

  result<std::vector<outbox_entry>> reopen(const notification_filter& filter, timestamp at)
      override {
    const std::scoped_lock lock{mutex_};
    std::vector<outbox_entry> reopened;
    for (kept_entry* one : matching(filter)) {
      if (one->state != outbox_state::open && reopened.size() < filter.limit) {
        one->state = outbox_state::open;
        one->entry.due_at = at;
        one->entry.opened_at = at;
        one->entry.tries = 0;
        reopened.push_back(one->entry);
      }
    }
    return reopened;
  }

  void_result purge(const outbox_retention& kept) override {
    const std::scoped_lock lock{mutex_};
    std::erase_if(kept_, [&kept](const auto& one) {
      const auto& [entry, state] = one.second;
      return (state == outbox_state::delivered && entry.due_at < kept.delivered_before)
             || (state == outbox_state::given_up && entry.due_at < kept.given_up_before);
    });
    auto given_up = matching({{outbox_state::given_up}});
    std::ranges::stable_sort(given_up, {}, [](const kept_entry* one) { return one->entry.due_at; });
    for (std::size_t i = 0; i + kept.max_given_up < given_up.size(); ++i) {
      kept_.erase(std::string{given_up[i]->entry.event.event_id});
    }
    return ok();
  }

  void_result remove(const std::vector<std::string>& event_ids) override {
    const std::scoped_lock lock{mutex_};
    for (const std::string& id : event_ids) {
      kept_.erase(id);
    }
    return ok();
  }

  [[nodiscard]] bool is_blocking() const noexcept override { return false; }

 private:
  /// The oldest first.
  std::vector<kept_entry*> matching(const notification_filter& filter) {
    std::vector<kept_entry*> found;
    for (auto& [id, one] : kept_) {
      if (is_wanted(one, filter)) {
        found.push_back(&one);
      }
    }
    std::ranges::sort(found, {}, [](const kept_entry* one) { return age_of(*one); });
    return found;
  }

  std::mutex mutex_;
  std::map<std::string, kept_entry> kept_;
};

}  // namespace

std::unique_ptr<outbox> make_memory_outbox() {
  return std::make_unique<memory_outbox>();
}

}  // namespace stayler::adapters
