// SPDX-License-Identifier: MIT
#include "messages/service/status.hpp"

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

std::string_view to_string(restart_rule rule) noexcept {
  switch (rule) {
    case restart_rule::permanent:
      return "permanent";
    case restart_rule::transient:
      return "transient";
    case restart_rule::temporary:
      break;
  }
  return "temporary";
}

std::string_view to_string(child_state state) noexcept {
  switch (state) {
    case child_state::running:
      return "running";
    case child_state::ending:
      return "ending";
    case child_state::backing_off:
      return "backing_off";
    case child_state::waiting:
      return "waiting";
    case child_state::stopped:
      break;
  }
  return "stopped";
}

}  // namespace stayler
