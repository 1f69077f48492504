// SPDX-License-Identifier: MIT
#include "policies/jobs/next_step.hpp"

#include <array>
#include <cstddef>

namespace stayler::policies {

namespace {

constexpr std::array<std::string_view, 2> action_names{"none", "retry"};

std::string why_no_more(const job& about) {
  const std::string name{to_string(about.error.kind)};
  switch (about.error.kind) {
    case error_class::worker_lost:
      return "it has lost its worker too often";
    case error_class::ambiguous_call:
      return "another attempt could be paid for again";
    case error_class::no_image:
      return "no_image is tried once more at most";
    default:
      break;
  }
  return is_retryable(about.error.kind)
             ? name + ", and its " + std::to_string(about.request.max_retries) + " retries are used"
             : name + " is not tried again by itself";
}

std::string why_again(const job& about) {
  const failure& last = about.attempts.back().error;
  if (!last) {
    return "the last attempt was handed back unfinished";
  }
  return "the last attempt ended with " + std::string{to_string(last.kind)} + "; "
         + std::to_string(about.failures) + " of " + std::to_string(about.request.max_retries + 1)
         + " attempts have counted";
}

}  // namespace

std::string_view to_string(next_action action) noexcept {
  return action_names[static_cast<std::size_t>(action)];
}

std::optional<next_step> next_step_of(const job& about) {
  if (about.status == job_status::failed) {
    return next_step{next_action::none, {}, why_no_more(about)};
  }
  if (!is_waiting(about.status) || about.attempts.empty()) {
    return std::nullopt;
  }
  const timestamp at = about.status == job_status::scheduled ? about.due_at : timestamp{};
  return next_step{next_action::retry, at, why_again(about)};
}

}  // namespace stayler::policies
