// SPDX-License-Identifier: MIT

// What a free question tells of address, key and model.

#include "adapters/gemini/setup_probe.hpp"

#include "adapters/gemini/model_list.hpp"
#include "tests/support/catch.hpp"
#include "tests/unit/adapters/gemini/gemini_answers.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace stayler::adapters {

namespace {

using verdict = provider_check::verdict;

gemini_settings settings_for(const std::string& keys, const std::string& fallbacks = {}) {
  gemini_settings config;
  config.api_key = keys;
  config.base_url = "http://127.0.0.1:9";
  config.model = "first";
  config.fallback_models = fallbacks;
  return config;
}

setup_probe only_probe() {
  return make_setup_probes(settings_for("the-key")).at(0);
}

provider_check finding_of(std::uint32_t status, const std::string& body) {
  return read_probe_answer(only_probe(), http_response{status, {}, body});
}

}  // namespace

TEST_CASE("models are named once each, eight of them at most") {
  CHECK(models_of(settings_for("k")) == std::vector<std::string>{"first"});
  CHECK(
      models_of(settings_for("k", "second,first,third"))
      == std::vector<std::string>{"first", "second", "third"}
  );
  CHECK(read_model_names("a,b.c_d-1")->size() == 2);
  for (const std::string bad :
       {",", "a,", ",a", "a,,b", "a,a", "a b", "models/a", "a, b", "a,b,c,d,e,f,g,h,i"}) {
    INFO(bad);
    CHECK_FALSE(read_model_names(bad));
  }
}

TEST_CASE("each key is asked about the first model, and one key about each fallback") {
  const auto probes = make_setup_probes(settings_for("one,two", "second"));
  REQUIRE(probes.size() == 3);
  CHECK(probes[0].key == "one");
  CHECK(probes[0].model == "first");
  CHECK(probes[0].key_name == "GEMINI_API_KEY (key 1 of 2)");
  CHECK(probes[1].key == "two");
  CHECK(probes[1].model == "first");
  CHECK(probes[2].key == "one");
  CHECK(probes[2].model == "second");
  CHECK(probes[2].model_name == "GEMINI_FALLBACK_MODELS");
  CHECK(make_setup_probes(settings_for("", "second")).empty());
}

TEST_CASE("the question is a GET of the model, with the key in a header") {
  const auto request = make_probe_request(only_probe(), milliseconds{7'000});
  CHECK(request.method == "GET");
  CHECK(request.url == "http://127.0.0.1:9/v1beta/models/first");
  CHECK(request.timeout == milliseconds{7'000});
  const std::pair<std::string, std::string> key{"x-goog-api-key", "the-key"};
  CHECK(std::ranges::count(request.headers, key) == 1);
  CHECK(request.body == nullptr);
}

TEST_CASE("a description of the model says that all is well") {
  for (const std::string body :
       {R"({"name":"models/first","supportedGenerationMethods":["generateContent"]})",
        R"({"name":"models/first"})", R"({"supportedGenerationMethods":[]})",
        R"({"id":"first"})"}) {
    INFO(body);
    CHECK(finding_of(200, body) == provider_check{verdict::works, {}, {}});
  }
}

TEST_CASE("what does not work is named by the variable that is to be looked at") {
  struct row {
    std::uint32_t status;
    std::string body;
    std::string variable;
  };
  const std::string bad_key =
      R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"})";
  const std::vector<row> table{
      {400, rpc_error(400, "INVALID_ARGUMENT", bad_key), "GEMINI_API_KEY is refused"},
      {401, rpc_error(401, "UNAUTHENTICATED"), "GEMINI_API_KEY is refused"},
      {403, rpc_error(403, "PERMISSION_DENIED"), "GEMINI_API_KEY is refused"},
      {404, rpc_error(404, "NOT_FOUND"), "GEMINI_MODEL: there is no model first"},
      {503, rpc_error(503, "UNAVAILABLE"), "GEMINI_BASE_URL: http://127.0.0.1:9 fails"},
      {302, "", "GEMINI_BASE_URL"},
      {200, R"({"supportedGenerationMethods":["predict"]})", "GEMINI_MODEL"},
  };
  for (const auto& [status, body, variable] : table) {
    INFO(status << ' ' << body);
    const auto found = finding_of(status, body);
    CHECK(found.is == verdict::broken);
    CHECK(found.problem.starts_with(variable));
    CHECK(found.problem.find("the-key") == std::string::npos);
  }
  const auto away = read_probe_answer(
      only_probe(), http_error{{error_class::connection, "connection refused", {}}, false}
  );
  CHECK(away.is == verdict::broken);
  CHECK(away.problem == "GEMINI_BASE_URL: http://127.0.0.1:9 is not reached: connection refused");
}

TEST_CASE("a key that the provider repeats is not shown") {
  const auto found = finding_of(
      401, R"({"error":{"code":401,"message":"the-key, yes the-key","status":"UNAUTHENTICATED"}})"
  );
  CHECK(found.problem.find("the-key") == std::string::npos);
  CHECK(found.problem.find("***, yes ***") != std::string::npos);
}

TEST_CASE("a gateway that does not know the question leaves it open") {
  for (const std::uint32_t status : {404U, 405U, 400U}) {
    for (const std::string body :
         {"<html>not found</html>", R"({"error":"no route"})", "", R"({"detail":"Not Found"})"}) {
      INFO(status << ' ' << body);
      const auto found = finding_of(status, body);
      CHECK(found.is == verdict::untold);
      CHECK(found.problem.starts_with("GEMINI_BASE_URL"));
    }
  }
  CHECK(finding_of(200, "<html>log in</html>").is == verdict::untold);
  CHECK(finding_of(200, "[]").is == verdict::untold);
}

TEST_CASE("too many questions say nothing against the setup") {
  CHECK(finding_of(429, rpc_error(429, "RESOURCE_EXHAUSTED")).is == verdict::works);
}

}  // namespace stayler::adapters
