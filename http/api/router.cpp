// SPDX-License-Identifier: MIT
#include "http/api/router.hpp"

#include <atomic>
#include <optional>
#include <string_view>
#include <utility>

namespace stayler::http {

namespace {

constexpr std::string_view id_segment = "{id}";

/// What stands for {id} in the path, empty where the pattern has none; nothing for no match.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
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

/// Enters the route into the answer and tells the observer before it passes the answer on.
class routed_responder final : public responder {
 public:
  routed_responder(responder_ptr to, call_report about, answer_observer observer)
      : to_(std::move(to)), about_(std::move(about)), observer_(std::move(observer)) {}

  routed_responder(const routed_responder&) = delete;
  routed_responder& operator=(const routed_responder&) = delete;

  /// What the endpoint drops is answered, with 500, by the responder underneath.
  ~routed_responder() override {
    response dropped;
    dropped.status = 500;
    tell(dropped);
  }

  void send(response answer) override { send(std::move(answer), {}); }

  void send(response answer, wire_fault fault) override {
    answer.route = about_.route;
    tell(answer);
    to_->send(std::move(answer), fault);
  }

 private:
  void tell(const response& answer) {
    if (!observer_ || is_told_.exchange(true)) {
      return;
    }
    const auto took = std::chrono::steady_clock::now() - begun_;
    about_.took = std::chrono::duration_cast<std::chrono::microseconds>(took);
    about_.status = answer.status;
    if (about_.target.empty()) {
      about_.target = answer.target;
    }
    observer_(about_);
  }

  responder_ptr to_;
  call_report about_;
  answer_observer observer_;
  std::atomic<bool> is_told_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace

void router::add(std::string method, std::string pattern, endpoint what) {
  routes_.push_back({std::move(method), std::move(pattern), std::move(what)});
}

responder_ptr router::observed(
    const request& req, std::string pattern, std::string id, std::string key, responder_ptr to
) const {
  call_report about;
  about.method = req.method;
  about.route = std::move(pattern);
  about.target = std::move(id);
  about.request_id = req.request_id;
  about.remote_address = req.remote_address;
  about.key = std::move(key);
  return std::make_shared<routed_responder>(std::move(to), std::move(about), observer_);
}

void router::wrap_endpoints(
    const std::function<endpoint(std::string_view method, std::string_view route, endpoint)>& wrap
) {
  for (auto& each : routes_) {
    each.what = wrap(each.method, each.pattern, std::move(each.what));
  }
}

void router::enter(
    request req, std::string pattern, std::string id, const endpoint& what, const responder_ptr& to
) const {
  auto admitted = authorizer_ ? authorizer_(req, pattern) : access_decision{};
  auto reply_to = observed(req, std::move(pattern), id, admitted.who.key, to);
  if (admitted.refusal) {
    reply_to->send(std::move(*admitted.refusal));
    return;
  }
  what(std::make_shared<const call>(call{
      std::move(req), std::move(reply_to), std::move(id), std::move(admitted.who)}));
}

void router::dispatch(request req, const responder_ptr& to) const {
  const route* found = nullptr;
  std::string allowed;
  std::string id;
  for (const auto& each : routes_) {
    const auto matched = match(each.pattern, req.path);
    if (!matched) {
      continue;
    }
    allowed.append(allowed.empty() ? "" : ", ").append(each.method);
    allowed.append(each.method == "GET" ? ", HEAD" : "");
    const bool is_head_of_get = req.method == "HEAD" && each.method == "GET";
    if (found == nullptr && (each.method == req.method || is_head_of_get)) {
      found = &each;
      id = *matched;
    }
  }
  if (found != nullptr) {
    enter(std::move(req), found->pattern, std::move(id), found->what, to);
    return;
  }
  const auto refuse = [allowed](const call_ptr& c) {
    if (allowed.empty()) {
      c->to->send(make_problem(404, "Not Found", "there is nothing at this path"));
      return;
    }
    auto refusal =
        make_problem(405, "Method Not Allowed", "this path takes the methods " + allowed);
    refusal.headers.emplace_back("Allow", allowed);
    c->to->send(std::move(refusal));
  };
  enter(std::move(req), std::string{no_route}, "", refuse, to);
}

}  // namespace stayler::http
