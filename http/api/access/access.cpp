// SPDX-License-Identifier: MIT
#include "http/api/access/access.hpp"

#include "http/api/router.hpp"

#include <algorithm>
#include <array>

namespace stayler::http {

namespace {

using adapters::caller_role;

struct row {
  std::string_view method;
  std::string_view route;
  access rule;
};

constexpr access open_to_all{true, caller_role::viewer, access_scope::nothing};

constexpr access require_viewer(access_scope scope) {
  return {false, caller_role::viewer, scope};
}

constexpr access require_submitter(access_scope scope) {
  return {false, caller_role::submitter, scope};
}

constexpr access require_admin(access_scope scope) {
  return {false, caller_role::admin, scope};
}

constexpr std::array<row, 50> table{{
    // The dashboard is the same for all, and shows nothing by itself.
    {"GET", "/", open_to_all},
    {"GET", "/ui", open_to_all},
    {"GET", "/ui/", open_to_all},
    {"GET", "/ui/{id}", open_to_all},
    {"GET", "/ui/jobs/{id}", open_to_all},
    {"GET", "/ui/files/{id}", open_to_all},
    {"GET", "/ui/{rest}", open_to_all},
    {"GET", "/health", open_to_all},
    {"GET", "/health/live", open_to_all},
    {"GET", "/health/ready", open_to_all},
    {"GET", "/health/started", open_to_all},
    {"GET", "/openapi.yaml", open_to_all},
    // Whether a key is needed has to be found out without one.
    {"GET", "/worker/session", open_to_all},
    {"POST", "/worker/session", require_viewer(access_scope::nothing)},
    {"DELETE", "/worker/session", require_viewer(access_scope::nothing)},
    {"GET", "/worker/health", require_viewer(access_scope::nothing)},
    {"GET", "/worker/status", require_viewer(access_scope::nothing)},
    {"GET", "/worker/stats", require_viewer(access_scope::nothing)},
    {"GET", "/worker/overview", require_viewer(access_scope::own)},
    {"GET", "/worker/jobs", require_viewer(access_scope::own)},
    {"GET", "/worker/jobs/{id}", require_viewer(access_scope::one_job)},
    {"GET", "/worker/jobs/{id}/events", require_viewer(access_scope::one_job)},
    {"GET", "/worker/dead-letters", require_viewer(access_scope::own)},
    {"GET", "/worker/dead-letters/groups", require_viewer(access_scope::own)},
    {"POST", "/worker/jobs/bulk", require_submitter(access_scope::own)},
    {"GET", "/worker/operations", require_viewer(access_scope::own)},
    {"GET", "/worker/operations/{id}", require_viewer(access_scope::own)},
    {"DELETE", "/worker/operations/{id}", require_submitter(access_scope::own)},
    // It says where everything is.
    {"GET", "/worker/config", require_admin(access_scope::all_users)},
    {"GET", "/worker/config/schema", require_admin(access_scope::all_users)},
    {"GET", "/users/{id}/data", require_viewer(access_scope::one_user)},
    {"DELETE", "/users/{id}/data", require_submitter(access_scope::one_user)},
    {"GET", "/worker/erasures/{id}", require_viewer(access_scope::own)},
    // Who has called, from where, for what.
    {"GET", "/worker/audit", require_admin(access_scope::all_users)},
    // Everybody's events, and where they go.
    {"GET", "/worker/notifications", require_admin(access_scope::all_users)},
    {"POST", "/worker/notifications/redeliver", require_admin(access_scope::all_users)},
    {"POST", "/worker/notifications/{id}/redeliver", require_admin(access_scope::all_users)},
    {"GET", "/images/{id}", require_viewer(access_scope::seen_image)},
    {"GET", "/images/{id}/thumbnail", require_viewer(access_scope::seen_image)},
    // To make an address for what one may see changes nothing.
    {"POST", "/images/{id}/links", require_viewer(access_scope::seen_image)},
    {"POST", "/worker/events/tickets", require_viewer(access_scope::own)},
    {"POST", "/worker/jobs", require_submitter(access_scope::own)},
    {"POST", "/worker/jobs/batch", require_submitter(access_scope::own)},
    {"POST", "/worker/jobs/{id}/process", require_submitter(access_scope::one_job)},
    {"POST", "/worker/jobs/{id}/retry", require_submitter(access_scope::one_job)},
    {"POST", "/worker/jobs/{id}/rerun", require_submitter(access_scope::one_job)},
    {"DELETE", "/worker/jobs/{id}", require_submitter(access_scope::one_job)},
    {"POST", "/worker/dead-letters/retry", require_submitter(access_scope::own)},
    {"POST", "/images", require_submitter(access_scope::own)},
    {"DELETE", "/images/{id}", require_submitter(access_scope::one_image)},
}};

}  // namespace

bool caller::may_act_for(std::string_view user) const noexcept {
  return users.empty() || std::find(users.begin(), users.end(), user) != users.end();
}

bool only_looks(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD";
}

access access_of(std::string_view method, std::string_view route) noexcept {
  if (route == no_route) {
    return require_viewer(access_scope::nothing);
  }
  const std::string_view looked_up = method == "HEAD" ? "GET" : method;
  for (const row& each : table) {
    if (each.method == looked_up && each.route == route) {
      return each.rule;
    }
  }
  return {
      false, looked_up == "GET" ? caller_role::viewer : caller_role::admin,
      access_scope::all_users};
}

}  // namespace stayler::http
