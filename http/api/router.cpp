// SPDX-License-Identifier: MIT
#include "http/api/router.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace stayler::http {

namespace {

constexpr std::string_view id_segment = "{id}";
constexpr std::string_view rest_of_path = "{rest}";

/// Whoever asks can put kilobytes there, and has a record of each of them kept.
constexpr std::size_t longest_target = 128;

/// What stands for {id} or {rest} in the path, empty where the pattern has none; nothing for no
/// match.
std::optional<std::string_view> match_path(std::string_view pattern, std::string_view path) {
  if (pattern.ends_with(rest_of_path)) {
    const auto before = pattern.substr(0, pattern.size() - rest_of_path.size());
    return path.starts_with(before) ? std::optional{path.substr(before.size())} : std::nullopt;
  }
  const auto at = pattern.find(id_segment);
  if (at == std::string_view::npos) {
    return pattern == path ? std::optional{std::string_view{}} : std::nullopt;
  }
  const auto before = pattern.substr(0, at);
  const auto after = pattern.substr(at + id_segment.size());
  if (path.size() <= before.size() + after.size() || path.substr(0, at) != before
      || path.substr(path.size() - after.size()) != after) {
    return std::nullopt;
  }
  const auto id = path.substr(at, path.size() - before.size() - after.size());
  return id.find('/') == std::string_view::npos ? std::optional{id} : std::nullopt;
}

/// Tells the observer of the answer before it passes it on.
class observed_responder final : public endpoint_responder {
 public:
  observed_responder(
      responder_ptr next, exchange_report report, header_list headers, exchange_observer observer
  )
      : next_(std::move(next)),
        report_(std::move(report)),
        headers_(std::move(headers)),
        observer_(std::move(observer)) {}

  observed_responder(const observed_responder&) = delete;
  observed_responder& operator=(const observed_responder&) = delete;

  /// What the endpoint drops is answered, with 500, by the responder underneath.
  ~observed_responder() override { report(500); }

  void set_target(std::string target) override { report_.target = std::move(target); }
  void set_details(std::string details) override { report_.details = std::move(details); }
  void set_headers(header_list headers) override { headers_ = std::move(headers); }

  void send(response answer) override {
    report_.cause = answer.cause;
    report(answer.status);
    std::ranges::move(headers_, std::back_inserter(answer.headers));
    next_->send(std::move(answer));
  }

 private:
  void report(unsigned status) {
    if (!observer_ || is_reported_.exchange(true)) {
      return;
    }
    const auto took = std::chrono::steady_clock::now() - begun_;
    report_.took = std::chrono::duration_cast<std::chrono::microseconds>(took);
    report_.status = status;
    observer_(report_);
  }

  responder_ptr next_;
  exchange_report report_;
  header_list headers_;
  exchange_observer observer_;
  std::atomic<bool> is_reported_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

exchange_report begin_report(const request& received, std::string_view route, std::string id) {
  exchange_report report;
  report.method = received.method;
  report.route = route;
  report.target = std::move(id);
  if (report.target.size() > longest_target) {
    report.target.resize(longest_target);
    report.target += "...";
  }
  report.request_id = received.request_id;
  report.remote_address = received.remote_address;
  return report;
}

response refuse_path(const std::string& allowed_methods) {
  if (allowed_methods.empty()) {
    return make_problem(404, "Not Found", "there is nothing at this path");
  }
  auto refusal =
      make_problem(405, "Method Not Allowed", "this path takes the methods " + allowed_methods);
  refusal.headers.emplace_back("Allow", allowed_methods);
  return refusal;
}

}  // namespace

void router::add(std::string method, std::string pattern, endpoint target) {
  routes_.push_back({std::move(method), std::move(pattern), std::move(target)});
}

std::vector<route_name> router::names() const {
  std::vector<route_name> all;
  for (const auto& each : routes_) {
    all.push_back({each.method, each.pattern});
  }
  return all;
}

void router::wrap_endpoints(
    const std::function<endpoint(std::string_view method, std::string_view route, endpoint)>& wrap
) {
  for (auto& each : routes_) {
    each.endpoint = wrap(each.method, each.pattern, std::move(each.endpoint));
  }
}

router::match router::find_route(const request& received) const {
  for (const auto& each : routes_) {
    const bool is_head_of_get = received.method == "HEAD" && each.method == "GET";
    if (each.method != received.method && !is_head_of_get) {
      continue;
    }
    if (const auto id = match_path(each.pattern, received.path)) {
      return {&each, std::string{*id}};
    }
  }
  return {};
}

std::string router::allowed_methods(std::string_view path) const {
  std::string methods;
  std::set<std::string_view> seen;
  for (const auto& each : routes_) {
    if (match_path(each.pattern, path) && seen.insert(each.method).second) {
      methods.append(methods.empty() ? "" : ", ").append(each.method);
      methods.append(each.method == "GET" ? ", HEAD" : "");
    }
  }
  return methods;
}

void router::dispatch(request received, responder_ptr responder) const {
  auto target = find_route(received);
  const std::string_view pattern = target.found != nullptr ? target.found->pattern : no_route;
  auto trace = tracer_ ? tracer_(received, pattern) : request_trace{};
  const trace_context place = trace.place;
  const bool may_be_preflight =
      preflights_ && target.found == nullptr && received.method == "OPTIONS";
  auto preflight = may_be_preflight ? preflights_(received, allowed_methods(received.path))
                                    : std::optional<response>{};
  auto access = authorizer_ && !preflight ? authorizer_(received, pattern) : access_decision{};
  auto report = begin_report(received, pattern, target.id);
  report.key = access.caller.key;
  report.trace = std::move(trace);
  auto observed = std::make_shared<observed_responder>(
      std::move(responder), std::move(report), std::move(access.headers), observer_
  );
  if (preflight) {
    observed->send(std::move(*preflight));
  } else if (access.refusal) {
    observed->send(std::move(*access.refusal));
  } else if (target.found == nullptr) {
    observed->send(refuse_path(allowed_methods(received.path)));
  } else {
    target.found->endpoint(std::make_shared<const exchange>(exchange{
        std::move(received), std::move(observed), std::move(target.id), std::move(access.caller),
        place}));
  }
}

}  // namespace stayler::http
