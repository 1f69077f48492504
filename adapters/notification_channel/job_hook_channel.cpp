// SPDX-License-Identifier: MIT
#include "adapters/notification_channel/job_hook_channel.hpp"

#include "adapters/http_client/curl_http_client.hpp"
#include "adapters/notification_channel/web_hook_delivery.hpp"
#include "adapters/url_rules/public_address.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

constexpr std::size_t max_hook_connections = 256;

/// Null where no job may have a hook: then there is nothing to be sent.
std::unique_ptr<http_client> make_hook_client(const url_rules& rules) {
  if (rules.hosts.empty()) {
    return nullptr;
  }
  return make_curl_http_client(
      max_hook_connections, rules.allows_private ? address_rule{} : address_rule{is_public_address}
  );
}

class job_hook_channel final : public notification_channel {
 public:
  job_hook_channel(std::unique_ptr<notification_channel> usual, job_hook_options options)
      : usual_(std::move(usual)),
        options_(std::move(options)),
        client_(make_hook_client(options_.rules)) {}

  void deliver(const notification& event, completion done) override {
    if (event.webhook_url.empty()) {
      usual_->deliver(event, std::move(done));
      return;
    }
    auto url = check_url(event.webhook_url, options_.rules);
    if (!url) {
      url.error().message.insert(0, "the job's webhookUrl ");
      done({delivery_problem::not_allowed, std::move(url).error()});
      return;
    }
    auto request = make_web_hook_request(*url, event, options_.keys, options_.timeout);
    client_->send(
        std::move(request), [url = *std::move(url), done = std::move(done)](const auto& outcome
                            ) { done(read_web_hook_answer(url, outcome)); }
    );
  }

  [[nodiscard]] std::string receiver_of(const notification& event) const override {
    return event.webhook_url.empty() ? usual_->receiver_of(event) : origin_of(event.webhook_url);
  }

  [[nodiscard]] std::string name() const override { return usual_->name(); }

 private:
  std::unique_ptr<notification_channel> usual_;
  job_hook_options options_;
  std::unique_ptr<http_client> client_;
};

}  // namespace

std::unique_ptr<notification_channel> make_job_hook_channel(
    std::unique_ptr<notification_channel> usual, job_hook_options options
) {
  return std::make_unique<job_hook_channel>(std::move(usual), std::move(options));
}

}  // namespace stayler::adapters
