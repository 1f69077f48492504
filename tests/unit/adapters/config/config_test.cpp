// SPDX-License-Identifier: MIT

// Proves that defaults, settings file, environment and flags are put together in the promised
// order, that whatever is wrong is said in one line, and that no such line holds a secret.

#include "adapters/config/loading/load_settings.hpp"
#include "adapters/config/option_table.hpp"
#include "adapters/config/option_texts.hpp"
#include "adapters/config/settings_rules.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/adapters/config/config_fixture.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

std::string content_of(const std::string& file) {
  const std::string path = std::string{STAYLER_SOURCE_DIR} + "/" + file;
  std::ifstream in{path, std::ios::binary};
  INFO(path);
  REQUIRE(in.is_open());
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("a bad value is refused in one line that names variable, value and what is allowed") {
  const std::vector<sample> bad{
      {"WORKER_MAX_WORKERS", ""},        {"WORKER_MAX_WORKERS", "five"},
      {"WORKER_MAX_WORKERS", "5 "},      {"WORKER_MAX_WORKERS", "+5"},
      {"WORKER_MAX_WORKERS", "5.0"},     {"WORKER_MAX_WORKERS", "99999999999999999999"},
      {"WORKER_HTTP_PORT", "0x50"},      {"WORKER_JOB_TIMEOUT", "600"},
      {"WORKER_JOB_TIMEOUT", "ten"},     {"WORKER_ENABLE_METRICS", "maybe"},
      {"GEMINI_TIMEOUT", "1m "},         {"GEMINI_TIMEOUT", "nan"},
      {"RETRY_BACKOFF_FACTOR", "inf"},   {"RETRY_BACKOFF_FACTOR", "2,0"},
      {"RETRY_BACKOFF_FACTOR", "1e1"},   {"RETRY_BACKOFF_FACTOR", "1.2.3"},
      {"GEMINI_BASE_URL", "ftp://host"}, {"GEMINI_BASE_URL", "http://"},
      {"GEMINI_BASE_URL", "http://:80"}, {"GEMINI_BASE_URL", "https:host"},
      {"GEMINI_BASE_URL", "http://a b"}, {"GEMINI_MODEL", ""},
      {"GEMINI_MODEL", "models/x"},      {"WORKER_HTTP_ADDRESS", "localhost"},
      {"WORKER_HTTP_ADDRESS", "1.2.3"},  {"GEMINI_BASE_URL", "hooks.example"},
      {"WORKER_LOG_LEVEL", "loud"},      {"WORKER_LOG_FORMAT", "xml"},
      {"QUEUE_BACKEND", "rabbitmq"},     {"WORKER_DATA_DIR", ""},
      {"QUEUE_NAME", "a queue"},         {"QUEUE_NAME", ""},
  };
  for (const sample& each : bad) {
    const std::string problem = only_problem(load({}, {{each.variable, each.text}}));
    INFO(problem);
    CHECK(contains(problem, each.variable + ": \"" + each.text + "\" is not allowed"));
    CHECK(contains(problem, "; use "));
    CHECK(contains(problem, find_option_by_variable(each.variable)->allowed()));
    CHECK_FALSE(contains(problem, "\n"));
  }
}

TEST_CASE("a message cannot be broken up or flooded by the value it quotes") {
  CHECK(contains(only_problem(load({}, {{"WORKER_LOG_LEVEL", "a\nb\x1b[0m"}})), "\"a?b?[0m\""));
  const std::string longest(100'000, 'x');
  CHECK(only_problem(load({}, {{"WORKER_LOG_LEVEL", longest}})).size() < 400);
}

TEST_CASE("GEMINI_TIMEOUT is a number of seconds, or a duration") {
  CHECK(load({}, {{"GEMINI_TIMEOUT", "60"}}).effective.gemini.timeout == milliseconds{60'000});
  CHECK(load({}, {{"GEMINI_TIMEOUT", "1.5"}}).effective.gemini.timeout == milliseconds{1'500});
  CHECK(load({}, {{"GEMINI_TIMEOUT", "90s"}}).effective.gemini.timeout == milliseconds{90'000});
  CHECK(load({}, {{"GEMINI_TIMEOUT", "500ms"}}).effective.gemini.timeout == milliseconds{500});
  settings half;
  half.gemini.timeout = milliseconds{1'250};
  CHECK(find_option_by_variable("GEMINI_TIMEOUT")->print(half) == "1.25");
}

TEST_CASE("switches are read in the spellings of the former worker") {
  for (const std::string yes : {"true", "TRUE", "True", "1"}) {
    CHECK(load({}, {{"WORKER_ENABLE_CHAOS", yes}}).effective.enable_chaos);
  }
  for (const std::string no : {"false", "False", "0"}) {
    CHECK_FALSE(load({}, {{"RETRY_JITTER", no}}).effective.retry.jitter);
  }
}

TEST_CASE("a flag goes before the environment, that before the file, and that before the default") {
  const temporary_file file{"WORKER_MAX_WORKERS=10\nWORKER_HTTP_PORT=10\nWORKER_JOB_TIMEOUT=10s\n"};
  const command_line got = load(
      {"--config", file.path(), "--worker-max-workers=30"},
      {{"WORKER_MAX_WORKERS", "20"}, {"WORKER_HTTP_PORT", "20"}, {"PATH", "/bin"}}
  );
  REQUIRE(got.problems.empty());
  CHECK(got.what == command_line::action::run);
  CHECK(got.effective.max_workers == 30);
  CHECK(got.effective.http_port == 20);
  CHECK(got.effective.job_timeout == milliseconds{10'000});
  CHECK(got.effective.max_retries == 3);
}

TEST_CASE("what other programs read, too, counts where the option itself is set nowhere") {
  const std::map<std::string, std::string> standard{
      {"https_proxy", "small:1"}, {"HTTPS_PROXY", "proxy:3128"},    {"NO_PROXY", ""},
      {"no_proxy", ".internal"},  {"SSL_CERT_FILE", "/run/ca.pem"}, {"AWS_PROFILE", "pictures"}};
  const auto loaded = load({}, standard);
  CHECK(loaded.problems.empty());
  CHECK(loaded.effective.https_proxy == "proxy:3128");
  CHECK(loaded.effective.http_proxy.empty());
  CHECK(loaded.effective.no_proxy == ".internal");
  CHECK(loaded.effective.ca_file == "/run/ca.pem");
  CHECK(loaded.effective.s3_profile == "pictures");

  const temporary_file file{"WORKER_HTTPS_PROXY=own:1\nWORKER_CA_FILE=own.pem\n"};
  auto both = standard;
  both["WORKER_NO_PROXY"] = "*";
  const auto own = load({"--config", file.path()}, both);
  CHECK(own.problems.empty());
  CHECK(own.effective.https_proxy == "own:1");
  CHECK(own.effective.ca_file == "own.pem");
  CHECK(own.effective.no_proxy == "*");

  CHECK(
      only_problem(load({}, {{"HTTPS_PROXY", "ftp://ann:word@proxy"}}))
      == "HTTPS_PROXY: this value is not allowed: its scheme must be http, https, socks5 or "
         "socks5h; use [http|https|socks5|socks5h://][user:password@]host[:port], or empty (the "
         "environment)"
  );
}

TEST_CASE("a flag takes its value after an equals sign or as the next argument") {
  CHECK(load({"--worker-max-workers=7"}).effective.max_workers == 7);
  CHECK(load({"--worker-max-workers", "7"}).effective.max_workers == 7);
  CHECK(load({"--worker-data-dir=a=b"}).effective.data_dir == "a=b");
  CHECK(only_problem(load({"--worker-max-workers"})) == "--worker-max-workers: needs a value");
  CHECK(only_problem(load({"--config"})) == "--config: needs a value");
}

TEST_CASE("help and version are shown whatever else is wrong") {
  CHECK(load({"--help"}).what == command_line::action::show_help);
  CHECK(load({"-h"}).what == command_line::action::show_help);
  CHECK(load({"--version"}).what == command_line::action::show_version);
  const command_line help = load({"--nonsense", "--help"}, {{"WORKER_MAX_WORKERS", "x"}});
  CHECK(help.what == command_line::action::show_help);
  CHECK(help.problems.empty());
}

TEST_CASE("checking the configuration reports all problems at once") {
  const command_line got =
      load({"--check-config"}, {{"WORKER_MAX_WORKERS", "0"}, {"RETRY_JITTER", "2"}});
  CHECK(got.what == command_line::action::check_config);
  CHECK(got.problems.size() == 2);
}

TEST_CASE("a misspelt name is an error that names the nearest one") {
  CHECK(contains(
      only_problem(load({}, {{"WORKER_MAX_WORKER", "5"}})), "the nearest is WORKER_MAX_WORKERS"
  ));
  CHECK(contains(only_problem(load({}, {{"GEMINI_KEY", "x"}})), "GEMINI_"));
  CHECK(
      contains(only_problem(load({}, {{"RETRY_MAXDELAY", "5s"}})), "the nearest is RETRY_MAX_DELAY")
  );
  CHECK(
      contains(only_problem(load({"--worker-max-worker=5"})), "the nearest is --worker-max-workers")
  );
  CHECK(contains(only_problem(load({"--WORKER_MAX_WORKERS=5"})), "is not a flag"));
  CHECK(contains(only_problem(load({"--confg=x"})), "the nearest is --config"));
  CHECK(contains(only_problem(load({"run"})), "argument 1: is not a flag"));
}

TEST_CASE("a misspelt variable is found under every prefix of the table") {
  CHECK(
      only_problem(load({}, {{"REDIS_ULR", "redis://:word@host"}}))
      == "REDIS_ULR: is not an option; the nearest is REDIS_URL (the environment)"
  );
  CHECK(contains(only_problem(load({}, {{"QUEUE_BAKEND", "redis"}})), "QUEUE_BACKEND"));
  CHECK(contains(only_problem(load({}, {{"DATABASE_URL_FIEL", "x"}})), "DATABASE_URL_FILE"));
}

TEST_CASE("variables of other programs are ignored") {
  CHECK(load({}, {{"PATH", "/bin"}, {"HOME", "/"}, {"MY_WORKER_X", "1"}}).problems.empty());
  CHECK(load({}, {{"REDIS_HOST", "h"}, {"NODE_ENV", "test"}, {"S3_BUCKET", "b"}}).problems.empty());
  // What Kubernetes sets for a service named "worker".
  const command_line got = load(
      {}, {{"WORKER_SERVICE_HOST", "10.0.0.1"},
           {"WORKER_SERVICE_PORT", "80"},
           {"WORKER_PORT", "tcp://10.0.0.1:80"},
           {"WORKER_PORT_80_TCP_ADDR", "10.0.0.1"}}
  );
  CHECK(got.problems.empty());
}

TEST_CASE("what Kubernetes has put into an option's variable is ignored, and said") {
  const command_line got = load(
      {}, {{"WORKER_HTTP_PORT", "tcp://10.0.0.7:8080"},
           {"WORKER_HTTP_PORT_8080_TCP", "tcp://10.0.0.7:8080"},
           {"WORKER_HTTP_SERVICE_HOST", "10.0.0.7"},
           {"WORKER_HEALTH_CHECK_PORT", "tcp://10.0.0.8:8081"}}
  );
  CHECK(got.problems.empty());
  CHECK(got.effective == settings{});
  REQUIRE(got.ignored.size() == 2);
  CHECK(got.ignored[0].field == "WORKER_HTTP_PORT");
  CHECK(got.ignored[1].field == "WORKER_HEALTH_CHECK_PORT");
  CHECK(contains(got.ignored[1].message, "Kubernetes"));
  // Nobody but Kubernetes writes such a thing there; in a file or a flag it is a mistake.
  const temporary_file file{"WORKER_HTTP_PORT=tcp://10.0.0.7:8080\n"};
  CHECK(load({"--config", file.path()}).problems.size() == 1);
  CHECK(load({"--worker-http-port=tcp://10.0.0.7:8080"}).problems.size() == 1);
}

TEST_CASE("a variable that may be meant for an option is ignored, and said") {
  const command_line got = load({}, {{"S3_SECRET_KEY", secret}, {"NODE_ENV", "production"}});
  CHECK(got.problems.empty());
  REQUIRE(got.ignored.size() == 1);
  CHECK(got.ignored[0].field == "S3_SECRET_KEY");
  CHECK(contains(got.ignored[0].message, "the nearest is S3_SECRET_ACCESS_KEY"));
  CHECK_FALSE(contains(got.ignored[0].message, secret));
  CHECK(load({}, {{"S3_SECRET_KEY", "x"}, {"S3_SECRET_ACCESS_KEY", "x"}}).ignored.empty());
}

TEST_CASE("the file may hold comments, empty lines, blanks, quotes and Windows line ends") {
  const temporary_file file{
      "# comment\r\n\r\n  WORKER_MAX_WORKERS = 9  \r\nWORKER_DATA_DIR=\"a b\"\nGEMINI_MODEL='m'\n"
      "WORKER_WEBHOOK_URL=https://h/a#b=c"};
  const command_line got = load({"--config=" + file.path()});
  REQUIRE(got.problems.empty());
  CHECK(got.effective.max_workers == 9);
  CHECK(got.effective.data_dir == "a b");
  CHECK(got.effective.gemini.model == "m");
  CHECK(got.effective.webhook_url == "https://h/a#b=c");
}

TEST_CASE("what is wrong in a file is said with file and line, without quoting the line") {
  const auto problem_of = [](const std::string& content, const std::string& place) {
    const temporary_file file{content};
    std::string problem = only_problem(load({"--config", file.path()}));
    INFO(problem);
    CHECK(contains(problem, file.path() + place));
    CHECK_FALSE(contains(problem, secret));
    return problem;
  };
  problem_of("\nWORKER_MAX_WORKERS=x\n", ":2");
  problem_of(std::string{"\n\n"} + secret + "\n", ":3");
  problem_of(std::string{"export GEMINI_API_KEY="} + secret, ":1");
  problem_of("QUEUE_BAKEND=memory\n", ":1");
  CHECK(contains(
      problem_of("WORKER_HTTP_PORT=1\n#\nWORKER_HTTP_PORT=2\n", ":3"), "was set before, at "
  ));
}

TEST_CASE("a file that cannot be read is an error, not an empty configuration") {
  CHECK(contains(
      only_problem(load({"--config", "/nonexistent/worker.env"})),
      "--config: cannot read \"/nonexistent/worker.env\": No such file"
  ));
  CHECK(contains(only_problem(load({"--config", "/"})), "cannot read"));
  const temporary_file huge{std::string(2'000'000, '#')};
  CHECK(contains(only_problem(load({"--config", huge.path()})), "longer than 1 MiB"));
}

TEST_CASE("a secret may come from a file, its last line end cut off") {
  const temporary_file file{std::string{secret} + "\n"};
  CHECK(load({}, {{"GEMINI_API_KEY_FILE", file.path()}}).effective.gemini.api_key == secret);
  CHECK(load({"--gemini-api-key-file", file.path()}).effective.gemini.api_key == secret);
  const command_line beside_empty =
      load({}, {{"GEMINI_API_KEY", ""}, {"GEMINI_API_KEY_FILE", file.path()}});
  CHECK(beside_empty.problems.empty());
  CHECK(beside_empty.effective.gemini.api_key == secret);

  const command_line both =
      load({}, {{"GEMINI_API_KEY", "x"}, {"GEMINI_API_KEY_FILE", file.path()}});
  CHECK(contains(only_problem(both), "GEMINI_API_KEY: is given twice"));
  CHECK(contains(
      only_problem(load({}, {{"WORKER_WEBHOOK_SECRET_FILE", "/nonexistent"}})),
      "WORKER_WEBHOOK_SECRET_FILE: cannot read \"/nonexistent\""
  ));
  CHECK(contains(only_problem(load({}, {{"GEMINI_MODEL_FILE", "x"}})), "is not an option"));
}

TEST_CASE("the file of the API keys is known, as long as they come from one") {
  const temporary_file file{"ops:admin:" + std::string(64, '0') + "\n"};
  const auto by_file = load({}, {{"WORKER_API_KEYS_FILE", file.path()}}).effective;
  CHECK(by_file.api_keys_file == file.path());
  CHECK(by_file.api_keys == "ops:admin:" + std::string(64, '0'));
  const temporary_file options{"WORKER_API_KEYS_FILE=" + file.path() + "\n"};
  const auto replaced = load(
      {"--config", options.path()}, {{"WORKER_API_KEYS", "new:viewer:" + std::string(64, '1')}}
  );
  CHECK(replaced.effective.api_keys_file.empty());
}

TEST_CASE("a secret is refused on the command line, where everyone can read it") {
  const std::string problem = only_problem(load({std::string{"--gemini-api-key="} + secret}));
  CHECK(contains(problem, "GEMINI_API_KEY_FILE"));
  CHECK_FALSE(contains(problem, secret));
  for (const std::string misspelt : {"--gemini-api-kee", "-gemini-api-key", "gemini-api-key"}) {
    for (const field_problem& each : load({misspelt, secret}).problems) {
      CHECK_FALSE(contains(each.field + each.message, secret));
    }
  }
}

TEST_CASE("no secret is shown, neither when it is bad nor when it is asked for") {
  const std::string bad = std::string{secret} + " \n" + secret;
  CHECK_FALSE(contains(only_problem(load({}, {{"GEMINI_API_KEY", bad}})), secret));
  CHECK_FALSE(contains(only_problem(load({}, {{"WORKER_WEBHOOK_SECRET", bad}})), secret));

  settings with_secrets;
  with_secrets.gemini.api_key = secret;
  with_secrets.webhook_secret = secret;
  with_secrets.api_keys = secret;
  with_secrets.redis_url = std::string{"redis://:"} + secret + "@host";
  with_secrets.database_url = std::string{"postgres://ann:"} + secret + "@host";
  for (const option& each : all_options()) {
    INFO(each.names.variable);
    CHECK_FALSE(contains(shown_value(each, with_secrets), secret));
    CHECK(shown_value(each, settings{}) == each.print(settings{}));
  }
  CHECK(shown_value(*find_option_by_variable("GEMINI_API_KEY"), with_secrets) == "***");
}

TEST_CASE("credentials in an address are not quoted when it is refused") {
  const std::string url = "https://ann:" + std::string{secret} + "@host/path";
  const std::string problem = only_problem(load({}, {{"GEMINI_BASE_URL", url}}));
  CHECK_FALSE(contains(problem, secret));
  CHECK(contains(problem, "https://***@host/path"));
}

TEST_CASE("a key is not sent to an address that came without it") {
  settings current;
  current.gemini.api_key = secret;
  const settings_change elsewhere{"gemini.baseUrl", "https://elsewhere"};
  const auto refused = apply_changes(current, std::vector{elsewhere});
  REQUIRE(refused.problems.size() == 1);
  CHECK(refused.problems[0].field == "gemini.baseUrl");
  CHECK(refused.effective == current);
  const settings_change shown{"gemini.apiKey", "***"};
  CHECK(apply_changes(current, std::vector{elsewhere, shown}).problems.size() == 1);
  const settings_change own{"gemini.apiKey", "another-key"};
  CHECK(apply_changes(current, std::vector{elsewhere, own}).problems.empty());
  const settings_change same{"gemini.baseUrl", current.gemini.base_url};
  CHECK(apply_changes(current, std::vector{same, shown}).problems.empty());
}

TEST_CASE("values that do not fit together are refused by name") {
  const auto refused = [](const std::map<std::string, std::string>& variables,
                          std::string_view by) {
    const std::string problem = only_problem(load({}, variables));
    INFO(problem);
    CHECK(problem.substr(0, problem.find(':')) == by);
  };
  refused({{"RETRY_INITIAL_DELAY", "6m"}}, "RETRY_INITIAL_DELAY");
  refused({{"WORKER_MAX_RETRIES", "4"}}, "WORKER_MAX_RETRIES");
  refused({{"WORKER_HTTP_PORT", "8081"}}, "WORKER_HEALTH_CHECK_PORT");
  refused({{"WORKER_HTTP_ADDRESS", "0.0.0.0"}}, "WORKER_HTTP_ADDRESS");
  refused({{"WORKER_HTTP_ADDRESS", "::"}}, "WORKER_HTTP_ADDRESS");
  refused({{"WORKER_TLS_CERTIFICATE", "api.pem"}}, "WORKER_TLS_CERTIFICATE");
  refused({{"WORKER_TLS_KEY", "api.key"}}, "WORKER_TLS_KEY");
  refused({{"WORKER_CORS_ORIGINS", "*"}}, "WORKER_CORS_ORIGINS");
  refused({{"WORKER_HTTP_MEMORY", "62914559"}}, "WORKER_HTTP_MEMORY");
  refused({{"WORKER_MAX_IMAGE_BYTES", "100000000"}}, "WORKER_HTTP_MEMORY");
  CHECK(load({}, {{"WORKER_HTTP_MEMORY", "62914560"}}).problems.empty());
  CHECK(load({}, {{"WORKER_TLS_CERTIFICATE", "a"}, {"WORKER_TLS_KEY", "b"}}).problems.empty());
  CHECK(load({}, {{"WORKER_HTTP_PORT", "0"}, {"WORKER_HEALTH_CHECK_PORT", "0"}}).problems.empty());
  const std::string keys = "ops:admin:" + std::string(64, '0');
  CHECK(load({}, {{"WORKER_HTTP_ADDRESS", "::"}, {"WORKER_API_KEYS", keys}}).problems.empty());
  CHECK(load({}, {{"WORKER_HEALTH_CHECK_ADDRESS", "0.0.0.0"}}).problems.empty());
  CHECK(load({}, {{"WORKER_HTTP_ADDRESS", "127.8.9.10"}}).problems.empty());
  refused({{"WORKER_TRUSTED_PROXIES", "10.0.0.1"}}, "WORKER_TRUSTED_PROXIES");
  refused({{"WORKER_PROXY_PROTOCOL", "true"}, {"WORKER_API_KEYS", keys}}, "WORKER_PROXY_PROTOCOL");
  CHECK(load({}, {{"WORKER_HTTP_ADDRESS", "::1"}}).problems.empty());
}

TEST_CASE("help names every option with its default") {
  const std::string help = help_text();
  for (const option& each : all_options()) {
    INFO(each.names.variable);
    CHECK(contains(help, std::string{each.names.variable} + "=" + each.print(settings{}) + "\n"));
  }
}

TEST_CASE("the documented options are those of the option table") {
  const std::string documented = content_of("docs/configuration.md");
  const std::string expected =
      "<!-- options:begin -->\n" + markdown_tables() + "<!-- options:end -->\n";
  INFO("run scripts/update-docs");
  CHECK(contains(documented, expected));
}

TEST_CASE("the example file is what the option table says, and changes nothing") {
  INFO("run scripts/update-docs");
  CHECK(content_of("config/stayler-worker.env.example") == example_file());
  const temporary_file file{example_file()};
  const command_line got = load({"--config", file.path()});
  CHECK(got.problems.empty());
  CHECK(got.effective == settings{});
}
