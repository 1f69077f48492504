// SPDX-License-Identifier: MIT
#include "tests/support/http_exchange.hpp"

#include "tests/support/catch.hpp"

#include <curl/curl.h>

#include <charconv>
#include <memory>
#include <utility>

namespace stayler::test {

namespace {

std::size_t append_body(char* data, std::size_t, std::size_t size, void* into) {
  static_cast<std::string*>(into)->append(data, size);
  return size;
}

}  // namespace

adapters::json_value http_answer::json() const {
  auto parsed = adapters::parse_json(body);
  INFO(body);
  REQUIRE(parsed);
  return *std::move(parsed);
}

http_answer exchange(
    const std::string& method,
    const std::string& url,
    const std::string& body,
    const std::vector<std::string>& headers,
    std::chrono::milliseconds timeout
) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> curl{
      curl_easy_init(), curl_easy_cleanup};
  curl_slist* list = curl_slist_append(nullptr, "Expect:");
  for (const auto& header : headers) {
    list = curl_slist_append(list, header.c_str());
  }
  http_answer answer;
  curl_easy_setopt(curl.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_CUSTOMREQUEST, method.c_str());
  curl_easy_setopt(curl.get(), CURLOPT_HTTPHEADER, list);
  curl_easy_setopt(curl.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl.get(), CURLOPT_NOPROXY, "*");
  // Whom a test speaks to is on this machine; that certificates are right is tested by itself.
  curl_easy_setopt(curl.get(), CURLOPT_SSL_VERIFYPEER, 0L);
  curl_easy_setopt(curl.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(timeout.count()));
  curl_easy_setopt(curl.get(), CURLOPT_WRITEFUNCTION, append_body);
  curl_easy_setopt(curl.get(), CURLOPT_WRITEDATA, &answer.body);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERFUNCTION, append_body);
  curl_easy_setopt(curl.get(), CURLOPT_HEADERDATA, &answer.head);
  if (method == "HEAD") {
    curl_easy_setopt(curl.get(), CURLOPT_NOBODY, 1L);
  } else if (!body.empty() || method == "POST" || method == "PUT") {
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(curl.get(), CURLOPT_POSTFIELDS, body.data());
  }
  const auto begun = std::chrono::steady_clock::now();
  answer.curl_code = curl_easy_perform(curl.get());
  answer.took = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::steady_clock::now() - begun
  );
  curl_easy_getinfo(curl.get(), CURLINFO_RESPONSE_CODE, &answer.status);
  char* type = nullptr;
  curl_easy_getinfo(curl.get(), CURLINFO_CONTENT_TYPE, &type);
  answer.content_type = type == nullptr ? "" : type;
  curl_slist_free_all(list);
  return answer;
}

const adapters::json_value& at(
    const adapters::json_value& from, std::initializer_list<std::string_view> path
) {
  static const adapters::json_value missing;
  const adapters::json_value* value = &from;
  for (const auto step : path) {
    const auto* elements = value->as<adapters::json_value::array>();
    if (elements == nullptr) {
      value = value->find(step);
    } else {
      std::size_t index = 0;
      std::from_chars(step.data(), step.data() + step.size(), index);
      value = index < elements->size() ? &(*elements)[index] : nullptr;
    }
    if (value == nullptr) {
      return missing;
    }
  }
  return *value;
}

std::string text_at(
    const adapters::json_value& from, std::initializer_list<std::string_view> path
) {
  const auto* text = at(from, path).as<std::string>();
  return text == nullptr ? "" : *text;
}

std::int64_t number_at(
    const adapters::json_value& from, std::initializer_list<std::string_view> path
) {
  const auto* number = at(from, path).as<std::int64_t>();
  return number == nullptr ? -1 : *number;
}

std::int64_t size_at(
    const adapters::json_value& from, std::initializer_list<std::string_view> path
) {
  const auto* array = at(from, path).as<adapters::json_value::array>();
  return array == nullptr ? -1 : static_cast<std::int64_t>(array->size());
}

bool holds(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

}  // namespace stayler::test
