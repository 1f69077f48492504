// SPDX-License-Identifier: MIT
#pragma once

#include "http/server/message.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// One request on its way through the API.
struct call {
  request req;
  responder_ptr to;
  std::string id;  ///< what stood in place of {id} in the path
};

using call_ptr = std::shared_ptr<const call>;

/// What answers the calls of one route. It must not block.
using endpoint = std::function<void(const call_ptr&)>;

/// The route of a call whose path has no endpoint for its method.
inline constexpr std::string_view no_route = "none";

/// What is worth knowing about an answered call.
struct call_report {
  std::string method;
  std::string route;   ///< the pattern, or no_route
  std::string target;  ///< what stood in place of {id}, else the answer's target
  std::string request_id;
  std::string remote_address;
  unsigned status = 0;
  std::chrono::microseconds took{0};
};

/// Told of each call once, before its answer is on its way, on the thread that answers.
using answer_observer = std::function<void(const call_report&)>;

/// Finds the endpoint for a method and a path. A HEAD without a route of its own goes to GET.
class router {
 public:
  /// `pattern` is a path in which one segment may be "{id}".
  void add(std::string method, std::string pattern, endpoint what);

  /// Hands the request over to its endpoint, or answers 404, or 405 with the methods that there
  /// are. The endpoint's responder enters the pattern as the answer's route.
  void dispatch(request req, const responder_ptr& to) const;

  /// To be called before the first dispatch.
  void observe(answer_observer observer) { observer_ = std::move(observer); }

 private:
  struct route {
    std::string method;
    std::string pattern;
    endpoint what;
  };

  [[nodiscard]] responder_ptr observed(
      const request& req, std::string pattern, std::string id, responder_ptr to
  ) const;

  std::vector<route> routes_;
  answer_observer observer_;
};

}  // namespace stayler::http
