// SPDX-License-Identifier: MIT

// The whole front end over real HTTP, with actors behind it that do as little as possible: what
// counts is which message a call becomes, and what an answer or a failure looks like to a caller.

#include "actors/support/reply_promise.hpp"
#include "actors/support/message_types.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/config/settings_rules.hpp"
#include "adapters/json/json_reader.hpp"
#include "http/api/api.hpp"
#include "http/server/server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/event_follower.hpp"
#include "tests/support/raw_http.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

using namespace stayler;
using namespace std::chrono_literals;
using actors::to_error;
using adapters::json_value;
using test::raw_answer;
using test::raw_connection;

namespace {

constexpr std::string_view png = "\x89PNG\r\n\x1A\n0123456789";

failure no_such(const std::string& what) {
  return {error_class::not_found, "no " + what, {}};
}

struct fake_queue_state {
  std::map<job_id, job> jobs;
  std::map<std::string, job_id> keys;
  std::vector<job_type> paused;
};

using queue_pointer = queue_actor::stateful_pointer<fake_queue_state>;

caf::result<submit_receipt> take(queue_pointer self, const job_request& request) {
  auto& state = self->state;
  if (request.user_id == "nobody") {
    return to_error({error_class::unavailable, "not accepting", 2'500ms});
  }
  const auto known = state.keys.find(request.idempotency_key);
  if (!request.idempotency_key.empty() && known != state.keys.end()) {
    return submit_receipt{state.jobs.at(known->second), true};
  }
  if (request.user_id == "full") {
    return to_error({error_class::rate_limited, "the queue is full", 5'000ms});
  }
  if (request.user_id == "no-room") {
    return to_error({error_class::store_full, "the disk is full", {}});
  }
  job added;
  added.id = job_id{make_uuid_v7(std::chrono::system_clock::now())};
  added.request = request;
  added.status = request.user_id == "dead" ? job_status::failed : job_status::pending;
  added.created_at = to_timestamp(std::chrono::system_clock::now());
  state.jobs[added.id] = added;
  state.keys[request.idempotency_key] = added.id;
  return submit_receipt{added, false};
}

/// Retry and drop: what counts is only that a dead letter is one.
caf::result<job> dead_letter(queue_pointer self, const job_id& id) {
  const auto found = self->state.jobs.find(id);
  if (found == self->state.jobs.end()) {
    return to_error(no_such("job"));
  }
  if (found->second.status != job_status::failed) {
    return to_error({error_class::conflict, "the job is no dead letter", {}});
  }
  return found->second;
}

void pause_or_resume(queue_pointer self, job_type type, bool is_paused) {
  std::erase(self->state.paused, type);
  if (is_paused) {
    self->state.paused.push_back(type);
  }
}

caf::result<job> end_job(queue_pointer self, const job_id& id) {
  const auto found = self->state.jobs.find(id);
  if (found == self->state.jobs.end()) {
    return to_error(no_such("job"));
  }
  if (is_final(found->second.status)) {
    return to_error({error_class::conflict, "the job is cancelled already", {}});
  }
  found->second.status = job_status::cancelled;
  return found->second;
}

queue_actor::behavior_type fake_queue(queue_pointer self) {
  return {
      [self](submit_atom, const job_request& request) { return take(self, request); },
      [self](find_atom, const job_id& id) -> caf::result<job> {
        const auto found = self->state.jobs.find(id);
        if (found == self->state.jobs.end()) {
          return to_error(no_such("job"));
        }
        return found->second;
      },
      [self](list_atom, const job_filter& filter) {
        job_page page;
        for (const auto& [id, each] : self->state.jobs) {
          const bool is_wanted =
              filter.statuses.empty() || std::ranges::count(filter.statuses, each.status) > 0;
          const bool is_of_class =
              filter.errors.empty() || std::ranges::count(filter.errors, each.error.kind) > 0;
          if (is_wanted && is_of_class
              && (filter.user_id.empty() || filter.user_id == each.request.user_id)) {
            page.jobs.push_back(each);
          }
        }
        return page;
      },
      [self](cancel_atom, const job_id& id) { return end_job(self, id); },
      [self](process_atom, const job_id& id) { return end_job(self, id); },
      [](submit_atom, const std::vector<job_request>& requests) {
        std::vector<submit_answer> answers;
        for (const job_request& request : requests) {
          submit_answer answer;
          if (request.user_id == "too-many") {
            answer.error = {error_class::rate_limited, "the queue is full", milliseconds{5'000}};
          } else {
            answer.receipt.accepted.request = request;
          }
          answers.push_back(std::move(answer));
        }
        return answers;
      },
      [self](retry_atom, const job_id& id) { return dead_letter(self, id); },
      [](retry_atom, const job_filter& filter) {
        return retry_report{filter.errors.size() + 10 * filter.types.size(), 2};
      },
      [self](drop_atom, const job_id& id) { return dead_letter(self, id); },
      [self](pause_atom, job_type type, bool is_paused) {
        pause_or_resume(self, type, is_paused);
        return unit_value{};
      },
      [](open_call_atom, const attempt_id&) { return unit_value{}; },
      [](settle_call_atom, const attempt_id&, const call_settlement&) { return unit_value{}; },
      [self](status_atom) {
        queue_status status;
        status.paused = self->state.paused;
        status.state = service_state::running;
        status.counts.accepted = 4;
        status.counts.completed = 3;
        status.counts.failed = 1;
        status.workers.push_back({"w1", "here", true, job_id{}, {}, {}, 3, 0});
        return status;
      },
      [](join_atom, const std::string&, const worker_actor&) {},
      [](adopt_atom, const std::string&, const worker_actor&, const attempt_id&) {
        return unit_value{};
      },
      [](leave_atom, const std::string&) { return true; },
      [](renew_atom, const attempt_id&) { return unit_value{}; },
      [](report_atom, const attempt_id&, const job_progress&) { return unit_value{}; },
      [](finish_atom, const attempt_id&, const attempt_outcome&) { return unit_value{}; },
      [](due_atom) {},
      [](capacity_atom, const provider_capacity&) {},
      [](start_atom) { return unit_value{}; },
      [](drain_atom, milliseconds) { return unit_value{}; },
      [](settings_atom, const settings&) {},
  };
}

struct fake_library_state {
  std::map<std::string, stored_image> images;
};

using library_pointer = image_library_actor::stateful_pointer<fake_library_state>;

image_record keep(library_pointer self, const new_image& image) {
  image_record row;
  row.id = "img-" + std::to_string(self->state.images.size() + 1);
  row.user_id = image.user_id;
  row.type = image.type;
  row.file_name = image.file_name;
  row.bytes = image.content.picture.bytes->size();
  row.mime_type = mime_type_of(image.content.picture.info.format);
  row.width = image.content.picture.info.width;
  row.height = image.content.picture.info.height;
  row.checksum = "c0ffee";
  self->state.images[row.id] = {row, image.content.picture.bytes};
  return row;
}

caf::result<stored_image> look_up(library_pointer self, const std::string& id) {
  const auto found = self->state.images.find(id);
  if (found == self->state.images.end()) {
    return to_error(no_such("image"));
  }
  return found->second;
}

image_library_actor::behavior_type fake_library(library_pointer self) {
  return {
      [self](store_atom, const new_image& image) { return keep(self, image); },
      [self](find_atom, const std::string& id) -> caf::result<image_record> {
        if (id == "unknowable") {
          return to_error({error_class::unavailable, "the database is away", {}});
        }
        const auto found = self->state.images.find(id);
        if (found == self->state.images.end()) {
          return to_error(no_such("image"));
        }
        return found->second.record;
      },
      [self](fetch_atom, const std::string& id) { return look_up(self, id); },
      [](download_atom, const std::string&) -> caf::result<stored_image> {
        return to_error(no_such("image"));
      },
      [](thumbnail_atom, const std::string&) -> caf::result<stored_image> {
        return to_error(no_such("thumbnail"));
      },
      [self](remove_atom, const std::string& id) -> caf::result<unit_value> {
        if (self->state.images.erase(id) == 0) {
          return to_error(no_such("image"));
        }
        return unit_value{};
      },
  };
}

image_processor_actor::behavior_type fake_processor() {
  return {
      [](examine_atom, const shared_bytes& bytes) -> caf::result<image_info> {
        if (bytes->size() < png.size()) {
          return to_error({error_class::invalid_input, "the picture is cut off", {}});
        }
        return image_info{image_format::png, 3, 4};
      },
      [](prepare_atom, const shared_bytes&) { return prepared_image{}; },
      [](finish_atom, const shared_bytes&, image_format, const std::vector<image_signature>&) {
        return finished_image{};
      },
      [](transform_atom, const shared_bytes&, const std::vector<image_operation>&) {
        return finished_image{};
      },
  };
}

struct fake_metrics_state {
  std::vector<http_event> seen;
};

metrics_actor::behavior_type fake_metrics(metrics_actor::stateful_pointer<fake_metrics_state> self
) {
  return {
      [](const queue_report&) {},
      [](const stage_event&) {},
      [](const provider_event&) {},
      [](const provider_status&) {},
      [](const cache_event&) {},
      [self](const http_event& event) { self->state.seen.push_back(event); },
      [](const notification_report&) {},
      [](const restart_event&) {},
      [](const lost_slot_event&) {},
      [](const tree_report&) {},
      [](const node_report&) {},
      [](const link_report&) {},
      [self](render_atom) {
        std::string text;
        for (const auto& event : self->state.seen) {
          text += event.method + " " + event.route + " " + std::to_string(event.status) + "\n";
        }
        return text;
      },
      [](status_atom) {
        latency_report report;
        report.stages.push_back({"total", 7, 0.5, 1, 2});
        return report;
      },
  };
}

health_actor::behavior_type fake_health() {
  return {[](status_atom) {
    health_report report;
    report.state = health_state::degraded;
    report.is_ready = false;
    report.checks.push_back({"gemini", health_state::degraded, "slow", 5ms});
    return report;
  }};
}

struct fake_supervisor_state {
  settings config;
  bool is_running = true;
};

using supervisor_pointer = supervisor_actor::stateful_pointer<fake_supervisor_state>;

caf::result<unit_value> switch_to(supervisor_pointer self, bool running) {
  if (self->state.is_running == running) {
    return to_error({error_class::conflict, running ? "already running" : "already stopped", {}});
  }
  self->state.is_running = running;
  return unit_value{};
}

supervisor_actor::behavior_type fake_supervisor(
    supervisor_pointer self, const actors::directory& parts
) {
  self->state.config.retry.max_retries = 4;
  return {
      [self](start_atom) { return switch_to(self, true); },
      [self](drain_atom, milliseconds) { return switch_to(self, false); },
      [](shutdown_atom, milliseconds) { return unit_value{}; },
      [](workers_atom) {
        return std::vector<worker_status>{{"w1", "here", false, {}, {}, {}, 3, 1}};
      },
      [self](settings_atom) { return self->state.config; },
      [self](settings_atom, const std::vector<settings_change>& changes) {
        auto update = adapters::apply_changes(self->state.config, changes);
        self->state.config = update.effective;
        return update;
      },
      [](tree_atom) {
        tree_status tree;
        tree.max_restarts = 10;
        tree.core.push_back(
            {"queue",
             child_state::running,
             restart_rule::permanent,
             {"metrics"},
             2,
             {},
             5,
             {},
             "it threw"}
        );
        return tree;
      },
      [](fault_atom, const std::string& child, milliseconds hang_for) -> caf::result<unit_value> {
        if (child == "queue" && hang_for < milliseconds{2'000}) {
          return unit_value{};
        }
        return to_error({error_class::permission, "chaos is off", {}});
      },
      [parts](watch_atom, const caf::actor& watcher) { caf::anon_send(watcher, parts); },
  };
}

class kept_audit_trail final : public adapters::audit_trail {
 public:
  void add(const adapters::audit_record& record) override {
    const std::lock_guard lock{mutex_};
    records_.push_back(record);
  }

  [[nodiscard]] std::vector<adapters::audit_record> take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(records_, {});
  }

 private:
  std::mutex mutex_;
  std::vector<adapters::audit_record> records_;
};

/// The fakes in an actor system, the API in front of them, and a client.
class service {
  struct system_config : caf::actor_system_config {
    system_config() {
      set("scheduler.max-threads", 2);
      actors::add_message_types(*this);
    }
  };

  template <class Function, class... Args>
  auto spawn(Function behaviour, Args&&... args) {
    auto made = system_.spawn(behaviour, std::forward<Args>(args)...);
    spawned_.push_back(caf::actor_cast<caf::actor>(made));
    return made;
  }

 public:
  /// `has_parts`: false for a service that is still starting. `keys`: as in WORKER_API_KEYS.
  explicit service(bool has_parts = true, const std::string& keys = "") {
    if (has_parts) {
      parts_.queue = spawn(fake_queue);
      parts_.library = spawn(fake_library);
      parts_.images = spawn(fake_processor);
      parts_.metrics = spawn(fake_metrics);
      parts_.health = spawn(fake_health);
    }
    bridge_ = std::make_unique<http::bridge>(system_, spawn(fake_supervisor, parts_), 5s);
    http::api_options options;
    options.version = "1.2.3";
    options.max_image_bytes = 10'000;
    options.audit = audit_;
    options.events = events_;
    options.max_event_streams = 2;
    http::server_options listening;
    if (!keys.empty()) {
      const http::rate_rule rule{1'000, 1'000};
      options.access_control = std::make_shared<http::authorizer>(adapters::parse_caller_keys(keys).value(), rule);
      listening.reads_body = [authorizer = options.access_control](const http::request& head) {
        return authorizer->knows(head);
      };
    }
    listening.body_limit = [options](std::string_view method, std::string_view path) {
      return http::body_limit(options, method, path);
    };
    api_ = http::server::start(listening, http::make_api(*bridge_, options)).value();
    health_ = http::server::start({}, http::make_health_api(*bridge_, options)).value();
    const auto patience = std::chrono::steady_clock::now() + 10s;
    while (has_parts && ask("GET", "/health").body.find("starting") != std::string::npos
           && std::chrono::steady_clock::now() < patience) {
    }
  }

  ~service() {
    api_->stop(1s);
    health_->stop(1s);
    bridge_->stop();
    for (const auto& each : spawned_) {
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    }
  }

  raw_answer ask(
      const std::string& method,
      const std::string& path,
      std::string_view body = "",
      const std::string& headers = ""
  ) {
    return ask_at(api_->port(), method, path, body, headers);
  }

  [[nodiscard]] std::uint16_t port() const { return api_->port(); }

  raw_answer ask_health(const std::string& path) { return ask_at(health_->port(), "GET", path); }

  /// A follower of that path's events.
  [[nodiscard]] test::event_follower follow(const std::string& path, const std::string& last = "") {
    return {"http://127.0.0.1:" + std::to_string(api_->port()), path, last};
  }

  [[nodiscard]] adapters::event_feed& events() { return *events_; }

  /// The audit records since the last call of this.
  [[nodiscard]] std::vector<adapters::audit_record> audited() { return audit_->take(); }

  raw_answer post_json(const std::string& path, std::string_view body) {
    return ask("POST", path, body, "Content-Type: application/json\r\n");
  }

  /// The id of a picture that has been stored.
  std::string stored_picture() {
    const auto answer = ask("POST", "/images?userId=u1", png, "Content-Type: image/png\r\n");
    REQUIRE(answer.status == 201);
    return answer.headers.at("location").substr(std::strlen("/images/"));
  }

 private:
  static raw_answer ask_at(
      std::uint16_t port,
      const std::string& method,
      const std::string& path,
      std::string_view body = "",
      const std::string& headers = ""
  ) {
    raw_connection client{port};
    client.send(
        method + " " + path + " HTTP/1.1\r\nHost: t\r\nContent-Length: "
        + std::to_string(body.size()) + "\r\n" + headers + "\r\n" + std::string{body}
    );
    return client.read_answer(method == "HEAD");
  }

  system_config config_;
  caf::actor_system system_{config_};
  actors::directory parts_;
  std::vector<caf::actor> spawned_;
  std::shared_ptr<kept_audit_trail> audit_ = std::make_shared<kept_audit_trail>();
  std::shared_ptr<adapters::event_feed> events_ = adapters::make_memory_event_feed();
  std::unique_ptr<http::bridge> bridge_;
  std::unique_ptr<http::server> api_;
  std::unique_ptr<http::server> health_;
};

json_value json_of(const raw_answer& answer) {
  INFO(answer.body);
  auto parsed = adapters::parse_json(answer.body);
  REQUIRE(parsed);
  return std::move(parsed).value();
}

std::string text_at(const json_value& from, std::string_view name) {
  const auto* member = from.find(name);
  INFO(name);
  REQUIRE(member != nullptr);
  REQUIRE(member->as<std::string>() != nullptr);
  return *member->as<std::string>();
}

/// Checks that the answer is a problem of that class and status.
json_value problem_of(const raw_answer& answer, unsigned status, std::string_view kind) {
  CHECK(answer.status == status);
  CHECK(answer.headers.at("content-type") == "application/problem+json");
  auto json = json_of(answer);
  CHECK(*json.find("status")->as<std::int64_t>() == status);
  CHECK(text_at(json, "error") == kind);
  CHECK_FALSE(text_at(json, "title").empty());
  CHECK(text_at(json, "detail") == text_at(json, "details"));
  return json;
}

std::vector<std::string> fields_of(const json_value& problem) {
  std::vector<std::string> fields;
  const auto* errors = problem.find("errors");
  REQUIRE(errors != nullptr);
  for (const auto& each : *errors->as<json_value::array>()) {
    fields.push_back(text_at(each, "field"));
  }
  return fields;
}

std::string conversion(
    const std::string& user_image, const std::string& cloth_image, const std::string& user = "u1"
) {
  return R"({"type":"image_conversion","conversionId":"c1","userId":")" + user
         + R"(","payload":{"userImageId":")" + user_image + R"(","clothImageId":")" + cloth_image
         + "\"}}";
}

}  // namespace

TEST_CASE("a job is submitted, shown, listed and cancelled", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto created = running.post_json("/worker/jobs", conversion(image, image));
  CHECK(created.status == 201);
  const auto id = text_at(json_of(created), "id");
  const auto location = "/worker/jobs/" + id;
  CHECK(created.headers.at("location") == location);
  CHECK(*json_of(created).find("maxRetries")->as<std::int64_t>() == 3);

  const auto found = running.ask("GET", location);
  CHECK(found.status == 200);
  CHECK(text_at(json_of(found), "conversionId") == "c1");

  const auto listed = json_of(running.ask("GET", "/worker/jobs?userId=u1"));
  CHECK(listed.find("jobs")->as<json_value::array>()->size() == 1);
  CHECK(json_of(running.ask("GET", "/worker/jobs?userId=u2"))
            .find("jobs")
            ->as<json_value::array>()
            ->empty());

  CHECK(text_at(json_of(running.ask("DELETE", location)), "status") == "cancelled");
  problem_of(running.ask("DELETE", location), 409, "conflict");
  problem_of(running.ask("POST", location + "/process"), 409, "conflict");
}

TEST_CASE("processing a job at once is accepted with a 202", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto created = running.post_json("/worker/jobs", conversion(image, image));
  CHECK(running.ask("POST", created.headers.at("location") + "/process").status == 202);
}

TEST_CASE("a repeat with the same key gets the first job", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto headers = "Content-Type: application/json; charset=utf-8\r\nIdempotency-Key: k1\r\n";
  const auto body = conversion(image, image);
  const auto first = running.ask("POST", "/worker/jobs", body, headers);
  const auto second = running.ask("POST", "/worker/jobs", body, headers);
  CHECK(first.status == 201);
  CHECK(second.status == 200);
  CHECK(text_at(json_of(first), "id") == text_at(json_of(second), "id"));
  const auto bad = running.ask("POST", "/worker/jobs", body, "Idempotency-Key: a b\r\n");
  CHECK(
      fields_of(problem_of(bad, 400, "invalid_input"))
      == std::vector<std::string>{"Idempotency-Key"}
  );
}

TEST_CASE("a job that names missing images is refused, field by field", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto refused = running.post_json("/worker/jobs", conversion(image, "gone"));
  CHECK(
      fields_of(problem_of(refused, 400, "invalid_input"))
      == std::vector<std::string>{"payload.clothImageId"}
  );
  CHECK(running.post_json("/worker/jobs", conversion(image, "unknowable")).status == 201);
}

TEST_CASE("a bad job request is answered with every bad field", "[http_api]") {
  service running;
  const auto refused = running.post_json(
      "/worker/jobs", R"({"type":"image_conversion","userId":"u","payload":{},"maxRetries":5})"
  );
  CHECK(
      fields_of(problem_of(refused, 400, "invalid_input"))
      == std::vector<
          std::string>{"conversionId", "payload.userImageId", "payload.clothImageId", "maxRetries"}
  );
  problem_of(running.post_json("/worker/jobs", "{"), 400, "invalid_input");
  problem_of(
      running.ask("POST", "/worker/jobs", "a=b", "Content-Type: text/plain\r\n"), 415,
      "invalid_input"
  );
  problem_of(running.ask("GET", "/worker/jobs?limit=0"), 400, "invalid_input");
}

TEST_CASE("what the actors refuse is told with its class", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto away = running.post_json("/worker/jobs", conversion(image, image, "nobody"));
  problem_of(away, 503, "unavailable");
  CHECK(away.headers.at("retry-after") == "3");
  problem_of(
      running.ask("GET", "/worker/jobs/01936b2a-0000-7000-8000-000000000001"), 404, "not_found"
  );
  problem_of(running.ask("GET", "/worker/jobs/17"), 404, "not_found");
}

TEST_CASE("a full queue says when to come again, a full store that it is away", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto queue_full = running.post_json("/worker/jobs", conversion(image, image, "full"));
  problem_of(queue_full, 429, "rate_limited");
  CHECK(queue_full.headers.at("retry-after") == "5");
  const auto store_full = running.post_json("/worker/jobs", conversion(image, image, "no-room"));
  problem_of(store_full, 503, "store_full");
  CHECK(store_full.headers.contains("retry-after"));
}

TEST_CASE("a batch is answered job by job, in order", "[http_api]") {
  service running;
  const auto answer = running.post_json(
      "/worker/jobs/batch", R"({"jobs":[)" + conversion("a", "b") + R"(,{"type":"nonsense"},17,)"
                                + conversion("a", "b", "too-many") + "]}"
  );
  CHECK(answer.status == 200);
  const auto json = json_of(answer);
  CHECK(parse_uuid(text_at(json, "batchId")));
  const auto& jobs = *json.find("jobs")->as<json_value::array>();
  REQUIRE(jobs.size() == 4);
  CHECK(text_at(jobs[0], "conversionId") == "c1");
  CHECK(text_at(*jobs[1].find("error"), "class") == "invalid_input");
  CHECK(text_at(*jobs[1].find("error"), "message").find("type must be") != std::string::npos);
  CHECK(text_at(*jobs[2].find("error"), "class") == "invalid_input");
  CHECK(text_at(*jobs[3].find("error"), "class") == "rate_limited");
}

TEST_CASE("a batch that is none is refused as a whole", "[http_api]") {
  service running;
  const auto repeated = [](int count) {
    std::string list = "17";
    for (int i = 1; i < count; ++i) {
      list += ",17";
    }
    return R"({"jobs":[)" + list + "]}";
  };
  CHECK(running.post_json("/worker/jobs/batch", repeated(1'000)).status == 200);
  const std::string other_member = R"({"jobs":[17],"more":1})";
  for (const std::string& body :
       {repeated(1'001), other_member, std::string{"{}"}, std::string{R"({"jobs":[]})"}}) {
    INFO(body.substr(0, 40));
    problem_of(running.post_json("/worker/jobs/batch", body), 400, "invalid_input");
  }
}

TEST_CASE("a batch may be larger than a job, and each has its bound", "[http_api]") {
  service running;
  const auto padded = [](std::size_t bytes) {
    return R"({"jobs":[17]})" + std::string(bytes, ' ');
  };
  CHECK(running.post_json("/worker/jobs/batch", padded(1'000'000)).status == 200);
  CHECK(running.post_json("/worker/jobs/batch", padded(9'000'000)).status == 413);
  const auto job = conversion("a", "b") + std::string(70'000, ' ');
  problem_of(running.post_json("/worker/jobs", job), 413, "invalid_input");
}

TEST_CASE("dead letters are listed, retried and dropped", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto submitted = [&](const std::string& user) {
    const auto created = running.post_json("/worker/jobs", conversion(image, image, user));
    return text_at(json_of(created), "id");
  };
  const auto dead = submitted("dead");
  const auto alive = submitted("u1");
  const auto listed = [&](const std::string& query) {
    const auto json = json_of(running.ask("GET", "/worker/dead-letters" + query));
    return json.find("jobs")->as<json_value::array>()->size();
  };
  CHECK(listed("") == 1);
  CHECK(listed("?status=pending") == 1);
  CHECK(listed("?errorClass=timeout,connection") == 0);
  problem_of(running.ask("GET", "/worker/jobs?errorClass=nonsense"), 400, "invalid_input");

  CHECK(running.ask("POST", "/worker/jobs/" + dead + "/retry").status == 202);
  problem_of(running.ask("POST", "/worker/jobs/" + alive + "/retry"), 409, "conflict");
  problem_of(running.ask("POST", "/worker/jobs/17/retry"), 404, "not_found");
  CHECK(running.ask("DELETE", "/worker/dead-letters/" + dead).status == 200);
  problem_of(running.ask("DELETE", "/worker/dead-letters/" + alive), 409, "conflict");

  const auto metrics = running.ask("GET", "/metrics").body;
  CHECK(metrics.find("POST /worker/jobs/{id}/retry 202\n") != std::string::npos);
  CHECK(metrics.find("DELETE /worker/dead-letters/{id} 200\n") != std::string::npos);
}

TEST_CASE("many dead letters are retried by filter", "[http_api]") {
  service running;
  const auto count_of = [&](std::string_view body) {
    const auto json = json_of(running.post_json("/worker/dead-letters/retry", body));
    CHECK(*json.find("refused")->as<std::int64_t>() == 2);
    return *json.find("retried")->as<std::int64_t>();
  };
  // The fake counts the classes, and each type as ten.
  CHECK(count_of("") == 0);
  CHECK(count_of("{}") == 0);
  CHECK(count_of(R"({"type":"image_processing","userId":"u","errorClass":"timeout"})") == 11);
  for (const auto* body :
       {R"({"errorClass":"x"})", R"({"type":"x"})", R"({"colour":"red"})", "["}) {
    INFO(body);
    problem_of(running.post_json("/worker/dead-letters/retry", body), 400, "invalid_input");
  }
}

TEST_CASE("processing a dead letter is refused with the way to retry it", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto created = running.post_json("/worker/jobs", conversion(image, image, "dead"));
  const auto path = created.headers.at("location");
  const auto refused = problem_of(running.ask("POST", path + "/process"), 409, "conflict");
  CHECK(text_at(refused, "detail").find(path + "/retry") != std::string::npos);
  const auto other = running.post_json("/worker/jobs", conversion(image, image));
  const auto cancelled = other.headers.at("location");
  CHECK(running.ask("DELETE", cancelled).status == 200);
  const auto final = problem_of(running.ask("POST", cancelled + "/process"), 409, "conflict");
  CHECK(text_at(final, "detail").find("/retry") == std::string::npos);
}

TEST_CASE("a paused type is shown until it goes on", "[http_api]") {
  service running;
  const auto paused_types = [&](const std::string& path) {
    const auto json = json_of(running.ask("GET", path));
    return json.find("pausedTypes")->as<json_value::array>()->size();
  };
  CHECK(running.ask("POST", "/worker/types/image_processing/pause").status == 200);
  CHECK(paused_types("/worker/status") == 1);
  CHECK(paused_types("/worker/stats") == 1);
  CHECK(running.ask("POST", "/worker/types/image_processing/resume").status == 200);
  CHECK(paused_types("/worker/status") == 0);
  problem_of(running.ask("POST", "/worker/types/nonsense/pause"), 404, "not_found");
}

TEST_CASE("before the parts are up, what needs them is a 503", "[http_api]") {
  service starting{false};
  for (const auto* path : {"/worker/status", "/worker/health", "/worker/jobs", "/metrics"}) {
    INFO(path);
    const auto answer = starting.ask("GET", path);
    problem_of(answer, 503, "unavailable");
    CHECK(answer.headers.at("retry-after") == "1");
  }
  const auto health = starting.ask("GET", "/health");
  CHECK(health.status == 503);
  CHECK(text_at(json_of(health), "status") == "starting");
  CHECK(starting.ask("GET", "/health/live").status == 200);
}

TEST_CASE("unknown paths are 404, wrong methods 405 with the right ones", "[http_api]") {
  service running;
  problem_of(running.ask("GET", "/nothing"), 404, "not_found");
  const auto refused = running.ask("PATCH", "/worker/config");
  problem_of(refused, 405, "invalid_input");
  CHECK(refused.headers.at("allow") == "GET, HEAD, PUT");
}

TEST_CASE("the worker is stopped and started, each once", "[http_api]") {
  service running;
  problem_of(running.ask("POST", "/worker/start"), 409, "conflict");
  const auto stopped = running.ask("POST", "/worker/stop?timeout=2s");
  CHECK(stopped.status == 200);
  CHECK_FALSE(text_at(json_of(stopped), "timestamp").empty());
  problem_of(running.ask("POST", "/worker/stop"), 409, "conflict");
  CHECK(running.ask("POST", "/worker/start").status == 200);
  problem_of(running.ask("POST", "/worker/stop?timeout=soon"), 400, "invalid_input");
  problem_of(running.ask("POST", "/worker/stop?timeout=25h"), 400, "invalid_input");
}

TEST_CASE("the worker tells how it is doing", "[http_api]") {
  service running;
  const auto status = json_of(running.ask("GET", "/worker/status"));
  CHECK(*status.find("totalJobs")->as<std::int64_t>() == 4);
  CHECK(*status.find("successRate")->as<double>() == 0.75);
  CHECK(text_at(status, "state") == "running");

  const auto stats = json_of(running.ask("GET", "/worker/stats"));
  CHECK(*stats.find("stages")->find("total")->find("p50")->as<std::int64_t>() == 500);
  CHECK(stats.find("queueAge") != nullptr);

  const auto workers = json_of(running.ask("GET", "/worker/workers"));
  const auto& list = *workers.find("workers")->as<json_value::array>();
  REQUIRE(list.size() == 1);
  CHECK(text_at(list[0], "status") == "idle");
  CHECK(*list[0].find("restarts")->as<std::int64_t>() == 1);

  const auto health = running.ask("GET", "/worker/health");
  CHECK(health.status == 200);
  CHECK(text_at(json_of(health), "status") == "degraded");
  CHECK(*json_of(health).find("jobsProcessed")->as<std::int64_t>() == 3);
  CHECK(text_at(*json_of(health).find("checks")->find("gemini"), "message") == "slow");
}

TEST_CASE("the configuration is shown and changed, or not changed at all", "[http_api]") {
  service running;
  CHECK(*json_of(running.ask("GET", "/worker/config")).find("maxWorkers")->as<std::int64_t>() == 5);
  const auto changed =
      running.ask("PUT", "/worker/config", R"({"maxWorkers":9,"retry":{"maxRetries":9}})");
  CHECK(changed.status == 200);
  CHECK(*json_of(changed).find("config")->find("maxWorkers")->as<std::int64_t>() == 9);
  const auto refused = running.ask(
      "PUT", "/worker/config", R"({"maxWorkers":3,"jobTimeout":"soon","retry":{"nonsense":1}})"
  );
  CHECK(
      fields_of(problem_of(refused, 400, "invalid_input"))
      == std::vector<std::string>{"jobTimeout", "retry.nonsense"}
  );
  CHECK(*json_of(running.ask("GET", "/worker/config")).find("maxWorkers")->as<std::int64_t>() == 9);
  problem_of(running.ask("PUT", "/worker/config", "[1]"), 400, "invalid_input");
}

TEST_CASE("a changed configuration holds for the next job", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  auto body = conversion(image, image);
  body.insert(1, R"("maxRetries":9,)");
  CHECK(running.post_json("/worker/jobs", body).status == 400);
  CHECK(running.ask("PUT", "/worker/config", R"({"retry":{"maxRetries":9}})").status == 200);
  CHECK(running.post_json("/worker/jobs", body).status == 201);
}

TEST_CASE("a picture is taken in and given out, whole or in part", "[http_api]") {
  service running;
  const auto created = running.ask(
      "POST", "/images?userId=u1&type=vendor", png, "Content-Type: application/octet-stream\r\n"
  );
  CHECK(created.status == 201);
  const auto row = json_of(created);
  CHECK(text_at(row, "type") == "vendor");
  CHECK(text_at(row, "userId") == "u1");
  CHECK(text_at(row, "mimeType") == "image/png");
  const auto url = text_at(row, "url");

  const auto whole = running.ask("GET", url);
  CHECK(whole.status == 200);
  CHECK(whole.body == png);
  CHECK(whole.headers.at("content-type") == "image/png");
  CHECK(whole.headers.at("accept-ranges") == "bytes");
  const auto tag = whole.headers.at("etag");

  const auto head = running.ask("HEAD", url);
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == std::to_string(png.size()));

  const auto part = running.ask("GET", url, "", "Range: bytes=8-11\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == "0123");
  CHECK(part.headers.at("content-range") == "bytes 8-11/18");
  CHECK(running.ask("GET", url, "", "Range: bytes=8-11\r\nIf-Range: \"old\"\r\n").status == 200);
  const auto outside = running.ask("GET", url, "", "Range: bytes=18-\r\n");
  CHECK(outside.status == 416);
  CHECK(outside.headers.at("content-range") == "bytes */18");

  CHECK(running.ask("GET", url, "", "If-None-Match: " + tag + "\r\n").status == 304);
  CHECK(running.ask("GET", url, "", "If-None-Match: \"other\"\r\n").status == 200);
  problem_of(running.ask("GET", url + "/thumbnail"), 404, "not_found");

  CHECK(running.ask("DELETE", url).status == 204);
  problem_of(running.ask("GET", url), 404, "not_found");
  problem_of(running.ask("DELETE", url), 404, "not_found");
  problem_of(running.ask("GET", "/images/..%5C"), 404, "not_found");
}

TEST_CASE("a picture may come in a form", "[http_api]") {
  service running;
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"userId\"\r\n\r\nu9\r\n"
      "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"me.png\"\r\n"
      "Content-Type: image/png\r\n\r\n"
      + std::string{png} + "\r\n--B--\r\n";
  const auto created =
      running.ask("POST", "/images", body, "Content-Type: multipart/form-data; boundary=B\r\n");
  CHECK(created.status == 201);
  CHECK(text_at(json_of(created), "userId") == "u9");
  CHECK(text_at(json_of(created), "fileName") == "me.png");
  CHECK(running.ask("GET", created.headers.at("location")).body == png);
}

TEST_CASE("what is no picture, or too large a one, is refused", "[http_api]") {
  service running;
  const auto type = "Content-Type: image/png\r\n";
  problem_of(running.ask("POST", "/images", "plain text", type), 415, "invalid_input");
  problem_of(running.ask("POST", "/images", png.substr(0, 9), type), 400, "invalid_input");
  problem_of(running.ask("POST", "/images", "", type), 400, "invalid_input");
  problem_of(
      running.ask("POST", "/images", "{}", "Content-Type: application/json\r\n"), 415,
      "invalid_input"
  );
  const auto large = running.ask("POST", "/images", std::string(10'001, 'x'), type);
  const auto problem = problem_of(large, 413, "invalid_input");
  CHECK(text_at(problem, "detail").find("10000") != std::string::npos);
  const auto bad_fields = running.ask("POST", "/images?userId=a%20b&type=x", png, type);
  CHECK(
      fields_of(problem_of(bad_fields, 400, "invalid_input"))
      == std::vector<std::string>{"userId", "type"}
  );
}

TEST_CASE("the probes answer on both ports, the API on one", "[http_api]") {
  service running;
  const auto health = running.ask_health("/health");
  CHECK(health.status == 200);
  CHECK(text_at(json_of(health), "version") == "1.2.3");
  CHECK(running.ask_health("/health/live").status == 200);
  CHECK(running.ask_health("/health/ready").status == 503);
  CHECK(running.ask_health("/metrics").status == 200);
  CHECK(running.ask_health("/worker/status").status == 404);
  CHECK(running.ask("GET", "/health").status == 200);
}

TEST_CASE("each answer is counted by its route", "[http_api]") {
  service running;
  running.ask("GET", "/worker/jobs/17");
  running.ask("GET", "/no/such/path");
  const auto metrics = running.ask("GET", "/metrics");
  CHECK(metrics.status == 200);
  CHECK(metrics.headers.at("content-type") == "text/plain; version=0.0.4; charset=utf-8");
  const std::string_view expected = "GET /worker/jobs/{id} 404\nGET none 404\n";
  REQUIRE(metrics.body.size() >= expected.size());
  CHECK(metrics.body.substr(metrics.body.size() - expected.size()) == expected);
}

TEST_CASE("a fault is passed to the supervisor, which may refuse", "[http_api]") {
  service running;
  CHECK(running.post_json("/worker/chaos/fault", R"({"actor":"queue"})").status == 200);
  problem_of(running.post_json("/worker/chaos/fault", R"({"actor":"x"})"), 403, "permission");
  problem_of(running.post_json("/worker/chaos/fault", R"({"who":"x"})"), 400, "invalid_input");
}

TEST_CASE("each call that changes something leaves one audit record", "[http_api]") {
  service running;
  const auto image = running.stored_picture();
  const auto submitted = [&](const std::string& user) {
    const auto created = running.post_json("/worker/jobs", conversion(image, image, user));
    return text_at(json_of(created), "id");
  };
  const auto job = submitted("u1");
  const auto dead = submitted("dead");
  const auto of_job = "/worker/jobs/" + job;
  const auto json = std::string{"Content-Type: application/json\r\n"};
  running.ask("POST", of_job + "/process");
  running.ask("DELETE", of_job);
  running.ask("POST", "/worker/jobs/" + dead + "/retry");
  running.post_json("/worker/dead-letters/retry", "{}");
  running.ask("DELETE", "/worker/dead-letters/" + dead);
  running.ask("POST", "/worker/types/image_conversion/pause");
  running.ask("POST", "/worker/types/image_conversion/resume");
  running.ask("PUT", "/worker/config", R"({"maxWorkers":2,"gemini":{"apiKey":"a-key"}})", json);
  running.ask("PUT", "/worker/config", R"({"maxWorkers":"many"})", json);
  running.ask("POST", "/worker/stop");
  running.ask("POST", "/worker/start");
  running.ask("POST", "/worker/start");
  running.ask("DELETE", "/images/" + image);
  running.post_json("/worker/chaos/fault", R"({"actor":"queue"})");

  std::vector<std::string> seen;
  for (const auto& each : running.audited()) {
    seen.push_back(each.action + " [" + each.target + "] " + std::to_string(each.status));
    CHECK(each.who == "127.0.0.1");
    CHECK(parse_uuid(each.request_id));
    CHECK(is_set(each.at));
  }
  CHECK(
      seen
      == std::vector<std::string>{
          "POST /images [" + image + "] 201",
          "POST /worker/jobs [" + job + "] 201",
          "POST /worker/jobs [" + dead + "] 201",
          "POST /worker/jobs/{id}/process [" + job + "] 202",
          "DELETE /worker/jobs/{id} [" + job + "] 409",
          "POST /worker/jobs/{id}/retry [" + dead + "] 202",
          "POST /worker/dead-letters/retry [] 200",
          "DELETE /worker/dead-letters/{id} [" + dead + "] 200",
          "POST /worker/types/{id}/pause [image_conversion] 200",
          "POST /worker/types/{id}/resume [image_conversion] 200",
          "PUT /worker/config [maxWorkers,gemini.apiKey] 200",
          "PUT /worker/config [] 400",
          "POST /worker/stop [] 200",
          "POST /worker/start [] 200",
          "POST /worker/start [] 409",
          "DELETE /images/{id} [" + image + "] 204",
          "POST /worker/chaos/fault [queue] 200",
      }
  );
}

TEST_CASE("the audit record of a batch names the jobs that were taken", "[http_api]") {
  service running;
  const auto answer = running.post_json(
      "/worker/jobs/batch", R"({"jobs":[)" + conversion("a", "b") + R"(,{"type":"nonsense"},)"
                                + conversion("c", "d") + "]}"
  );
  const auto json = json_of(answer);
  const auto& jobs = *json.find("jobs")->as<json_value::array>();
  const auto records = running.audited();
  REQUIRE(records.size() == 1);
  CHECK(records[0].target == text_at(jobs[0], "id") + "," + text_at(jobs[2], "id"));
}

TEST_CASE("calls that cannot change anything are not audited", "[http_api]") {
  service running;
  for (const auto* path : {"/worker/jobs", "/worker/config", "/worker/status", "/health"}) {
    running.ask("GET", path);
    running.ask("HEAD", path);
  }
  running.ask("POST", "/nowhere");
  running.ask("PATCH", "/worker/config");
  CHECK(running.audited().empty());
}

TEST_CASE("an audit record has the request id that the caller gave", "[http_api]") {
  service running;
  running.ask("POST", "/worker/stop", "", "X-Request-Id: from-the-caller\r\n");
  const auto records = running.audited();
  REQUIRE(records.size() == 1);
  CHECK(records[0].request_id == "from-the-caller");
}

TEST_CASE("a job's events begin with the job, and go on where a follower was", "[http_api]") {
  service running;
  const auto picture = running.stored_picture();
  const auto id =
      text_at(json_of(running.post_json("/worker/jobs", conversion(picture, picture))), "id");
  const std::string path = "/worker/jobs/" + id + "/events";
  adapters::feed_event event;
  event.job = *parse_job_id(id);
  event.status = job_status::processing;
  event.attempt = fencing_token{1};
  event.progress = {job_stage::converting, 40};

  auto follower = running.follow(path);
  CHECK(follower.answer().headers.at("cache-control") == "no-store");
  CHECK(follower.next()->name == "snapshot");
  running.events().publish({event});
  CHECK(follower.next()->name == "progress");
  event.status = job_status::completed;
  running.events().publish({event});
  const auto last = follower.next();
  REQUIRE(last);
  CHECK(last->name == "status");
  CHECK_FALSE(follower.next());
  CHECK(follower.has_ended());

  SECTION("missing nothing") {
    auto again = running.follow(path, to_string(adapters::feed_place{}));
    CHECK(again.next()->name == "snapshot");
    const auto before = last->id.substr(0, last->id.find('-')) + "-1-0";
    auto rest = running.follow(path, before);
    CHECK(rest.next()->data == last->data);
    CHECK_FALSE(rest.next());
  }
  SECTION("with nothing more, where the job has ended and its end was seen") {
    running.ask("DELETE", "/worker/jobs/" + id);
    CHECK(running.follow(path, last->id).answer().status == 204);
  }
}

TEST_CASE("the events of a job that is not there, or cannot be read, are an error", "[http_api]") {
  service running;
  problem_of(
      running.ask("GET", "/worker/jobs/01936d4e-0000-7000-8000-000000000001/events"), 404,
      "not_found"
  );
  problem_of(running.ask("GET", "/worker/events?type=nonsense"), 400, "invalid_input");
  service starting{false};
  problem_of(
      starting.ask("GET", "/worker/jobs/01936d4e-0000-7000-8000-000000000001/events"), 503,
      "unavailable"
  );
}

TEST_CASE("only so many event streams are open at a time", "[http_api]") {
  service running;
  std::unique_ptr<test::event_follower> first{
      new test::event_follower(running.follow("/worker/events"))};
  const auto second = running.follow("/worker/events");
  CHECK(second.answer().status == 200);
  const auto refused = running.follow("/worker/events");
  CHECK(refused.answer().status == 503);
  CHECK(refused.answer().headers.at("retry-after") == "5");
  first.reset();
  const auto patience = std::chrono::steady_clock::now() + 10s;
  while (running.follow("/worker/events").answer().status != 200
         && std::chrono::steady_clock::now() < patience) {
  }
  CHECK(std::chrono::steady_clock::now() < patience);
}

TEST_CASE("a stream that begins behind what is kept begins with a gap", "[http_api]") {
  service running;
  auto follower = running.follow("/worker/events?userId=u1", "1-1-0");
  adapters::feed_event event;
  event.user_id = "u1";
  running.events().publish({event});
  CHECK(follower.next()->name == "gap");
  CHECK(follower.next()->name == "status");
}

namespace {

/// The keys "view", "mine" (of the users u1 and u2), "submit" and "root".
const std::string four_keys = [] {
  const auto hash = [](std::string_view key) {
    return adapters::sha256_hex(std::as_bytes(std::span{key}));
  };
  return "v:viewer:" + hash("view") + ",m:submitter:" + hash("mine")
         + ":u1+u2,s:submitter:" + hash("submit") + ",r:admin:" + hash("root");
}();

std::string with_key(const std::string& key) {
  return "Authorization: Bearer " + key + "\r\n";
}

/// A picture of that user, stored by a key that may store everybody's.
std::string picture_of(service& running, const std::string& user, const std::string& more = "") {
  const auto answer = running.ask("POST", "/images?userId=" + user + more, png, with_key("submit"));
  REQUIRE(answer.status == 201);
  return answer.headers.at("location").substr(std::strlen("/images/"));
}

std::string location_of_job(
    service& running, const std::string& user, const std::string& image, const std::string& key
) {
  const auto answer =
      running.ask("POST", "/worker/jobs", conversion(image, image, user), with_key(key));
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return answer.headers.at("location");
}

}  // namespace

TEST_CASE("where there are keys, a call without one changes and shows nothing", "[http_api]") {
  service running{true, four_keys};
  problem_of(running.ask("GET", "/worker/status"), 401, "authentication");
  problem_of(running.ask("GET", "/metrics"), 401, "authentication");
  problem_of(running.ask("GET", "/nowhere"), 401, "authentication");
  const auto stopped = running.ask("POST", "/worker/stop", "", with_key("guess"));
  problem_of(stopped, 401, "authentication");
  CHECK(stopped.headers.at("www-authenticate").find("invalid_token") != std::string::npos);
  CHECK(running.ask("GET", "/health").status == 200);
  CHECK(running.ask_health("/metrics").status == 200);
  CHECK(running.ask("POST", "/worker/stop", "", with_key("root")).status == 200);
  CHECK(running.ask("GET", "/nowhere", "", with_key("view")).status == 404);
  problem_of(running.ask("POST", "/worker/start", "", with_key("submit")), 403, "permission");
}

TEST_CASE("of a caller without a key not even the body is read", "[http_api]") {
  service running{true, four_keys};
  raw_connection client{running.port()};
  // The body that is announced never comes.
  client.send("POST /images HTTP/1.1\r\nHost: t\r\nContent-Length: 9000\r\n\r\n");
  const auto answer = client.read_answer();
  CHECK(answer.status == 401);
  CHECK(answer.headers.at("connection") == "close");
}

TEST_CASE("the audit trail names the key, and never holds it", "[http_api]") {
  service running{true, four_keys};
  running.ask("POST", "/worker/stop", "", with_key("root"));
  running.ask("POST", "/worker/stop", "", "X-API-Key: view\r\n");
  running.ask("POST", "/worker/stop", "", with_key("guess"));
  const auto records = running.audited();
  REQUIRE(records.size() == 3);
  CHECK(records[0].key == "r");
  CHECK(records[1].key == "v");
  CHECK(records[1].status == 403);
  CHECK(records[2].key.empty());
  CHECK(records[2].status == 401);
}

TEST_CASE("a key for some users sees and touches only their jobs", "[http_api]") {
  service running{true, four_keys};
  const auto image = picture_of(running, "u1");
  const auto own = location_of_job(running, "u1", image, "mine");
  const auto other = location_of_job(running, "u9", picture_of(running, "u9"), "submit");
  const auto mine = with_key("mine");
  CHECK(running.ask("GET", own, "", mine).status == 200);
  problem_of(running.ask("GET", other, "", mine), 404, "not_found");
  problem_of(running.ask("DELETE", other, "", mine), 404, "not_found");
  problem_of(running.ask("POST", other + "/process", "", mine), 404, "not_found");
  problem_of(running.ask("POST", other + "/retry", "", mine), 404, "not_found");
  CHECK(running.ask("GET", "/worker/jobs?userId=u1", "", mine).status == 200);
  problem_of(running.ask("GET", "/worker/jobs", "", mine), 403, "permission");
  problem_of(running.ask("GET", "/worker/jobs?userId=u9", "", mine), 403, "permission");
  problem_of(running.ask("POST", "/worker/dead-letters/retry", "{}", mine), 403, "permission");
  problem_of(running.ask("GET", "/worker/costs", "", mine), 403, "permission");
  CHECK(running.ask("GET", other, "", with_key("view")).status == 200);
  CHECK(running.ask("DELETE", own, "", mine).status == 200);
}

TEST_CASE(
    "a key for some users hands in only their jobs, of pictures that it may see", "[http_api]"
) {
  service running{true, four_keys};
  const auto mine = with_key("mine");
  const auto own = picture_of(running, "u1");
  const auto other = picture_of(running, "u9");
  const auto garment = picture_of(running, "shop", "&type=vendor");
  const auto submit = [&](const std::string& user, const std::string& person,
                          const std::string& cloth, const std::string& more = "") {
    return running.ask("POST", "/worker/jobs", conversion(person, cloth, user), mine + more);
  };
  CHECK(submit("u1", own, garment).status == 201);
  problem_of(submit("u9", own, own), 403, "permission");
  CHECK(
      fields_of(problem_of(submit("u2", own, other), 400, "invalid_input"))
      == std::vector<std::string>{"payload.clothImageId"}
  );
  problem_of(submit("u1", own, "unknowable"), 503, "unavailable");

  // An idempotency key that another has used must not show that other's job.
  const std::string repeat = "Idempotency-Key: k\r\n";
  const auto first = running.ask(
      "POST", "/worker/jobs", conversion(other, other, "u9"), with_key("submit") + repeat
  );
  CHECK(first.status == 201);
  problem_of(submit("u1", own, own, repeat), 409, "conflict");

  const auto batch = json_of(running.ask(
      "POST", "/worker/jobs/batch",
      R"({"jobs":[)" + conversion(own, garment, "u1") + "," + conversion(own, own, "u9") + ","
          + conversion(other, own, "u1") + "]}",
      mine
  ));
  const auto& jobs = *batch.find("jobs")->as<json_value::array>();
  REQUIRE(jobs.size() == 3);
  CHECK(text_at(jobs[0], "userId") == "u1");
  CHECK(text_at(*jobs[1].find("error"), "class") == "permission");
  CHECK(text_at(*jobs[2].find("error"), "class") == "invalid_input");
}

TEST_CASE("a key for some users sees and stores only their pictures", "[http_api]") {
  service running{true, four_keys};
  const auto mine = with_key("mine");
  const auto own = "/images/" + picture_of(running, "u2");
  const auto other = "/images/" + picture_of(running, "u9");
  const auto garment = "/images/" + picture_of(running, "shop", "&type=vendor");
  CHECK(running.ask("GET", own, "", mine).status == 200);
  CHECK(running.ask("GET", garment, "", mine).status == 200);
  problem_of(running.ask("GET", other, "", mine), 404, "not_found");
  problem_of(running.ask("DELETE", other, "", mine), 404, "not_found");
  problem_of(running.ask("DELETE", garment, "", mine), 404, "not_found");
  CHECK(running.ask("DELETE", own, "", mine).status == 204);
  CHECK(running.ask("POST", "/images?userId=u2", png, mine).status == 201);
  problem_of(running.ask("POST", "/images?userId=u9", png, mine), 403, "permission");
  problem_of(running.ask("POST", "/images", png, mine), 403, "permission");
}
