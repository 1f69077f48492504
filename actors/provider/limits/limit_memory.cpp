// SPDX-License-Identifier: MIT
#include "actors/provider/limits/limit_memory.hpp"

#include "actors/support/tell.hpp"
#include "adapters/log/log.hpp"

#include <utility>

namespace stayler::actors {

namespace {

using adapters::logs::gemini::log;

constexpr std::chrono::seconds loading_timeout{5};
constexpr std::chrono::seconds keeping_pause{10};

}  // namespace

void limit_memory::load(
    record_io_actor records, const std::function<void(const std::vector<found_limit>&)>& begin
) {
  records_ = std::move(records);
  if (!records_) {
    begin({});
    return;
  }
  self_->request(records_, loading_timeout, limits_atom_v).then(begin, [begin](const caf::error&) {
    log.warning("what was found of the provider's limits is not known; it is found anew");
    begin({});
  });
}

void limit_memory::remind() {
  if (records_ && !is_reminded_) {
    is_reminded_ = true;
    self_->delayed_send(self_, keeping_pause, limits_atom_v);
  }
}

void limit_memory::keep(const std::vector<found_limit>& found) {
  is_reminded_ = false;
  for (found_limit& limit : kept_.update(found)) {
    tell(records_, record_atom_v, std::move(limit));
  }
}

}  // namespace stayler::actors
