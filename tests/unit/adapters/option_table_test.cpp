// SPDX-License-Identifier: MIT

// Proves that each row of the option table is what it says: its default, its range, its field, and
// whether it can be changed while the service runs.

#include "adapters/config/option_table.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/adapters/config_fixture.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

settings_update change(const settings& from, const std::vector<settings_change>& changes) {
  return apply_changes(from, changes);
}

}  // namespace

TEST_CASE("the former worker's variables keep their names and defaults") {
  const std::vector<sample> former_variables{
      {"WORKER_MAX_WORKERS", "5"},
      {"WORKER_JOB_TIMEOUT", "600s"},
      {"WORKER_RETRY_DELAY", "30s"},
      {"WORKER_MAX_RETRIES", "3"},
      {"WORKER_POLL_INTERVAL", "5s"},
      {"WORKER_CLEANUP_INTERVAL", "1h"},
      {"WORKER_HEALTH_CHECK_PORT", "8081"},
      {"WORKER_ENABLE_METRICS", "true"},
      {"WORKER_ENABLE_HEALTH_CHECK", "true"},
      {"GEMINI_API_KEY", ""},
      {"GEMINI_BASE_URL", "https://generativelanguage.googleapis.com"},
      {"GEMINI_MAX_RETRIES", "3"},
      {"GEMINI_TIMEOUT", "60"},
      {"RETRY_MAX_RETRIES", "3"},
      {"RETRY_INITIAL_DELAY", "5s"},
      {"RETRY_MAX_DELAY", "5m"},
      {"RETRY_BACKOFF_FACTOR", "2.0"},
      {"RETRY_JITTER", "true"},
  };
  for (const sample& each : former_variables) {
    INFO(each.variable);
    const option* which = find_option_by_variable(each.variable);
    REQUIRE(which != nullptr);
    CHECK(which->print(settings{}) == each.text);
  }
}

TEST_CASE("the result cache holds a gibibyte for a day") {
  CHECK(find_option_by_variable("RESULT_CACHE_MAX_BYTES")->print(settings{}) == "1073741824");
  CHECK(find_option_by_variable("RESULT_CACHE_MAX_AGE")->print(settings{}) == "24h");
}

TEST_CASE("every option's default is read back as what it was") {
  for (const option& each : all_options()) {
    INFO(each.variable);
    settings read;
    CHECK(each.parse(read, each.print(settings{})).empty());
    CHECK(read == settings{});
    CHECK(find_option_by_json_name(each.json_name) == &each);
    CHECK(find_option_by_variable(each.variable) == &each);
  }
}

TEST_CASE("every option stands for a field of its own") {
  const std::map<std::string_view, std::string> others{
      {"WORKER_HTTP_ADDRESS", "::1"},
      {"WORKER_HEALTH_CHECK_ADDRESS", "::1"},
      {"WORKER_API_KEYS", "a:viewer:" + std::string(64, '0')},
      {"WORKER_DATA_DIR", "elsewhere"},
      {"QUEUE_BACKEND", "memory"},
      {"SQLITE_SYNCHRONOUS", "normal"},
      {"REDIS_URL", "redis://:word@127.0.0.1:9/1"},
      {"DATABASE_URL", "postgres://ann:word@127.0.0.1:9/app"},
      {"WORKER_LOG_LEVEL", "debug,http=off"},
      {"WORKER_LOG_FORMAT", "json"},
      {"GEMINI_API_KEY", "key"},
      {"WORKER_WEBHOOK_SECRET", "key"},
      {"STORAGE_URL", "s3://bucket"},
      {"S3_ACCESS_KEY_ID", "key"},
      {"S3_SECRET_ACCESS_KEY", "key"},
      {"IMAGE_URL_ALLOW", "cdn.example.com"},
      {"GEMINI_MODEL", "other"},
      {"GEMINI_PRICES", "mine=1/2/3"},
      {"GEMINI_BASE_URL", "http://127.0.0.1:9"},
      {"WORKER_WEBHOOK_URL", "http://127.0.0.1:9/hook"},
      {"WORKER_ROLE", "worker"},
      {"NODE_LISTEN", "127.0.0.1:7000"},
      {"NODE_JOIN", "coordinator:7000"},
  };
  for (const option& each : all_options()) {
    INFO(each.variable);
    const auto named = others.find(each.variable);
    std::string other = named != others.end() ? named->second : std::string{"7"};
    if (each.kind == option::json_kind::boolean) {
      other = each.print(settings{}) == "true" ? "false" : "true";
    } else if (named == others.end() && each.kind == option::json_kind::text) {
      other = "7s";
    } else if (each.variable == "WORKER_MAX_IMAGE_BYTES") {
      other = "7777";
    }
    settings changed;
    REQUIRE(each.parse(changed, other).empty());
    CHECK_FALSE(changed == settings{});
    for (const option& one : all_options()) {
      INFO(one.variable);
      CHECK((one.print(changed) != one.print(settings{})) == (&one == &each));
    }
  }
}

TEST_CASE("the range that an option names is the range that it accepts") {
  struct range {
    std::string variable, lowest, highest, below, above;
  };
  const std::vector<range> ranges{
      {"WORKER_MAX_WORKERS", "1", "10000", "0", "10001"},
      {"WORKER_MAX_RETRIES", "0", "100", "-1", "101"},
      {"WORKER_JOB_TIMEOUT", "100ms", "24h", "99ms", "24h1s"},
      {"WORKER_RETRY_DELAY", "0s", "24h", "-1s", "25h"},
      {"WORKER_POLL_INTERVAL", "10ms", "1h", "9ms", "3601s"},
      {"WORKER_CLEANUP_INTERVAL", "100ms", "24h", "99ms", "25h"},
      {"WORKER_HEALTH_CHECK_PORT", "0", "65535", "-1", "65536"},
      {"WORKER_HTTP_PORT", "0", "65535", "-1", "65536"},
      {"WORKER_SHUTDOWN_TIMEOUT", "0s", "1h", "-1s", "61m"},
      {"GEMINI_MAX_RETRIES", "0", "20", "-1", "21"},
      {"GEMINI_TIMEOUT", "0.1", "3600", "0.09", "3601"},
      {"RETRY_MAX_RETRIES", "0", "100", "-1", "101"},
      {"RETRY_INITIAL_DELAY", "1ms", "24h", "0s", "25h"},
      {"RETRY_MAX_DELAY", "1ms", "24h", "0s", "25h"},
      {"RETRY_BACKOFF_FACTOR", "1", "100", "0.99", "100.1"},
      {"WORKER_MAX_IMAGE_BYTES", "1024", "1073741824", "1023", "1073741825"},
      {"WORKER_MAX_IMAGE_PIXELS", "1", "1000000000", "0", "1000000001"},
      {"WORKER_RETENTION", "1s", "8760h", "999ms", "8761h"},
      {"WORKER_DEAD_LETTER_RETENTION", "1s", "8760h", "999ms", "8761h"},
      {"RESULT_CACHE_MAX_BYTES", "0", "1099511627776", "-1", "1099511627777"},
      {"RESULT_CACHE_MAX_AGE", "1s", "8760h", "999ms", "8761h"},
  };
  for (const range& each : ranges) {
    INFO(each.variable);
    const option* which = find_option_by_variable(each.variable);
    REQUIRE(which != nullptr);
    CHECK(contains(std::string{which->allowed}, each.lowest + " to " + each.highest));
    settings into;
    CHECK(which->parse(into, each.lowest).empty());
    CHECK(which->parse(into, each.highest).empty());
    CHECK_FALSE(which->parse(into, each.below).empty());
    CHECK_FALSE(which->parse(into, each.above).empty());
  }
}

TEST_CASE("an S3 store needs its key, and its URL must be one") {
  settings config;
  config.storage_url = "s3://bucket";
  config.s3_access_key_id = "id";
  REQUIRE(validate(config).size() == 1);
  CHECK(validate(config)[0].field == "storageUrl");
  config.s3_secret_access_key = "key";
  CHECK(validate(config).empty());
  CHECK_FALSE(find_option_by_variable("STORAGE_URL")->parse(config, "bucket").empty());
  CHECK_FALSE(find_option_by_variable("IMAGE_URL_ALLOW")->parse(config, "*").empty());
}

TEST_CASE("notifications go one way, and a channel needs its Redis") {
  settings config;
  config.notify_channel = "stayler.done";
  REQUIRE(validate(config).size() == 1);
  CHECK(validate(config)[0].field == "notifyChannel");
  config.redis_url = "redis://127.0.0.1";
  CHECK(validate(config).empty());
  config.webhook_url = "https://example.com/hook";
  REQUIRE(validate(config).size() == 1);
  CHECK(validate(config)[0].message.find("WORKER_WEBHOOK_URL") != std::string::npos);
}

TEST_CASE("changes are applied all together or not at all") {
  const settings before;
  const settings_update good =
      change(before, {{"maxWorkers", "8"}, {"retry.maxDelay", "10m"}, {"gemini.apiKey", secret}});
  CHECK(good.problems.empty());
  CHECK(good.effective.max_workers == 8);
  CHECK(good.effective.retry.max_delay == milliseconds{600'000});
  CHECK(good.effective.gemini.api_key == secret);

  const settings_update bad =
      change(before, {{"maxWorkers", "8"}, {"jobTimeout", "soon"}, {"maxWorker", "1"}});
  CHECK(bad.effective == before);
  REQUIRE(bad.problems.size() == 2);
  CHECK(bad.problems[0].field == "jobTimeout");
  CHECK(bad.problems[1].field == "maxWorker");
  CHECK(contains(bad.problems[1].message, "the nearest is maxWorkers"));
}

TEST_CASE("a log level for an unknown subsystem is refused with the names that there are") {
  CHECK(change({}, {{"logLevel", "warning,gemini=debug"}}).problems.empty());
  const auto refused = change({}, {{"logLevel", "info,gemni=debug"}});
  REQUIRE(refused.problems.size() == 1);
  CHECK(contains(refused.problems[0].message, "\"info,gemni=debug\" is not allowed; use "));
  CHECK(contains(refused.problems[0].message, "trace, debug, info, warning, error"));
  CHECK(contains(refused.problems[0].message, "supervisor, queue, worker, gemini"));
}

TEST_CASE("changes that only fit together may come in any order") {
  CHECK(change({}, {{"maxRetries", "9"}, {"retry.maxRetries", "9"}}).problems.empty());
  const settings_update lone = change({}, {{"maxRetries", "9"}});
  REQUIRE(lone.problems.size() == 1);
  CHECK(lone.problems[0].field == "maxRetries");
  CHECK(lone.effective == settings{});
}

TEST_CASE("an option that is not live cannot be changed, but may be sent back as it is") {
  settings before;
  before.gemini.api_key = secret;
  std::vector<settings_change> all;
  for (const option& each : all_options()) {
    all.push_back({std::string{each.json_name}, shown_value(each, before)});
  }
  const settings_update same = change(before, all);
  CHECK(same.problems.empty());
  CHECK(same.effective == before);

  for (const option& each : all_options()) {
    INFO(each.variable);
    const settings_update other = change(before, {{std::string{each.json_name}, "1"}});
    if (!each.is_live) {
      CHECK(other.effective == before);
    }
  }
  CHECK(contains(
      change(before, {{"httpPort", "9999"}}).problems.at(0).message,
      "set WORKER_HTTP_PORT and restart"
  ));
}

TEST_CASE("the options that can be changed while running are the documented ones") {
  const std::vector<std::string_view> expected{
      "maxWorkers",
      "jobTimeout",
      "retryDelay",
      "maxRetries",
      "pollInterval",
      "cleanupInterval",
      "gemini.apiKey",
      "gemini.baseUrl",
      "gemini.model",
      "gemini.maxRetries",
      "gemini.timeout",
      "gemini.maxConcurrency",
      "gemini.breakerPercent",
      "gemini.requestsPerMinute",
      "gemini.requestsPerDay",
      "gemini.budgetPerDay",
      "gemini.budgetPerUser",
      "gemini.prices",
      "retry.maxRetries",
      "retry.initialDelay",
      "retry.maxDelay",
      "retry.backoffFactor",
      "retry.jitter",
      "queueMaxJobs",
      "queueMaxFinished",
      "maxAmbiguousCalls",
      "retention",
      "deadLetterRetention",
      "resultCacheMaxBytes",
      "resultCacheMaxAge",
      "logLevel"};
  std::vector<std::string_view> live;
  for (const option& each : all_options()) {
    if (each.is_live) {
      live.push_back(each.json_name);
    }
  }
  CHECK(live == expected);
}
