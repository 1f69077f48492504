// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/access/access.hpp"
#include "http/server/message.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// One request on its way through the API.
struct call {
  request req;
  responder_ptr to;
  std::string id;  ///< what stood in place of {id} in the path
  caller who;
};

using call_ptr = std::shared_ptr<const call>;

/// What answers the calls of one route. It must not block.
using endpoint = std::function<void(const call_ptr&)>;

/// The route of a call scope path has no endpoint for its method.
inline constexpr std::string_view no_route = "none";

/// What is worth knowing about an answered call.
struct call_report {
  std::string method;
  std::string route;   ///< the pattern, or no_route
  std::string target;  ///< what stood in place of {id}, else the answer's target
  std::string request_id;
  std::string remote_address;
  std::string key;  ///< the name of the caller's, if it has one
  unsigned status = 0;
  std::chrono::microseconds took{0};
};

/// Told of each call once, before its answer is on its way, on the thread that answers.
using answer_observer = std::function<void(const call_report&)>;

/// Who makes a call, and where it is turned away, with what.
struct access_decision {
  caller who;
  std::optional<response> refusal;
};

/// Asked about each call before its endpoint.
using call_authorizer = std::function<access_decision(const request&, std::string_view route)>;

/// Finds the endpoint for a method and a path. A HEAD without a route of its own goes to GET.
class router {
 public:
  /// `pattern` is a path in which one segment may be "{id}".
  void add(std::string method, std::string pattern, endpoint what);

  /// Hands the request over to its endpoint, or answers 404, or 405 with the methods that there
  /// are. The endpoint's responder enters the pattern as the answer's route.
  void dispatch(request req, const responder_ptr& to) const;

  /// To be called before the first dispatch. Without an authorizer everybody may do everything.
  void authorize_with(call_authorizer authorizer) { authorizer_ = std::move(authorizer); }

  /// Puts what `wrap` makes of it in each endpoint's place. To be called before the first dispatch.
  void wrap_endpoints(
      const std::function<endpoint(std::string_view method, std::string_view route, endpoint)>& wrap
  );

  /// To be called before the first dispatch.
  void observe(answer_observer observer) { observer_ = std::move(observer); }

 private:
  struct route {
    std::string method;
    std::string pattern;
    endpoint what;
  };

  void enter(
      request req,
      std::string pattern,
      std::string id,
      const endpoint& what,
      const responder_ptr& to
  ) const;
  [[nodiscard]] responder_ptr observed(
      const request& req, std::string pattern, std::string id, std::string key, responder_ptr to
  ) const;

  std::vector<route> routes_;
  call_authorizer authorizer_;
  answer_observer observer_;
};

}  // namespace stayler::http
