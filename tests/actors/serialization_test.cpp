// SPDX-License-Identifier: MIT

// Every message type that may cross a node border arrives as it was sent. Each sample sets every
// field to something that is not its default, so that a field which inspect() forgets is found.

#include "messages/jobs/job_filter.hpp"
#include "messages/jobs/submission.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/actors/wire_samples.hpp"
#include "tests/support/catch.hpp"

namespace stayler::test {

namespace {

job_counts sample_counts() {
  return {1, 2, 3, 4, 5, 6, 7, milliseconds{8}, time_at(9), 10, 11, 12};
}

worker_status sample_worker() {
  return {"w1", "node", true, {sample_uuid(3)}, time_at(1), time_at(2), 3, 4};
}

settings sample_settings() {
  settings s;
  s.max_workers = 6;
  s.job_timeout = milliseconds{1};
  s.retry_delay = milliseconds{2};
  s.max_retries = 7;
  s.poll_interval = milliseconds{3};
  s.cleanup_interval = milliseconds{4};
  s.health_check_port = 9'081;
  s.enable_metrics = false;
  s.enable_health_check = false;
  s.retry = {8, milliseconds{5}, milliseconds{6}, 2.5, false};
  s.gemini = {"",
              "http://127.0.0.1",
              "model",
              9,
              milliseconds{7},
              10,
              13,
              11,
              12,
              1.5,
              2.5,
              "m=1/2/3",
              "second",
              milliseconds{14},
              true};
  s.tracing = {"http://127.0.0.1", "http://127.0.0.1/in", "", "service", "always_on", 0.5};
  s.http_address = "0.0.0.0";
  s.http_port = 9'080;
  s.http_memory = 27;
  s.http_read_timeout = milliseconds{28};
  s.http_min_rate = 29;
  s.http_idle_timeout = milliseconds{30};
  s.health_check_address = "::1";
  s.tls_certificate = "api.pem";
  s.tls_key = "api.key";
  s.hsts_max_age = milliseconds{26};
  s.cors_origins = "https://app.example";
  s.rate_limit = 24.5;
  s.rate_burst = 25;
  s.trusted_proxies = "10.0.0.1";
  s.proxy_protocol = true;
  s.shutdown_timeout = milliseconds{8};
  s.data_dir = "elsewhere";
  s.queue_backend = "memory";
  s.queue_name = "other";
  s.max_restarts = 21;
  s.restart_window = milliseconds{22};
  s.ping_timeout = milliseconds{23};
  s.history_file = "history";
  s.max_finished = 19;
  s.max_jobs = 17;
  s.max_jobs_per_user = 16;
  s.max_ambiguous_calls = 18;
  s.sqlite_synchronous = "normal";
  s.storage_url = "s3://bucket";
  s.image_url_allow = "cdn.example.com";
  s.image_url_allow_private = true;
  s.webhook_url = "http://127.0.0.1/hook";
  s.webhook_timeout = milliseconds{28};
  s.webhook_concurrency = 29;
  s.webhook_url_allow = "hooks.example.com";
  s.webhook_url_allow_private = true;
  s.notify_channel = "stayler.done";
  s.notify_max_pause = milliseconds{30};
  s.notify_give_up = milliseconds{31};
  s.notify_retention = milliseconds{32};
  s.audit_retention = milliseconds{33};
  s.history_retention = milliseconds{34};
  s.upload_retention = milliseconds{35};
  s.result_retention = milliseconds{36};
  s.record_retention = milliseconds{37};
  s.log_user_ids = "hashed";
  s.alerts = false;
  s.max_image_bytes = 10;
  s.max_image_pixels = 11;
  s.max_jpeg_pixels = 22;
  s.max_image_side = 23;
  s.codec_processes = 12;
  s.codec_sandbox = "off";
  s.retention = milliseconds{12};
  s.dead_letter_retention = milliseconds{13};
  s.result_cache_max_bytes = 20;
  s.result_cache_max_age = milliseconds{21};
  s.log_level = "debug";
  s.log_format = "json";
  s.audit_file = "audit";
  s.enable_chaos = true;
  s.role = "worker";
  s.node_listen = "127.0.0.1:7000";
  s.node_join = "coordinator:7000";
  s.node_name = "node";
  s.node_tls_certificate = "certificate.pem";
  s.node_tls_key = "key.pem";
  s.node_tls_ca = "ca.pem";
  s.node_tls_crl = "crl.pem";
  s.redis_tls_ca = "redis.pem";
  s.core_files = true;
  s.result_cache_scope = "user";
  s.s3_credentials = "imds";
  s.s3_profile_file = "credentials";
  s.s3_profile = "pictures";
  s.ca_file = "authorities.pem";
  s.no_proxy = "minio";
  s.instance_name = "staging";
  return s;
}

job_event sample_event() {
  return {job_event_kind::retried, {sample_uuid(4)},  job_type::image_processing,
          error_class::timeout,    milliseconds{100}, milliseconds{200},
          milliseconds{300}};
}

struct wire : fixture {
  std::vector<char> bytes_of_message(const caf::message& sent) {
    std::vector<char> bytes;
    caf::binary_serializer sink{system(), bytes};
    REQUIRE_FALSE(sink(sent));
    return bytes;
  }

  /// What another node gets: the value goes with its type's name, so that the type must be known.
  template <class T>
  T carry(const T& value) {
    const auto bytes = bytes_of_message(caf::make_message(value));
    caf::binary_deserializer source{system(), bytes};
    caf::message received;
    REQUIRE_FALSE(source(received));
    REQUIRE(received.match_elements<T>());
    return received.get_as<T>(0);
  }

  template <class T>
  void check(const T& sample) {
    INFO(caf::deep_to_string(sample));
    CHECK_FALSE(sample == T{});
    CHECK(carry(sample) == sample);
    CHECK(carry(T{}) == T{});
  }
};

}  // namespace

TEST_CASE_METHOD(wire, "ids arrive as they were sent") {
  check(sample_uuid(9));
  check(job_id{sample_uuid(9)});
  check(sample_attempt);
  check(content_hash{{1, 2, 3}});
  CHECK(carry(unit_value{}) == unit_value{});
}

TEST_CASE_METHOD(wire, "failures arrive as they were sent") {
  check(sample_failure);
  check(field_problem{"payload.userImageId", "must not be empty"});
}

TEST_CASE_METHOD(wire, "jobs and what is said about them arrive as they were sent") {
  check(sample_request());
  check(sample_job());
  check(sample_progress());
  check(sample_result());
  check(sample_outcome());
  check(submit_receipt{sample_job(), true});
  check(job_filter{
      {job_status::failed, job_status::cancelled},
      {job_type::image_processing},
      "user",
      "conversion",
      {error_class::timeout},
      {sample_uuid(5)},
      17});
  check(job_page{{sample_job(), job{}}, {sample_uuid(6)}});
  check(retry_decision{true, time_at(1), true});
  check(job_type::image_processing);
  check(retry_report{5, 2});
  check(std::vector<job_request>{sample_request(), {}});
  check(std::vector<submit_answer>{{sample_failure, {}}, {{}, {sample_job(), true}}});
  check(sample_payload().operations);
}

TEST_CASE_METHOD(wire, "images and records arrive as they were sent") {
  check(image_info{image_format::webp, 640, 480});
  check(sample_image_record());
  check(sample_conversion_update());
  check(sample_notification());
}

TEST_CASE_METHOD(wire, "accounts of the service's state arrive as they were sent") {
  check(sample_pause());
  check(sample_counts());
  check(sample_worker());
  check(std::vector<worker_status>{sample_worker(), {}});
  check(queue_status{
      service_state::draining,
      sample_counts(),
      time_at(1),
      {sample_pause()},
      {sample_worker()},
      time_at(2),
      true,
      3});
  check(dispatch_status{true, true});
  check(latency_report{
      {{"total", 1, 0.5, 0.9, 0.99}},
      {{job_type::image_processing, 1, 2, 3}},
      {{error_class::timeout, 4}}});
  check(health_report{
      health_state::degraded,
      true,
      {{"gemini", health_state::degraded, "timeout", milliseconds{5}}},
      time_at(1),
      true});
  check(cache_status{1, 2, 3, 4});
  check(notification_status{1, 2, 3, 4, 5, sample_failure, time_at(6), sample_failure});
  check(provider_status{
      1,
      2,
      3,
      sample_failure,
      time_at(4),
      time_at(5),
      6,
      7,
      8,
      breaker_state::half_open,
      time_at(9),
      "why",
      10,
      "model",
      {{"model", breaker_state::open, time_at(11), 12}},
      13,
      14,
      15,
      error_class::authentication});
  check(provider_capacity{1, time_at(2), "why"});
  check(sample_call_request());
  check(sample_call_permit());
  check(sample_call_outcome());
  check(sample_call_settlement());
  const user_spending spent{"2026-11-24", "u", {1, 2, 3, 4, 5}};
  check(spent);
  check(std::vector<user_spending>{spent, spent});
  const found_limit limit{"m/calls", 300, true, timestamp{milliseconds{5}}};
  check(limit);
  check(std::vector<found_limit>{limit, limit});
  check(spending_report{"2026-11-24", time_at(1), {1, 2, 3, 4, 5}, 6, 7, 8, {spent}});
  const child_status child{"queue",
                           child_state::running,
                           restart_rule::transient,
                           {"metrics"},
                           1,
                           time_at(2),
                           3,
                           time_at(4),
                           "why"};
  check(tree_status{time_at(1), 2, milliseconds{3}, 4, 5, {child}, {child, child}});
}

TEST_CASE_METHOD(wire, "events arrive as they were sent") {
  check(sample_event());
  check(queue_report{
      {sample_event(), {}},
      sample_counts(),
      3,
      4,
      std::chrono::microseconds{5},
      {{"node", 6, 7}},
      {error_class::store_full}});
  check(stage_event{job_stage::recording, std::chrono::microseconds{1'234}});
}

TEST_CASE_METHOD(wire, "what nodes and coordinators say to each other arrives as it was sent") {
  check(sample_hello());
  check(sample_welcome());
  check(link_status{"host", true, 3});
}

TEST_CASE_METHOD(wire, "settings arrive as they were sent") {
  check(sample_settings());
  check(settings_change{"retry.maxDelay", "10m"});
  check(std::vector<settings_change>{{"a", "b"}, {"c", "d"}});
  check(settings_update{sample_settings(), {{"maxWorkers", "1 to 10000"}}});
}

TEST_CASE_METHOD(wire, "secrets stay on their node") {
  settings sent;
  sent.gemini.api_key = "AIza-secret-1";
  sent.webhook_secret = "whsec_secret-2";
  sent.redis_url = "redis://:secret-3@host";
  sent.s3_access_key_id = "secret-4";
  sent.s3_secret_access_key = "secret-5";
  sent.s3_session_token = "secret-7";
  sent.https_proxy = "http://ann:secret-8@proxy";
  sent.http_proxy = "http://ann:secret-9@proxy";
  sent.database_url = "postgres://ann:secret-6@host";
  const auto bytes = bytes_of_message(caf::make_message(sent));
  const std::string text{bytes.begin(), bytes.end()};
  CHECK(text.find("secret-1") == std::string::npos);
  CHECK(text.find("secret-2") == std::string::npos);
  CHECK(text.find("secret-3") == std::string::npos);
  CHECK(text.find("secret-4") == std::string::npos);
  CHECK(text.find("secret-5") == std::string::npos);
  CHECK(text.find("secret-6") == std::string::npos);
  CHECK(text.find("secret-7") == std::string::npos);
  CHECK(text.find("secret-8") == std::string::npos);
  CHECK(text.find("secret-9") == std::string::npos);
  CHECK(carry(sent) == settings{});
  CHECK(caf::deep_to_string(sent).find("secret-") == std::string::npos);
}

TEST_CASE_METHOD(wire, "a message that is cut short is an error, not half a value") {
  const auto bytes = bytes_of_message(caf::make_message(sample_job()));
  for (std::size_t length = 0; length < bytes.size(); ++length) {
    caf::binary_deserializer source{system(), bytes.data(), length};
    caf::message received;
    INFO(length << " of " << bytes.size());
    // CAF takes no bytes at all for a message without elements.
    REQUIRE((source(received) || received.empty()));
  }
}

TEST_CASE_METHOD(wire, "a failure survives its way as an error of CAF, over the wire too") {
  const auto error = actors::to_error(sample_failure);
  CHECK(actors::to_failure(error) == sample_failure);

  std::vector<char> bytes;
  caf::binary_serializer sink{system(), bytes};
  REQUIRE_FALSE(sink(error));
  caf::binary_deserializer source{system(), bytes};
  caf::error received;
  REQUIRE_FALSE(source(received));
  CHECK(actors::to_failure(received) == sample_failure);
}

TEST_CASE("errors of CAF become the failures that they stand for") {
  using actors::to_failure;
  CHECK_FALSE(to_failure(caf::error{}));
  CHECK(to_failure(caf::make_error(caf::sec::request_timeout)).kind == error_class::timeout);
  CHECK(
      to_failure(caf::make_error(caf::sec::request_receiver_down)).kind == error_class::unavailable
  );
  CHECK(to_failure(caf::make_error(caf::sec::runtime_error)).kind == error_class::internal_bug);
  CHECK(to_failure(caf::make_error(caf::exit_reason::kill)).kind == error_class::unavailable);
  const auto bare = to_failure(caf::make_error(error_class::conflict));
  CHECK(bare.kind == error_class::conflict);
}

}  // namespace stayler::test
