// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/notification_channel/notification_channel.hpp"
#include "adapters/url_rules/url_rules.hpp"
#include "messages/base/time.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stayler::adapters {

/// Which web hooks of their own jobs may have, and what signs them.
struct job_hook_options {
  url_rules rules;
  std::vector<std::string> keys;  ///< as of web_hook_options
  milliseconds timeout{15'000};
};

/// Posts the notifications of jobs with a web hook of their own there, and gives all others to
/// `usual`. The URL is checked again before each delivery, and every address when it is connected
/// to, by an HTTP client of its own. What the rules do not allow (any more) is `not_allowed`, and
/// goes nowhere else. Destruction ends what is under way.
std::unique_ptr<notification_channel> make_job_hook_channel(
    std::unique_ptr<notification_channel> usual, job_hook_options options
);

}  // namespace stayler::adapters
