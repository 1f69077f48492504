// SPDX-License-Identifier: MIT
#include "actors/notifications/outbox_sync.hpp"

#include <string>
#include <unordered_set>
#include <utility>

namespace stayler::actors {

outbox_sync::request outbox_sync::next(const delivery_queue& open) {
  if (is_busy_) {
    return {};
  }
  // What has ended in the meantime is written first, so that it is not taken up again.
  if (!is_loaded_ && updates_.empty()) {
    is_busy_ = true;
    return load{};
  }
  write wanted{take_unsaved(open), {{}, std::exchange(updates_, {})}};
  for (const ticket added : wanted.added) {
    wanted.batch.added.push_back(open.at(added).entry);
  }
  // An outbox that is away is asked all the same: its answer says that it is back.
  if (wanted.batch.added.empty() && wanted.batch.updates.empty() && !is_away()) {
    return {};
  }
  is_busy_ = true;
  return wanted;
}

std::vector<outbox_sync::ticket> outbox_sync::take_unsaved(const delivery_queue& open) {
  auto taken = std::exchange(unsaved_, {});
  std::erase_if(taken, [&open](ticket one) {
    return !open.contains(one) || open.at(one).is_saved;
  });
  return taken;
}

bool outbox_sync::succeeded() {
  is_busy_ = false;
  return static_cast<bool>(std::exchange(error_, {}));
}

bool outbox_sync::failed(const failure& why) {
  is_busy_ = false;
  return !std::exchange(error_, why);
}

void outbox_sync::put_back(const write& failed_write) {
  const auto& [added, batch] = failed_write;
  unsaved_.insert(unsaved_.begin(), added.begin(), added.end());
  updates_.insert(updates_.begin(), batch.updates.begin(), batch.updates.end());
}

void outbox_sync::keep_newest_updates(std::size_t most) {
  if (updates_.size() > most) {
    const auto surplus = static_cast<std::ptrdiff_t>(updates_.size() - most);
    updates_.erase(updates_.begin(), updates_.begin() + surplus);
  }
}

void outbox_sync::leave_out_ended(std::vector<adapters::outbox_entry>& listed) const {
  std::unordered_set<std::string> ended;
  for (const adapters::outbox_update& update : updates_) {
    if (update.state != outbox_state::open) {
      ended.insert(update.event_id);
    }
  }
  std::erase_if(listed, [&ended](const adapters::outbox_entry& entry) {
    return ended.contains(entry.event.event_id);
  });
}

}  // namespace stayler::actors
