// SPDX-License-Identifier: MIT
#include "adapters/metrics_registry/prometheus/metric_labels.hpp"

#include "adapters/metrics_registry/prometheus/bounded_names.hpp"

#include <algorithm>
#include <array>

namespace stayler::adapters {

std::vector<error_class> all_error_classes() {
  std::vector<error_class> all;
  // A number beyond the last class has the name of another one.
  for (auto next = error_class::none; parse_error_class(to_string(next)) == next;) {
    all.push_back(next);
    next = static_cast<error_class>(all.size());
  }
  return all;
}

std::string_view kind_of_actor(std::string_view name) {
  const auto end = name.find_last_not_of("0123456789");
  name = end == std::string_view::npos ? std::string_view{} : name.substr(0, end + 1);
  const auto last = name.find_last_not_of("-_#");
  return last == std::string_view::npos ? other_label : name.substr(0, last + 1);
}

std::string_view method_label(std::string_view method) {
  constexpr std::array<std::string_view, 7> methods{"GET",    "HEAD",  "POST",   "PUT",
                                                    "DELETE", "PATCH", "OPTIONS"};
  const auto found = std::find(methods.begin(), methods.end(), method);
  return found != methods.end() ? *found : other_label;
}

std::string status_label(std::uint32_t status) {
  return status >= 100 && status <= 599 ? std::to_string(status) : std::string{other_label};
}

}  // namespace stayler::adapters
