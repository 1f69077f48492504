// SPDX-License-Identifier: MIT
#include "policies/nodes/pending_requests.hpp"

#include <utility>

namespace stayler::policies {

void pending_requests::send(pending_request request) {
  const request_number number = ++last_number_;
  const auto& sent = sent_.emplace(number, std::move(request)).first->second;
  sent.send(number);
}

void pending_requests::hold(pending_request request) {
  waiting_.emplace(++last_number_, std::move(request));
}

bool pending_requests::take(request_number number) {
  return sent_.erase(number) > 0;
}

void pending_requests::on_coordinator_lost(const failure& why) {
  for (auto& [number, request] : std::exchange(sent_, {})) {
    if (request.is_repeatable) {
      waiting_.emplace(number, std::move(request));
    } else {
      request.fail(why);
    }
  }
}

void pending_requests::send_waiting() {
  for (auto& [number, request] : std::exchange(waiting_, {})) {
    send(std::move(request));
  }
}

void pending_requests::fail_waiting(const failure& why) {
  for (const auto& [number, request] : std::exchange(waiting_, {})) {
    request.fail(why);
  }
}

}  // namespace stayler::policies
