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

/// Told of each answer: the route's pattern, the method and the status.
using answer_observer =
    std::function<void(const request&, const response&, std::chrono::microseconds)>;

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

  [[nodiscard]] responder_ptr observed(const request& req, std::string pattern, responder_ptr to)
      const;

  std::vector<route> routes_;
  answer_observer observer_;
};

}  // namespace stayler::http
