// SPDX-License-Identifier: MIT
#pragma once

#include "policies/overview/overview_series.hpp"
#include "policies/overview/service_snapshot.hpp"

#include <string>
#include <string_view>

namespace stayler::http {

/// What an overview is made of.
struct overview_facts {
  const policies::service_snapshot& now;
  std::string_view instance;    ///< how people call this service; may be empty
  double dollars_per_hour = 0;  ///< 0 where it is not known
};

/// The service as it stands, and how it came to it: for callers that may see all users' figures.
std::string render_overview(
    const overview_facts& facts, const policies::overview_series::excerpt& history
);

/// The same with the last point alone, for who has what came before it.
std::string render_overview_tick(
    const overview_facts& facts, const policies::overview_point& point
);

/// What concerns a caller that is for some users only: whether jobs are worked on.
std::string render_limited_overview(const overview_facts& facts);

}  // namespace stayler::http
