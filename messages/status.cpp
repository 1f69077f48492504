// SPDX-License-Identifier: MIT
#include "messages/status.hpp"

namespace stayler {

std::string_view to_string(service_state state) noexcept {
  switch (state) {
    case service_state::running:
      return "running";
    case service_state::draining:
      return "draining";
    case service_state::stopped:
      break;
  }
  return "stopped";
}

std::string_view to_string(health_state state) noexcept {
  switch (state) {
    case health_state::healthy:
      return "healthy";
    case health_state::degraded:
      return "degraded";
    case health_state::unhealthy:
      return "unhealthy";
    case health_state::starting:
      break;
  }
  return "starting";
}

}  // namespace stayler
