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

/// Enters the route into the answer and tells the observer before it passes the answer on. What
/// the endpoint drops is answered by the responder underneath.
class routed_responder final : public responder {
 public:
  routed_responder(responder_ptr to, request about, std::string route, answer_observer observer)
      : to_(std::move(to)),
        about_(std::move(about)),
        route_(std::move(route)),
        observer_(std::move(observer)) {}

  void send(response answer) override { send(std::move(answer), {}); }

  void send(response answer, wire_fault fault) override {
    answer.route = route_;
    if (observer_ && !is_sent_.exchange(true)) {
      const auto took = std::chrono::steady_clock::now() - begun_;
      observer_(about_, answer, std::chrono::duration_cast<std::chrono::microseconds>(took));
    }
    to_->send(std::move(answer), fault);
  }

 private:
  responder_ptr to_;
  request about_;
  std::string route_;
  answer_observer observer_;
  std::atomic<bool> is_sent_ = false;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
};

}  // namespace

void router::add(std::string method, std::string pattern, endpoint what) {
  routes_.push_back({std::move(method), std::move(pattern), std::move(what)});
}

responder_ptr router::observed(const request& req, std::string pattern, responder_ptr to) const {
  // What an observer may want to know; headers and body stay with the endpoint.
  request about;
  about.method = req.method;
  about.request_id = req.request_id;
  return std::make_shared<routed_responder>(
      std::move(to), std::move(about), std::move(pattern), observer_
  );
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
    auto reply_to = observed(req, found->pattern, to);
    found->what(std::make_shared<const call>(call{
        std::move(req), std::move(reply_to), std::move(id)}));
    return;
  }
  if (allowed.empty()) {
    observed(req, "none", to)
        ->send(make_problem(404, "Not Found", "there is nothing at this path"));
    return;
  }
  auto refusal = make_problem(405, "Method Not Allowed", "this path takes the methods " + allowed);
  refusal.headers.emplace_back("Allow", allowed);
  observed(req, "none", to)->send(std::move(refusal));
}

}  // namespace stayler::http
