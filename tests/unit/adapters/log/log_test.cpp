// SPDX-License-Identifier: MIT

// Who writes which lines, what a line looks like, and what can never stand in one.

#include "adapters/log/log.hpp"

#include "adapters/config/option_table.hpp"
#include "adapters/config/secrets.hpp"
#include "adapters/json/json_reader.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using stayler::test::captured_stderr;

namespace {

constexpr timestamp noon{milliseconds{1'767'268'800'123}};  // 2026-01-01T12:00:00.123Z

std::string as_text(
    std::string_view message, const std::vector<log_field>& fields, const secret_mask& mask = {}
) {
  return render_text({noon, log_level::warning, subsystem::queue, message, fields}, mask);
}

std::string as_json(
    std::string_view message, const std::vector<log_field>& fields, const secret_mask& mask = {}
) {
  return render_json({noon, log_level::warning, subsystem::queue, message, fields}, mask);
}

void configure(const std::string& levels, const std::string& format = "text") {
  settings config;
  config.log_level = levels;
  config.log_format = format;
  configure_log(config, {});
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// Every byte, some of them many times, and ends of lines in all their disguises.
std::string hostile_text() {
  std::string text = "{\"time\":\"\"}\n\r\x1b[2J\u0085\u2028\u2029\u009b31m\xff\xc3(";
  for (int byte = 0; byte < 256; ++byte) {
    text += static_cast<char>(byte);
  }
  return text;
}

}  // namespace

TEST_CASE("a level holds for all subsystems but those that are named") {
  const auto plain = parse_log_levels("info");
  REQUIRE(plain);
  CHECK(std::count(plain->begin(), plain->end(), log_level::info) == subsystem_count);

  const auto mixed = parse_log_levels("warn,gemini=debug,queue=warning,audit=off");
  REQUIRE(mixed);
  const auto of = [&](subsystem who) { return (*mixed)[static_cast<std::size_t>(who)]; };
  CHECK(of(subsystem::gemini) == log_level::debug);
  CHECK(of(subsystem::queue) == log_level::warning);
  CHECK(of(subsystem::audit) == log_level::off);
  CHECK(of(subsystem::http) == log_level::warning);
}

TEST_CASE("levels with unknown names, doubles or gaps are refused") {
  for (const auto* bad :
       {"", "loud", "INFO", "info ", " info", "info,", ",info", "info,,http=debug", "gemini=debug",
        "info,debug", "info,gemni=debug", "info,gemini=loud", "info,gemini=", "info,=debug",
        "info,gemini", "info,gemini=debug=info", "info,http=debug,http=info", "info;http=debug"}) {
    INFO(bad);
    CHECK_FALSE(parse_log_levels(bad));
  }
}

TEST_CASE("what is allowed names every level and every subsystem") {
  const std::string allowed{allowed_log_levels()};
  for (std::size_t i = 0; i < subsystem_count; ++i) {
    const auto name = to_string(static_cast<subsystem>(i));
    INFO(name);
    CHECK(holds(allowed, name));
    CHECK(parse_log_levels("info," + std::string{name} + "=off"));
  }
  for (const auto level :
       {log_level::trace, log_level::debug, log_level::info, log_level::warning, log_level::error,
        log_level::critical, log_level::off}) {
    CHECK(holds(allowed, to_string(level)));
    CHECK(parse_log_levels(to_string(level)));
  }
}

TEST_CASE("a JSON line is an object with typed fields") {
  const job_id id{make_uuid_v7(std::chrono::system_clock::now())};
  const auto line = as_json(
      "it failed", {{"jobId", id},
                    {"attempt", fencing_token{7}},
                    {"errorClass", error_class::rate_limited},
                    {"tookMs", 1.5},
                    {"change", -3},
                    {"isLast", true},
                    {"worker", "worker-1"}}
  );
  CHECK(
      line
      == R"({"time":"2026-01-01T12:00:00.123Z","level":"warning","subsystem":"queue",)"
         R"("message":"it failed","jobId":")"
             + to_string(id)
             + R"(","attempt":7,"errorClass":"rate_limited","tookMs":1.5,"change":-3,)"
               R"("isLast":true,"worker":"worker-1"})"
  );
}

TEST_CASE("in a text line the fields follow the message") {
  CHECK(
      as_text(
          "it failed", {{"attempt", fencing_token{7}},
                        {"worker", "worker-1"},
                        {"reason", "no \"answer\""},
                        {"isLast", false}}
      )
      == "2026-01-01T12:00:00.123Z warning queue: it failed attempt=7 worker=worker-1 "
         R"(reason="no \"answer\"" isLast=false)"
  );
  CHECK(as_text("plain \"text\" and C:\\", {}).ends_with(": plain \"text\" and C:\\"));
}

TEST_CASE("a field without a value is left out") {
  const std::vector<log_field> fields{{"reason", ""}, {"errorClass", error_class::none}, {"n", 0}};
  CHECK(as_text("m", fields).ends_with("queue: m n=0"));
  CHECK(as_json("m", fields).ends_with(R"("message":"m","n":0})"));
}

TEST_CASE("nothing in a message or a field can break a line or leave it") {
  const std::string hostile = hostile_text();
  const std::string text = as_text(hostile, {{"reason", hostile}, {"next", "x"}});
  const std::string json = as_json(hostile, {{"reason", hostile}, {"next", "x"}});
  for (const std::string& line : {text, json}) {
    CHECK(std::none_of(line.begin(), line.end(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20;
    }));
  }
  // Nor what only some readers take for an end of line, or a terminal for an order.
  for (const auto* unsafe : {"\x7f", "\u0085", "\u009b", "\u2028", "\u2029"}) {
    CHECK_FALSE(holds(text, unsafe));
  }
  CHECK(holds(text, "\\u0085\\u2028\\u2029\\u009b31m\xEF\xBF\xBD"));
  CHECK(text.ends_with(" next=x"));
  const auto parsed = parse_json(json);
  REQUIRE(parsed);
  const auto* members = parsed->as<json_value::object>();
  REQUIRE(members != nullptr);
  CHECK(members->size() == 6);
}

TEST_CASE("texts in other languages stay readable") {
  CHECK(as_text("Grüße, 東京", {}).ends_with(": Grüße, 東京"));
  CHECK(as_text("m", {{"reason", "ключ"}}).ends_with(" reason=\"ключ\""));
}

TEST_CASE("a secret is hidden wherever it stands, one that holds another as a whole") {
  const secret_mask mask{{"s3cret-key", "s3cret-key-and-more", "key"}};
  CHECK(
      mask.apply("a s3cret-key, s3cret-key-and-more, s3cret-keys3cret-key") == "a ***, ***, ******"
  );
  // Too short to be told from other text.
  CHECK(mask.apply("keyboard") == "keyboard");
  for (const std::string& line :
       {as_text("with s3cret-key", {{"reason", "?key=s3cret-key"}}, mask),
        as_json("with s3cret-key", {{"reason", "?key=s3cret-key"}}, mask)}) {
    CHECK_FALSE(holds(line, "s3cret"));
    CHECK(holds(line, "with ***"));
    CHECK(holds(line, "?key=***"));
  }
}

TEST_CASE("every option that is a secret is hidden in the log, also after it was changed") {
  settings config;
  std::vector<std::string> secrets;
  for (const option& each : all_options()) {
    if (each.is_secret) {
      const std::string word = "pass-\"word\"-" + std::to_string(secrets.size());
      const bool is_url =
          each.names.variable == "REDIS_URL" || each.names.variable == "DATABASE_URL";
      const bool is_keys = each.names.variable == "WORKER_API_KEYS";
      secrets.push_back(
          is_url                                        ? "p4ssw0rd"
          : is_keys                                     ? "word:viewer:" + std::string(64, '7')
          : each.names.variable == "WORKER_LINK_SECRET" ? std::string(32, 'l')
          : each.names.variable == "WORKER_AUDIT_KEY"   ? std::string(32, 'a')
          : each.names.variable == "WORKER_ENCRYPTION_KEYS"
              ? "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
          : each.names.variable == "GEMINI_API_KEY"             ? "k3y-k3y"
          : each.names.variable == "OTEL_EXPORTER_OTLP_HEADERS" ? "api-key=h34der%20s3cret"
          : each.names.variable == "WORKER_WEBHOOK_URL"         ? "https://host/a-secret-path"
          : each.names.variable == "WORKER_WEBHOOK_SECRET"
              ? "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
              : word
      );
      const std::string scheme = each.names.variable == "REDIS_URL" ? "redis" : "postgres";
      const std::string value = is_url ? scheme + "://ann:p4ssw0rd@127.0.0.1:1/0" : secrets.back();
      REQUIRE(each.parse(config, value).empty());
      secrets.push_back(value);
    }
  }
  secrets.emplace_back("h34der s3cret");  // as the collector gets it
  REQUIRE(secrets.size() >= 6);
  for (const std::string format : {"text", "json"}) {
    config.log_format = format;
    configure_log(config, secrets_in(config));
    settings changed = config;
    changed.gemini.api_key = "another-key";
    configure_log(changed, secrets_in(changed));
    const captured_stderr written;
    for (const std::string& secret : secrets) {
      logger{subsystem::gemini}.info("was " + secret, {{"reason", "the key " + secret + "!"}});
    }
    logger{subsystem::gemini}.info("another-key");
    CHECK(written.lines().size() == secrets.size() + 1);
    for (const auto* part : {"p4ssw0rd", "k3y-k3y", "word", "another-key"}) {
      INFO(part);
      CHECK_FALSE(holds(written.text(), part));
    }
  }
}

TEST_CASE("each subsystem writes from its level on, which can change at any time") {
  constexpr logger gemini{subsystem::gemini};
  constexpr logger queue{subsystem::queue};
  const captured_stderr written;
  configure("info,gemini=debug,queue=error");
  gemini.debug("one");
  queue.warning("two");
  queue.error("three");
  logger{subsystem::worker}.debug("four");
  CHECK(gemini.writes(log_level::debug));
  configure("off,queue=warning", "json");
  gemini.critical("five");
  queue.warning("six");
  configure("nonsense");
  queue.warning("seven");
  const auto lines = written.lines();
  REQUIRE(lines.size() == 4);
  CHECK(lines[0].ends_with("Z debug gemini: one"));
  CHECK(lines[1].ends_with("Z error queue: three"));
  CHECK(lines[2].ends_with(R"("level":"warning","subsystem":"queue","message":"six"})"));
  CHECK(lines[3].ends_with(R"("message":"seven"})"));
}

TEST_CASE("lines of many threads do not mix, whatever is changed meanwhile") {
  constexpr int lines_each = 200;
  const captured_stderr written;
  configure("info");
  const auto write = [](int number) {
    for (int i = 0; i < lines_each; ++i) {
      logger{subsystem::worker}.info("line", {{"thread", number}, {"text", std::string(300, 'x')}});
    }
  };
  {
    std::jthread one{write, 1};
    std::jthread other{write, 2};
    for (int i = 0; i < lines_each; ++i) {
      configure(i % 2 == 0 ? "info,http=debug" : "info");
    }
  }
  const auto lines = written.lines();
  CHECK(lines.size() == 2 * lines_each);
  CHECK(std::all_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.ends_with(" text=" + std::string(300, 'x')) && holds(line, " info worker: line ");
  }));
}

TEST_CASE("each of several keys is hidden in the log, and a password in every form") {
  settings config;
  config.log_level = "info";
  config.gemini.api_key = "first-key, second-key\nthird-key";
  config.redis_url = "rediss://ann:p%40ss%2fword@host:6379/0";
  configure_log(config, secrets_in(config));
  const captured_stderr written;
  for (const char* text :
       {"first-key", "second-key", "third-key", "p%40ss%2fword", "p@ss/word", "p%40ss%2Fword"}) {
    logger{subsystem::gemini}.info(std::string{"refused: "} + text);
  }
  CHECK(written.lines().size() == 6);
  for (const std::string& line : written.lines()) {
    CHECK(line.ends_with("refused: ***"));
  }
}
