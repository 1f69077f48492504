// SPDX-License-Identifier: MIT

// However the address of the Gemini API is written, calls go to the right place, or it is refused
// with the reason.

#include "adapters/gemini/gemini_address.hpp"

#include "tests/support/catch.hpp"

#include <string>
#include <vector>

namespace stayler::adapters {

TEST_CASE("an address has one form, with or without version and collection") {
  for (const std::string host :
       {"http://127.0.0.1:8090", "https://generativelanguage.googleapis.com", "http://[::1]:9",
        "https://gateway.example/some/path", "https://gateway.example/v1/account/google"}) {
    for (const std::string end :
         {"", "/", "///", "/v1", "/v1beta", "/v1beta/", "/V1Beta", "/v1beta/models", "/v1/models//",
          "/models", "/models/", "/v1beta//models"}) {
      INFO(host << end);
      const auto read = read_gemini_address(host + end);
      REQUIRE(read);
      CHECK(*read == host);
      CHECK(*read_gemini_address(*read) == *read);
    }
  }
  CHECK(*read_gemini_address("HTTPS://Gateway.Example/Path/v1") == "https://gateway.example/Path");
}

TEST_CASE("an address that leads elsewhere is refused with the reason") {
  const std::vector<std::pair<std::string, std::string>> table{
      {"", "no URL"},
      {"gateway.example", "no URL"},
      {"http://a b", "blanks"},
      {"ftp://host/v1beta", "http://"},
      {"http://", "host"},
      {"http://:80", "host"},
      {"https://user:word@host", "GEMINI_API_KEY"},
      {"https://host/v1beta?key=secret", "GEMINI_API_KEY"},
      {"https://host/?", "GEMINI_API_KEY"},
      {"https://host/#here", "GEMINI_API_KEY"},
      {"https://host/v1beta/openai", "OpenAI"},
      {"https://host/v1beta/openai/", "OpenAI"},
      {"https://host/v1alpha", "v1beta"},
      {"https://host/v1beta1/", "v1beta"},
      {"https://host/v1beta/models/gemini-x", "GEMINI_MODEL"},
      {"https://host/v1beta/models/gemini-x:generateContent", "GEMINI_MODEL"},
  };
  for (const auto& [text, reason] : table) {
    INFO(text);
    const auto read = read_gemini_address(text);
    REQUIRE_FALSE(read);
    CHECK(read.error().kind == error_class::invalid_input);
    CHECK(read.error().message.find(reason) != std::string::npos);
    CHECK(read.error().message.find("secret") == std::string::npos);
  }
}

TEST_CASE("a model is found under the version that is spoken, and cannot leave its place") {
  CHECK(model_url("http://h:9/g", "m") == "http://h:9/g/v1beta/models/m");
  CHECK(model_url("http://h", "models/x") == "http://h/v1beta/models/x");
  CHECK(model_url("http://h", "../a?b") == "http://h/v1beta/models/..%2Fa%3Fb");
}

}  // namespace stayler::adapters
