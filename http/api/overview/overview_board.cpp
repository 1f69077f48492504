// SPDX-License-Identifier: MIT
#include "http/api/overview/overview_board.hpp"

#include "http/api/json/worker/overview_json.hpp"

#include <utility>

namespace stayler::http {

void overview_board::update(policies::service_snapshot now) {
  const auto shown = std::make_shared<const policies::service_snapshot>(std::move(now));
  const auto waiting = listeners();
  std::shared_ptr<const std::string> event;
  {
    const std::lock_guard lock{series_mutex_};
    const auto* before = series_.newest();
    const std::int64_t last_time = before != nullptr ? before->time : 0;
    series_.add(*shown);
    const auto* point = series_.newest();
    if (!waiting.empty() && point != nullptr && point->time > last_time) {
      const overview_facts facts{*shown, instance_, series_.dollars_per_hour()};
      event = std::make_shared<const std::string>(
          "event: overview\ndata: " + render_overview_tick(facts, *point) + "\n\n"
      );
    }
  }
  {
    const std::lock_guard lock{mutex_};
    latest_ = shown;
    if (event) {
      tick_ = {tick_.number + 1, event};
    }
  }
  if (event) {
    for (const auto& each : waiting) {
      (*each)();
    }
  }
}

overview_board::snapshot_ptr overview_board::latest() const {
  const std::lock_guard lock{mutex_};
  return latest_;
}

std::string overview_board::render(std::chrono::seconds window) const {
  const auto now = latest();
  if (!now) {
    return {};
  }
  const std::lock_guard lock{series_mutex_};
  return render_overview({*now, instance_, series_.dollars_per_hour()}, series_.last(window));
}

std::string overview_board::render_limited() const {
  const auto now = latest();
  return now ? render_limited_overview({*now, instance_, 0}) : std::string{};
}

overview_board::tick overview_board::newest_tick() const {
  const std::lock_guard lock{mutex_};
  return tick_;
}

std::shared_ptr<void> overview_board::subscribe(std::function<void()> callback) {
  auto handle = std::make_shared<listener>(std::move(callback));
  const std::lock_guard lock{mutex_};
  listeners_.push_back(handle);
  return handle;
}

std::vector<std::shared_ptr<overview_board::listener>> overview_board::listeners() {
  const std::lock_guard lock{mutex_};
  std::erase_if(listeners_, [](const auto& each) { return each.expired(); });
  std::vector<std::shared_ptr<listener>> alive;
  for (const auto& each : listeners_) {
    if (auto one = each.lock()) {
      alive.push_back(std::move(one));
    }
  }
  return alive;
}

}  // namespace stayler::http
