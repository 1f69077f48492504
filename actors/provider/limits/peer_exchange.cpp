// SPDX-License-Identifier: MIT
#include "actors/provider/limits/peer_exchange.hpp"

#include "actors/support/failure.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::gemini::log;

constexpr std::chrono::seconds exchange_timeout{5};

/// How often this coordinator shows itself to the others and looks at them, and for how long they
/// count as being there when the exchange is away.
constexpr milliseconds exchange_pause{500};
constexpr std::chrono::seconds peer_memory{5};

}  // namespace

void peer_exchange::begin(limit_exchange_actor exchange, std::string instance_id) {
  exchange_ = std::move(exchange);
  instance_id_ = std::move(instance_id);
  self_->link_to(exchange_);
  this->exchange();
}

void peer_exchange::exchange() {
  policies::peer_record own = hooks_.snapshot();
  own.instance_id = instance_id_;
  self_->request(exchange_, exchange_timeout, share_atom_v, encode(own))
      .then(
          [this](const std::vector<std::string>& shown) { answered(shown); },
          [this](const caf::error& why) { failed(why); }
      );
}

void peer_exchange::answered(const std::vector<std::string>& shown) {
  std::vector<policies::peer_record> others;
  for (const std::string& text : shown) {
    if (auto record = policies::decode_peer_record(text)) {
      others.push_back(std::move(*record));
    }
  }
  std::ranges::sort(others, {}, &policies::peer_record::instance_id);
  const bool is_first = !last_answer_;
  last_answer_ = self_->clock().now();
  merge(others);
  if (is_first) {
    hooks_.begun();
  }
  self_->delayed_send(self_, exchange_pause, exchange_atom_v);
}

void peer_exchange::failed(const caf::error& why) {
  const auto now = self_->clock().now();
  if (!last_answer_) {
    last_answer_ = now;
    hooks_.begun();
  } else if (count_ > 0 && now - *last_answer_ > peer_memory) {
    log.warning(
        "the other coordinators are out of sight: this one keeps to the limits by itself",
        {{"reason", describe(why)}}
    );
    merge({});
  }
  self_->delayed_send(self_, exchange_pause, exchange_atom_v);
}

void peer_exchange::merge(const std::vector<policies::peer_record>& others) {
  const auto place =
      std::ranges::lower_bound(others, instance_id_, {}, &policies::peer_record::instance_id);
  const auto found = static_cast<std::uint32_t>(others.size());
  if (std::exchange(count_, found) != found) {
    log.info("coordinators that share the provider's limits", {{"count", found + 1}});
  }
  hooks_.merge(others, static_cast<std::size_t>(place - others.begin()));
}

}  // namespace stayler::actors
