// SPDX-License-Identifier: MIT
#include "http/api/access/access.hpp"

#include "http/api/router.hpp"

#include <algorithm>
#include <array>

namespace stayler::http {

namespace {

using adapters::api_role;

struct row {
  std::string_view method;
  std::string_view route;
  access rule;
};

constexpr access open_to_all{true, api_role::viewer, reach::nothing};

constexpr access looking(reach whose) {
  return {false, api_role::viewer, whose};
}

constexpr access submitting(reach whose) {
  return {false, api_role::submitter, whose};
}

constexpr std::array<row, 21> table{{
    {"GET", "/health", open_to_all},
    {"GET", "/health/live", open_to_all},
    {"GET", "/health/ready", open_to_all},
    {"GET", "/metrics", looking(reach::nothing)},
    {"GET", "/worker/health", looking(reach::nothing)},
    {"GET", "/worker/status", looking(reach::nothing)},
    {"GET", "/worker/stats", looking(reach::nothing)},
    {"GET", "/worker/jobs", looking(reach::own)},
    {"GET", "/worker/jobs/{id}", looking(reach::one_job)},
    {"GET", "/worker/jobs/{id}/events", looking(reach::one_job)},
    {"GET", "/worker/dead-letters", looking(reach::own)},
    {"GET", "/images/{id}", looking(reach::one_image)},
    {"GET", "/images/{id}/thumbnail", looking(reach::one_image)},
    {"POST", "/worker/jobs", submitting(reach::own)},
    {"POST", "/worker/jobs/batch", submitting(reach::own)},
    {"POST", "/worker/jobs/{id}/process", submitting(reach::one_job)},
    {"POST", "/worker/jobs/{id}/retry", submitting(reach::one_job)},
    {"DELETE", "/worker/jobs/{id}", submitting(reach::one_job)},
    {"POST", "/worker/dead-letters/retry", submitting(reach::own)},
    {"POST", "/images", submitting(reach::own)},
    {"DELETE", "/images/{id}", submitting(reach::one_image)},
}};

}  // namespace

bool caller::may_act_for(std::string_view user) const noexcept {
  return users.empty() || std::find(users.begin(), users.end(), user) != users.end();
}

access access_of(std::string_view method, std::string_view route) noexcept {
  if (route == no_route) {
    return looking(reach::nothing);
  }
  const std::string_view looked_up = method == "HEAD" ? "GET" : method;
  for (const row& each : table) {
    if (each.method == looked_up && each.route == route) {
      return each.rule;
    }
  }
  return {false, looked_up == "GET" ? api_role::viewer : api_role::admin, reach::all_users};
}

}  // namespace stayler::http
