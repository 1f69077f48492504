// SPDX-License-Identifier: MIT

// What copying adds to a value is taken off, or refused with the reason.

#include "adapters/config/loading/load_settings.hpp"
#include "adapters/config/option_table.hpp"
#include "adapters/config/settings_rules.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/adapters/config/config_fixture.hpp"

#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

TEST_CASE("no option takes a value that stands in quotes, and says that they are the reason") {
  for (const option& each : all_options()) {
    for (const std::string quote : {"\"", "'"}) {
      const std::string value =
          each.names.variable == "GEMINI_API_KEY" ? std::string{secret} : each.print(settings{});
      INFO(each.names.variable << " with " << quote);
      settings into;
      const std::string problem = each.parse(into, quote + value + quote);
      CHECK(contains(problem, "it stands in quotes"));
      CHECK_FALSE(contains(problem, secret));
      CHECK(into == settings{});
    }
  }
}

TEST_CASE("a quoted value is refused from the environment and by the API, and unquoted in a file") {
  const std::string quoted = "\"" + std::string{secret} + "\"";
  const std::string problem = only_problem(load({"--check-config"}, {{"GEMINI_API_KEY", quoted}}));
  CHECK(contains(problem, "GEMINI_API_KEY: this value is not allowed"));
  CHECK(contains(problem, "leave them out; use "));
  const settings_change change{"gemini.baseUrl", "'http://127.0.0.1:9'"};
  CHECK(contains(
      apply_changes(settings{}, std::vector{change}).problems.at(0).message, "it stands in quotes"
  ));
  const temporary_file options{"GEMINI_API_KEY=" + quoted + "\n"};
  CHECK(load({"--config", options.path()}).effective.gemini.api_key == secret);
  const temporary_file file{quoted};
  CHECK(contains(
      only_problem(load({}, {{"GEMINI_API_KEY_FILE", file.path()}})), "it stands in quotes"
  ));
}

TEST_CASE("none of several keys of the provider's may be in quotes") {
  for (const std::string keys : {R"("one","two")", R"(one,"two")", R"('one',two)", "`one`"}) {
    INFO(keys);
    CHECK(contains(only_problem(load({}, {{"GEMINI_API_KEY", keys}})), "quotes"));
  }
}

TEST_CASE("white space and a byte order mark around a file's secret are no part of it") {
  for (const std::string before : {"", " ", "\n", "\xEF\xBB\xBF", "\xEF\xBB\xBF\t"}) {
    for (const std::string after : {"", "\n", "\r\n", " ", "\t\n\n", " \r\n"}) {
      const temporary_file file{before + secret + after};
      const auto loaded = load({}, {{"GEMINI_API_KEY_FILE", file.path()}});
      CHECK(loaded.problems.empty());
      CHECK(loaded.effective.gemini.api_key == secret);
    }
  }
}

TEST_CASE("white space around a value of the environment is named as the reason") {
  const std::string problem =
      only_problem(load({}, {{"GEMINI_API_KEY", std::string{secret} + "\n"}}));
  CHECK(contains(problem, "there is white space before or behind it"));
  CHECK_FALSE(contains(problem, secret));
  CHECK(contains(only_problem(load({}, {{"GEMINI_TIMEOUT", " 60"}})), "white space"));
}

TEST_CASE("the provider's address is kept in one form, however it is set") {
  CHECK(
      load(
          {}, {{"GEMINI_BASE_URL", "http://127.0.0.1:8090/v1beta/models/"}}
      ).effective.gemini.base_url
      == "http://127.0.0.1:8090"
  );
  settings current;
  current.gemini.api_key = secret;
  const settings_change same{"gemini.baseUrl", current.gemini.base_url + "/v1/"};
  const auto unchanged = apply_changes(current, std::vector{same});
  CHECK(unchanged.problems.empty());
  CHECK(unchanged.effective == current);
  const std::string problem =
      only_problem(load({}, {{"GEMINI_BASE_URL", "https://host/v1beta/openai"}}));
  CHECK(contains(problem, "leave \"/openai\" out"));
}
