// SPDX-License-Identifier: MIT

// Proves that each row of the option table is what it says: its default, what is allowed, its
// field, whether it is a secret, and whether it can be changed while the service runs.

#include "adapters/config/option_table.hpp"

#include "adapters/blob_store/blob_store_schemes.hpp"
#include "adapters/config/secrets.hpp"
#include "adapters/config/settings_rules.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/adapters/config/config_fixture.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

settings_update change(const settings& from, const std::vector<settings_change>& changes) {
  return apply_changes(from, changes);
}

/// Texts just inside and just outside of what an option allows.
struct bounds {
  std::vector<std::string> inside;
  std::vector<std::string> outside;
};

bounds bounds_of(const option_kinds::integer& kind) {
  return {
      {std::to_string(kind.lowest), std::to_string(kind.highest)},
      {kind.lowest == 0 ? "-1" : std::to_string(kind.lowest - 1),
       std::to_string(kind.highest + 1)}};
}

bounds bounds_of(const option_kinds::decimal& kind) {
  return {
      {std::to_string(kind.lowest), std::to_string(kind.highest)},
      {std::to_string(kind.lowest - 0.01), std::to_string(kind.highest + 0.01)}};
}

bounds bounds_of_time(milliseconds lowest, milliseconds highest) {
  const auto text = [](milliseconds time) { return std::to_string(time.count()) + "ms"; };
  const milliseconds step{1};
  return {{text(lowest), text(highest)}, {text(lowest - step), text(highest + step)}};
}

bounds bounds_of(const option_kinds::duration& kind) {
  return bounds_of_time(kind.lowest, kind.highest);
}

bounds bounds_of(const option_kinds::seconds& kind) {
  return bounds_of_time(kind.lowest, kind.highest);
}

bounds bounds_of(const option_kinds::boolean& /*kind*/) {
  return {{"true", "FALSE", "1", "0"}, {"", "yes", "2"}};
}

bounds bounds_of(const option_kinds::choice& kind) {
  bounds at{{}, {"", "another"}};
  for (const std::string_view name : kind.names) {
    if (!name.empty()) {
      at.inside.emplace_back(name);
    }
  }
  return at;
}

bounds bounds_of(const option_kinds::text& kind) {
  bounds at{{}, {"a\nb", "a\x7f"}};
  if (kind.format.may_be_empty) {
    at.inside.emplace_back();
  }
  return at;
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
    INFO(each.names.variable);
    settings read;
    CHECK(each.parse(read, each.print(settings{})).empty());
    CHECK(read == settings{});
    CHECK(find_option_by_json_name(each.names.json) == &each);
    CHECK(find_option_by_variable(each.names.variable) == &each);
  }
}

TEST_CASE("every option stands for a field of its own") {
  const std::map<std::string_view, std::string> others{
      {"WORKER_HTTP_ADDRESS", "::1"},
      {"WORKER_HEALTH_CHECK_ADDRESS", "::1"},
      {"WORKER_API_KEYS", "a:viewer:" + std::string(64, '0')},
      {"WORKER_LINK_SECRET", std::string(32, 'x')},
      {"WORKER_AUDIT_KEY", std::string(32, 'x')},
      {"WORKER_LOG_USER_IDS", "hashed"},
      {"WORKER_TRUSTED_PROXIES", "10.0.0.1"},
      {"WORKER_DATA_DIR", "elsewhere"},
      {"QUEUE_BACKEND", "memory"},
      {"SQLITE_SYNCHRONOUS", "normal"},
      {"REDIS_URL", "redis://:word@127.0.0.1:9/1"},
      {"DATABASE_URL", "postgres://ann:word@127.0.0.1:9/app"},
      {"WORKER_LOG_LEVEL", "debug,http=off"},
      {"WORKER_LOG_FORMAT", "json"},
      {"GEMINI_API_KEY", "key"},
      {"WORKER_WEBHOOK_SECRET", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"},
      {"WORKER_WEBHOOK_URL_ALLOW", "hooks.example.com"},
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9"},
      {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "http://127.0.0.1:9/v1/traces"},
      {"OTEL_EXPORTER_OTLP_HEADERS", "x-key=word"},
      {"OTEL_TRACES_SAMPLER", "traceidratio"},
      {"OTEL_TRACES_SAMPLER_ARG", "0.5"},
      {"STORAGE_URL", "s3://bucket"},
      {"WORKER_ENCRYPTION_KEYS", "k:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="},
      {"S3_ACCESS_KEY_ID", "key"},
      {"S3_SECRET_ACCESS_KEY", "key"},
      {"S3_SESSION_TOKEN", "token"},
      {"S3_CREDENTIALS", "imds"},
      {"WORKER_HTTPS_PROXY", "http://ann:word@proxy:3128"},
      {"WORKER_HTTP_PROXY", "proxy:3128"},
      {"IMAGE_URL_ALLOW", "cdn.example.com"},
      {"GEMINI_MODEL", "other"},
      {"GEMINI_PRICES", "mine=1/2/3"},
      {"GEMINI_FALLBACK_MODELS", "second,third"},
      {"GEMINI_BASE_URL", "http://127.0.0.1:9"},
      {"WORKER_WEBHOOK_URL", "http://127.0.0.1:9/hook"},
      {"WORKER_ROLE", "worker"},
      {"CODEC_SANDBOX", "off"},
      {"NODE_LISTEN", "127.0.0.1:7000"},
      {"WORKER_CORS_ORIGINS", "https://app.example"},
      {"NODE_JOIN", "coordinator:7000"},
      {"RESULT_CACHE_SCOPE", "user"},
  };
  for (const option& each : all_options()) {
    INFO(each.names.variable);
    const auto named = others.find(each.names.variable);
    std::string other = named != others.end() ? named->second : std::string{"7"};
    if (each.kind() == json_kind::boolean) {
      other = each.print(settings{}) == "true" ? "false" : "true";
    } else if (named == others.end() && each.kind() == json_kind::text) {
      other = "7s";
    } else if (each.names.variable == "WORKER_MAX_IMAGE_BYTES") {
      other = "7777";
    } else if (each.names.variable == "WORKER_HTTP_MEMORY") {
      other = "77777777";
    }
    settings changed;
    REQUIRE(each.parse(changed, other).empty());
    CHECK_FALSE(changed == settings{});
    for (const option& one : all_options()) {
      INFO(one.names.variable);
      CHECK((one.print(changed) != one.print(settings{})) == (&one == &each));
    }
  }
}

TEST_CASE("an option accepts what its row allows, up to its bounds, and nothing beyond") {
  for (const option& each : all_options()) {
    INFO(each.names.variable);
    const bounds at = std::visit([](const auto& kind) { return bounds_of(kind); }, each.value);
    for (const std::string& text : at.inside) {
      INFO(text);
      settings into;
      CHECK(each.parse(into, text).empty());
      settings again;
      CHECK(each.parse(again, each.print(into)).empty());
      CHECK(again == into);
    }
    for (const std::string& text : at.outside) {
      INFO(text);
      settings into;
      CHECK_FALSE(each.parse(into, text).empty());
      CHECK(into == settings{});
    }
  }
}

TEST_CASE("the highest whole number of each option fits into its field") {
  for (const option& each : all_options()) {
    if (const auto* number = std::get_if<option_kinds::integer>(&each.value)) {
      INFO(each.names.variable);
      settings into;
      REQUIRE(each.parse(into, std::to_string(number->highest)).empty());
      CHECK(each.print(into) == std::to_string(number->highest));
    }
  }
}

TEST_CASE("what is allowed is described by kind, bounds and remark") {
  const std::vector<sample> described{
      {"WORKER_MAX_WORKERS", "1 to 10000"},
      {"WORKER_MAX_RETRIES", "0 to 100, at most RETRY_MAX_RETRIES"},
      {"WORKER_SHUTDOWN_TIMEOUT", "0s to 1h"},
      {"WORKER_RETENTION", "1s to 8760h"},
      {"GEMINI_TIMEOUT", "seconds, or a duration such as 90s: 0.1 to 3600"},
      {"GEMINI_BUDGET_PER_DAY", "US dollars, 0 to 1000000, 0 for none"},
      {"RETRY_BACKOFF_FACTOR", "1 to 100"},
      {"RETRY_JITTER", "true or false"},
      {"QUEUE_BACKEND", "sqlite, redis or memory"},
      {"SQLITE_SYNCHRONOUS", "full or normal"},
      {"S3_CREDENTIALS", "static, profile, ecs, imds or web-identity"},
      {"WORKER_AUDIT_FILE", "a file's name, or empty"},
      {"STORAGE_URL",
       "s3://BUCKET[/PREFIX][?region=REGION&endpoint=URL&style=STYLE&encryption=HOW], or empty"},
  };
  for (const sample& each : described) {
    CHECK(find_option_by_variable(each.variable)->allowed() == each.text);
  }
}

TEST_CASE("what is to be hidden are all secrets, and their parts that may stand alone") {
  settings config;
  config.gemini.api_key = "key-one, key-two";
  config.redis_url = "redis://ann:a:b%40@host/0";
  config.database_url = "postgres://ann@host";
  CHECK(
      secrets_in(config)
      == std::vector<std::string>{
          "key-one, key-two", "key-one", "key-two", "redis://ann:a:b%40@host/0", "a:b%40", "a:b@",
          "a%3Ab%40", "postgres://ann@host"}
  );
  CHECK(secrets_in({}).empty());
}

TEST_CASE("what is wrong with a storage URL is said, and its credentials are not repeated") {
  const option* storage = find_option_by_variable("STORAGE_URL");
  settings config;
  const auto problem = storage->parse(config, "s3://b?endpoint=http://ann:word@minio");
  CHECK(contains(problem, "is not allowed: s3:// must be followed by a bucket's name"));
  CHECK(contains(problem, "; use s3://BUCKET"));
  CHECK_FALSE(contains(problem, "word"));
  CHECK(contains(storage->parse(config, "gs://bucket"), "is not allowed; use s3://BUCKET"));
}

TEST_CASE("a proxy's password is hidden alone, too, with a scheme or without") {
  settings config;
  config.https_proxy = "http://ann:pass%2Fword@proxy:3128";
  config.http_proxy = "ann:other-word@proxy";
  const auto secrets = secrets_in(config);
  for (const auto* each : {"pass%2Fword", "pass/word", "other-word"}) {
    INFO(each);
    CHECK(std::ranges::find(secrets, each) != secrets.end());
  }
  const option* proxy = find_option_by_variable("WORKER_HTTPS_PROXY");
  CHECK(shown_value(*proxy, config) == "***");
  CHECK(
      proxy->parse(config, "ftp://ann:word@proxy")
      == "this value is not allowed: its scheme must be http, https, socks5 or socks5h; use "
         "[http|https|socks5|socks5h://][user:password@]host[:port], or empty"
  );
}

TEST_CASE("an S3 store needs its key, and its URL must be one") {
  settings config;
  config.storage_url = "s3://bucket";
  config.s3_access_key_id = "id";
  REQUIRE(validate(config).size() == 1);
  CHECK(validate(config)[0].field == "storageUrl");
  config.s3_secret_access_key = "key";
  CHECK(validate(config).empty());
  config.s3_credentials = "imds";
  REQUIRE(validate(config).size() == 1);
  CHECK(validate(config)[0].field == "s3Credentials");
  config.s3_access_key_id = config.s3_secret_access_key = "";
  CHECK(validate(config).empty());
  settings elsewhere;
  elsewhere.storage_url = "other://bucket";
  CHECK(validate(elsewhere).empty());
  CHECK_FALSE(find_option_by_variable("STORAGE_URL")->parse(config, "bucket").empty());
  CHECK_FALSE(find_option_by_variable("IMAGE_URL_ALLOW")->parse(config, "*").empty());
}

TEST_CASE("what an image store needs are options") {
  for (const blob_store_scheme& scheme : blob_store_schemes()) {
    for (const std::string_view variable : scheme.needs(settings{})) {
      CHECK(find_option_by_variable(variable) != nullptr);
    }
  }
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
  CHECK(contains(refused.problems[0].message, "\"info,gemni=debug\" is not allowed"));
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
    all.push_back({std::string{each.names.json}, shown_value(each, before)});
  }
  const settings_update same = change(before, all);
  CHECK(same.problems.empty());
  CHECK(same.effective == before);

  for (const option& each : all_options()) {
    INFO(each.names.variable);
    const settings_update other = change(before, {{std::string{each.names.json}, "1"}});
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
  const std::set<std::string_view> expected{
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
      "gemini.fallbackModels",
      "gemini.flexTimeout",
      "gemini.sendTraceparent",
      "retry.maxRetries",
      "retry.initialDelay",
      "retry.maxDelay",
      "retry.backoffFactor",
      "retry.jitter",
      "queueMaxJobs",
      "queueMaxJobsPerUser",
      "queueMaxFinished",
      "maxAmbiguousCalls",
      "webhookConcurrency",
      "alerts",
      "notifyMaxPause",
      "notifyGiveUp",
      "notifyRetention",
      "retention",
      "deadLetterRetention",
      "uploadRetention",
      "resultRetention",
      "recordRetention",
      "resultCacheMaxBytes",
      "resultCacheMaxAge",
      "resultCacheScope",
      "logLevel"};
  std::set<std::string_view> live;
  for (const option& each : all_options()) {
    if (each.is_live) {
      live.insert(each.names.json);
    }
  }
  CHECK(live == expected);
}
