// SPDX-License-Identifier: MIT
#include "http/api/intake/owner_lookup.hpp"

#include <chrono>
#include <iterator>
#include <utility>

namespace stayler::http {

namespace {

/// How many ids are asked for at once: the records answer nobody else meanwhile.
constexpr std::size_t most_ids = 1'000;

std::size_t size_of(const ownership_query& asked) {
  return asked.images.size() + asked.conversions.size();
}

template <class T>
void append(std::vector<T>& to, const std::vector<T>& more) {
  to.insert(to.end(), more.begin(), more.end());
}

}  // namespace

void owner_lookup::find(bridge_self* self, ownership_query asked, on_found done) {
  auto made = prepare(std::move(asked), std::move(done));
  if (size_of(made.open) == 0) {
    made.done(self, made.report);
    return;
  }
  waiting_.push_back(std::move(made));
  if (waiting_.size() == 1 && !is_asking_) {
    // Behind all that waits for this actor: other questions may be among it.
    self->send(self, bridge_task{[kept = shared_from_this()](bridge_self* on) {
                 kept->ask_next(on);
               }});
  }
}

owner_lookup::question owner_lookup::prepare(ownership_query asked, on_found done) const {
  const auto now = std::chrono::steady_clock::now();
  question made{{}, {}, {}, std::move(done)};
  made.report.images.resize(asked.images.size());
  for (std::size_t i = 0; i < asked.images.size(); ++i) {
    if (const image_owner* known = known_.find(asked.images[i], now)) {
      made.report.images[i] = *known;
    } else {
      made.open.images.push_back(std::move(asked.images[i]));
      made.places.push_back(i);
    }
  }
  made.open.conversions = std::move(asked.conversions);
  return made;
}

void owner_lookup::ask_next(bridge_self* self) {
  if (is_asking_ || waiting_.empty()) {
    return;
  }
  const auto asked = std::make_shared<std::vector<question>>(take_some());
  const auto& parts = self->state.parts;
  if (!parts || !parts->records) {
    answer_all(self, *asked, bridge::unavailable());
    return;
  }
  ownership_query all;
  for (const question& each : *asked) {
    append(all.images, each.open.images);
    append(all.conversions, each.open.conversions);
  }
  is_asking_ = true;
  self->request(parts->records, timeout_, find_atom_v, std::move(all))
      .then(
          [kept = shared_from_this(), self, asked](ownership_report& found) {
            kept->answer_all(self, *asked, std::move(found));
          },
          [kept = shared_from_this(), self, asked](const caf::error& error) {
            kept->answer_all(self, *asked, actors::to_failure(error));
          }
      );
}

std::vector<owner_lookup::question> owner_lookup::take_some() {
  std::size_t ids = 0;
  auto end = waiting_.begin();
  do {
    ids += size_of(end->open);
    ++end;
  } while (end != waiting_.end() && ids + size_of(end->open) <= most_ids);
  std::vector<question> some{
      std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end)};
  waiting_.erase(waiting_.begin(), end);
  return some;
}

void owner_lookup::answer_all(
    bridge_self* self, std::vector<question>& asked, const result<ownership_report>& found
) {
  is_asking_ = false;
  ask_next(self);
  const auto now = std::chrono::steady_clock::now();
  std::size_t image = 0;
  std::size_t conversion = 0;
  for (question& each : asked) {
    if (!found) {
      guarded([&] { each.done(self, found.error()); });
      continue;
    }
    for (std::size_t i = 0; i < each.places.size(); ++i, ++image) {
      const auto& owner = found->images[image];
      each.report.images[each.places[i]] = owner;
      if (owner) {
        known_.put(each.open.images[i], *owner, now);
      }
    }
    const auto first = found->conversions.begin() + static_cast<std::ptrdiff_t>(conversion);
    conversion += each.open.conversions.size();
    each.report.conversions = {
        first, found->conversions.begin() + static_cast<std::ptrdiff_t>(conversion)};
    guarded([&] { each.done(self, std::move(each.report)); });
  }
}

}  // namespace stayler::http
