// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/service.hpp"

#include "actors/support/message_types.hpp"
#include "adapters/event_feed/memory_event_feed.hpp"
#include "http/api/api.hpp"
#include "http/api/browsers/browser_headers.hpp"
#include "http/server/server.hpp"
#include "tests/integration/http/api/fakes/fakes.hpp"
#include "tests/support/catch.hpp"

#include <caf/all.hpp>

#include <chrono>
#include <cstring>
#include <functional>
#include <mutex>
#include <utility>

namespace stayler::test {

using namespace std::chrono_literals;

namespace {

raw_answer ask_at(
    std::uint16_t port,
    const std::string& method,
    const std::string& path,
    std::string_view body = "",
    const std::string& headers = ""
) {
  raw_connection client{port};
  client.send(
      method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: "
      + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + std::string{body}
  );
  return client.read_answer(method == "HEAD");
}

}  // namespace

struct service::impl {
  class kept_audit_trail final : public adapters::audit_trail {
   public:
    void add(const adapters::audit_record& record) override {
      const std::lock_guard lock{mutex_};
      records_.push_back(record);
    }

    void read(adapters::audit_query query, std::function<void(result<adapters::audit_page>)> answer)
        override {
      adapters::audit_page page{{}, 5, 9, std::string(64, 'a')};
      const std::lock_guard lock{mutex_};
      for (const auto& each : records_) {
        if (query.wants(each)) {
          page.records.push_back(each);
        }
      }
      answer(std::move(page));
    }

    [[nodiscard]] std::vector<adapters::audit_record> take() {
      const std::lock_guard lock{mutex_};
      return std::exchange(records_, {});
    }

   private:
    std::mutex mutex_;
    std::vector<adapters::audit_record> records_;
  };

  struct system_config : caf::actor_system_config {
    system_config() {
      set("scheduler.max-threads", 2);
      actors::add_message_types(*this);
    }
  };

  impl(bool has_parts, const std::string& keys, const std::vector<std::string>& origins)
      : fakes(spawn_fakes(system, has_parts)), bridge(system, fakes.supervisor, 5s) {
    http::api_options options;
    options.version = "1.2.3";
    options.instance_name = "here";
    options.max_image_bytes = 10'000;
    options.audit = audit;
    options.events = events;
    options.max_event_streams = 2;
    options.event_streams = std::make_shared<http::stream_tickets>(
        options.max_event_streams, options.max_event_streams_per_key
    );
    options.routes = http::list_routes(bridge, options);
    options.node_certificate_expiry = [] { return timestamp{1'000s}; };
    options.memory = memory;
    http::server_options listening;
    listening.memory = memory;
    if (!keys.empty()) {
      access_control = std::make_shared<http::authorizer>(
          adapters::parse_caller_keys(keys).value(), http::rate_rule{1'000, 1'000}
      );
      options.access_control = access_control;
    }
    options.origins = http::origin_rules{!keys.empty(), "127.0.0.1", false, origins};
    const auto headers =
        std::make_shared<const http::browser_headers>(std::chrono::seconds{0}, origins);
    listening.standing_headers = [headers](const http::request& head) {
      return &headers->of(head);
    };
    listening.reads_body = [options](const http::request& head) {
      return http::reads_body(options, head);
    };
    listening.body_limit = [options](std::string_view method, std::string_view path) {
      return http::body_limit(options, method, path);
    };
    api = http::server::start(listening, http::make_api(bridge, options)).value();
    health = http::server::start({}, http::make_health_api(bridge, options)).value();
  }

  system_config config;
  caf::actor_system system{config};
  fake_actors fakes;
  std::shared_ptr<kept_audit_trail> audit = std::make_shared<kept_audit_trail>();
  std::shared_ptr<adapters::event_feed> events = adapters::make_memory_event_feed();
  std::shared_ptr<http::http_memory> memory = std::make_shared<http::http_memory>(8UL << 20U);
  std::shared_ptr<http::authorizer> access_control;
  http::bridge bridge;
  std::unique_ptr<http::server> api;
  std::unique_ptr<http::server> health;
};

service::service(bool has_parts, const std::string& keys, const std::vector<std::string>& origins)
    : impl_(std::make_unique<impl>(has_parts, keys, origins)) {
  const auto patience = std::chrono::steady_clock::now() + 10s;
  while (has_parts && ask("GET", "/health").body.find("starting") != std::string::npos
         && std::chrono::steady_clock::now() < patience) {
  }
}

void service::stop() {
  for (auto* each : {&impl_->api, &impl_->health}) {
    if (*each) {
      (*each)->stop(1s);
      each->reset();
    }
  }
  impl_->bridge.stop();
}

service::~service() {
  stop();
  for (const auto& each : impl_->fakes.all) {
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }
}

raw_answer service::ask(
    const std::string& method,
    const std::string& path,
    std::string_view body,
    const std::string& headers
) {
  return ask_at(port(), method, path, body, headers);
}

raw_answer service::post_json(const std::string& path, std::string_view body) {
  return ask("POST", path, body, "Content-Type: application/json\r\n");
}

adapters::json_value service::await_overview(const std::string& headers) {
  const auto patience = std::chrono::steady_clock::now() + 30s;
  for (;;) {
    const auto answer = ask("GET", "/worker/overview", "", headers);
    auto shown = answer.status == 200 ? json_of(answer) : adapters::json_value{};
    if (const auto* queue = shown.find("queue"); queue != nullptr && !queue->is_null()) {
      return shown;
    }
    REQUIRE(std::chrono::steady_clock::now() < patience);
  }
}

raw_answer service::ask_health(const std::string& path) {
  return ask_at(impl_->health->port(), "GET", path);
}

std::uint16_t service::port() const {
  return impl_->api->port();
}

void service::replace_keys(const std::string& keys) {
  impl_->access_control->replace_keys(adapters::parse_caller_keys(keys).value());
}

std::vector<http::route_name> service::routes() const {
  return http::list_routes(impl_->bridge, {});
}

event_follower service::follow(const std::string& path, const std::string& last) {
  return {"http://127.0.0.1:" + std::to_string(port()), path, last};
}

adapters::event_feed& service::events() {
  return *impl_->events;
}

http::http_memory& service::memory() {
  return *impl_->memory;
}

std::vector<adapters::audit_record> service::audited() {
  return impl_->audit->take();
}

std::string service::stored_picture() {
  const auto answer = ask("POST", "/images?userId=u1", png, "Content-Type: image/png\r\n");
  REQUIRE(answer.status == 201);
  return answer.headers.at("location").substr(std::strlen("/images/"));
}

adapters::json_value json_of(const raw_answer& answer) {
  INFO(answer.body);
  auto parsed = adapters::parse_json(answer.body);
  REQUIRE(parsed);
  return std::move(parsed).value();
}

std::string text_at(const adapters::json_value& from, std::string_view name) {
  const auto* member = from.find(name);
  INFO(name);
  REQUIRE(member != nullptr);
  REQUIRE(member->as<std::string>() != nullptr);
  return *member->as<std::string>();
}

adapters::json_value problem_of(const raw_answer& answer, unsigned status, std::string_view kind) {
  CHECK(answer.status == status);
  CHECK(answer.headers.at("content-type") == "application/problem+json");
  auto json = json_of(answer);
  CHECK(*json.find("status")->as<std::int64_t>() == status);
  CHECK(text_at(json, "error") == kind);
  CHECK_FALSE(text_at(json, "title").empty());
  CHECK(text_at(json, "detail") == text_at(json, "details"));
  return json;
}

std::vector<std::string> fields_of(const adapters::json_value& problem) {
  std::vector<std::string> fields;
  const auto* errors = problem.find("errors");
  REQUIRE(errors != nullptr);
  for (const auto& each : *errors->as<adapters::json_value::array>()) {
    fields.push_back(text_at(each, "field"));
  }
  return fields;
}

std::string conversion(
    const std::string& user_image,
    const std::string& cloth_image,
    const std::string& user,
    const std::string& id
) {
  return R"({"type":"image_conversion","conversionId":")" + id + R"(","userId":")" + user
         + R"(","payload":{"userImageId":")" + user_image + R"(","clothImageId":")" + cloth_image
         + "\"}}";
}

}  // namespace stayler::test
