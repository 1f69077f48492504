// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/access/access.hpp"
#include "http/api/tracing/request_trace.hpp"
#include "http/server/message.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace stayler::http {

/// What sends an endpoint's answer, after the observer has seen it.
class endpoint_responder : public responder {
 public:
  /// What the request was about, where its path does not say: for the audit. Before send().
  virtual void set_target(std::string target) = 0;

  /// What it has changed there, from what to what: for the audit. Before send().
  virtual void set_details(std::string details) = 0;

  /// In place of those that came with the access_decision. Before send().
  virtual void set_headers(header_list headers) = 0;
};

/// One request on its way through the API: who makes it, and how it is answered.
struct exchange {
  http::request request;
  std::shared_ptr<endpoint_responder> responder;
  std::string id;  ///< what stood in place of {id} in the path
  http::caller caller;
  trace_context trace;  ///< what is done for it is below this

  void send(response answer) const { responder->send(std::move(answer)); }
};

using exchange_ptr = std::shared_ptr<const exchange>;

/// What answers the requests of one route. It must not block.
using endpoint = std::function<void(const exchange_ptr&)>;

/// What one endpoint is for.
struct route_name {
  std::string method;
  std::string pattern;
};

/// The route of a request whose path has no endpoint for its method.
inline constexpr std::string_view no_route = "none";

/// What is worth knowing about an answered request.
struct exchange_report {
  std::string method;
  std::string route;   ///< the pattern that matched ("/worker/jobs/{id}"), or no_route
  std::string target;  ///< what the endpoint has set, else what stood in place of {id}
  std::string request_id;
  std::string remote_address;
  std::string key;      ///< the name of the caller's, if it has one
  std::string details;  ///< what the endpoint has set
  unsigned status = 0;
  std::chrono::microseconds took{0};
  std::string cause;  ///< as in the answer
  request_trace trace;
};

/// Called once for each request, before its answer is on its way, on the thread that answers.
using exchange_observer = std::function<void(const exchange_report&)>;

/// Who makes a request, and where it is turned away, with what.
struct access_decision {
  http::caller caller;
  std::optional<response> refusal;
  header_list headers;  ///< of the answer, whoever gives it
};

/// Asked about each request before its endpoint.
using request_authorizer = std::function<access_decision(const request&, std::string_view route)>;

/// Asked about each request, first of all.
using request_tracer = std::function<request_trace(const request&, std::string_view route)>;

/// The answer to what a browser asks before a request of another site's page, or nothing where the
/// request is none of that kind. `allowed_methods` are those of its path, empty where there is
/// none.
using preflight_answerer =
    std::function<std::optional<response>(const request&, std::string_view allowed_methods)>;

/// Finds the endpoint for a method and a path: the first that fits. A HEAD without a route of its
/// own goes to GET.
class router {
 public:
  /// `pattern` is a path in which one segment may be "{id}", or which ends in "{rest}", for any
  /// number of segments.
  void add(std::string method, std::string pattern, endpoint target);

  /// All routes, in the order of their coming.
  [[nodiscard]] std::vector<route_name> names() const;

  /// Hands the request to its endpoint, or answers 404, or 405 with the methods that there are.
  void dispatch(request received, responder_ptr responder) const;

  /// To be called before the first dispatch. Without an authorizer everybody may do everything.
  void authorize_with(request_authorizer authorizer) { authorizer_ = std::move(authorizer); }

  /// Asked about each OPTIONS without an endpoint, before the authorizer: a browser shows no key
  /// with it. To be called before the first dispatch.
  void answer_preflights_with(preflight_answerer answerer) { preflights_ = std::move(answerer); }

  /// Puts what `wrap` makes of it in each endpoint's place. To be called before the first dispatch.
  void wrap_endpoints(
      const std::function<endpoint(std::string_view method, std::string_view route, endpoint)>& wrap
  );

  /// To be called before the first dispatch.
  void trace_with(request_tracer tracer) { tracer_ = std::move(tracer); }

  /// To be called before the first dispatch.
  void observe(exchange_observer observer) { observer_ = std::move(observer); }

 private:
  struct route {
    std::string method;
    std::string pattern;
    http::endpoint endpoint;
  };

  /// Where a request goes.
  struct match {
    const route* found = nullptr;  ///< null: nowhere
    std::string id;
  };

  [[nodiscard]] match find_route(const request& received) const;

  /// The methods of all routes with that path.
  [[nodiscard]] std::string allowed_methods(std::string_view path) const;

  std::vector<route> routes_;
  request_authorizer authorizer_;
  preflight_answerer preflights_;
  request_tracer tracer_;
  exchange_observer observer_;
};

}  // namespace stayler::http
