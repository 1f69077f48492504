// SPDX-License-Identifier: MIT

// The parts of the HTTP front end that decide without a socket or an actor.

#include "adapters/json/json_reader.hpp"
#include "http/api/answers.hpp"
#include "http/api/byte_range.hpp"
#include "http/api/json/config_json.hpp"
#include "http/api/image_upload.hpp"
#include "http/api/multipart.hpp"
#include "http/api/router.hpp"
#include "http/api/json/status_json.hpp"
#include "http/server/target.hpp"
#include "tests/support/catch.hpp"

#include <string>

using namespace stayler;
using namespace std::chrono_literals;
using http::byte_range;
using http::parse_byte_range;
using http::parse_multipart;
using http::request;
using http::response;

namespace {

constexpr std::string_view form_type = "multipart/form-data; boundary=XX";

/// Keeps the answer that it is sent.
struct kept_answer final : http::responder {
  response last;
  int count = 0;
  void send(response answer) override {
    last = std::move(answer);
    ++count;
  }
  void send(response answer, http::wire_fault) override { send(std::move(answer)); }
};

std::string part(std::string_view disposition, std::string_view content) {
  return "--XX\r\nContent-Disposition: form-data; " + std::string{disposition} + "\r\n\r\n"
         + std::string{content} + "\r\n";
}

constexpr std::string_view tiny_png = "\x89PNG\r\n\x1A\n....";

}  // namespace

TEST_CASE("a range is cut to what is there", "[http_forms]") {
  const auto is_part = [](const byte_range& range, std::size_t offset, std::size_t count) {
    return range.what == byte_range::kind::part && range.offset == offset && range.count == count;
  };
  CHECK(is_part(parse_byte_range("bytes=0-0", 10), 0, 1));
  CHECK(is_part(parse_byte_range("bytes=2-5", 10), 2, 4));
  CHECK(is_part(parse_byte_range("bytes=5-", 10), 5, 5));
  CHECK(is_part(parse_byte_range("bytes=5-99", 10), 5, 5));
  CHECK(is_part(parse_byte_range("bytes=-3", 10), 7, 3));
  CHECK(is_part(parse_byte_range("bytes=-99", 10), 0, 10));
  CHECK(is_part(parse_byte_range("bytes=0-18446744073709551615", 10), 0, 10));
}

TEST_CASE("a range outside is unsatisfiable, a strange one ignored", "[http_forms]") {
  for (const auto* header : {"bytes=10-", "bytes=10-20", "bytes=-0"}) {
    CHECK(parse_byte_range(header, 10).what == byte_range::kind::unsatisfiable);
  }
  CHECK(parse_byte_range("bytes=-1", 0).what == byte_range::kind::unsatisfiable);
  for (const auto* header :
       {"", "lines=0-1", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=0-1,3-4",
        "bytes=99999999999999999999-"}) {
    INFO(header);
    CHECK(parse_byte_range(header, 10).what == byte_range::kind::whole);
  }
}

TEST_CASE("an entity is named by its tag, weakly, in a list, or by a star", "[http_forms]") {
  CHECK(http::names_entity("\"a\"", "\"a\""));
  CHECK(http::names_entity("W/\"a\"", "\"a\""));
  CHECK(http::names_entity("\"x\" , \"a\"", "\"a\""));
  CHECK(http::names_entity("*", "\"a\""));
  CHECK_FALSE(http::names_entity("", "\"a\""));
  CHECK_FALSE(http::names_entity("\"x\",", "\"a\""));
}

TEST_CASE("the parts of a form are read with names, files and bytes", "[http_forms]") {
  const std::string bytes("\r\n--X\0\xFF\r\n", 9);
  const auto body = part("name=\"userId\"", "u1")
                    + part("name=\"image\"; filename=\"C:\\\\dir/a \\\"b\\\".jpg\"", bytes)
                    + "--XX--\r\n";
  const auto parts = parse_multipart(form_type, body);
  REQUIRE(parts);
  REQUIRE(parts->size() == 2);
  CHECK(parts->at(0).name == "userId");
  CHECK(parts->at(0).content == "u1");
  CHECK_FALSE(parts->at(0).is_file);
  CHECK(parts->at(1).name == "image");
  CHECK(parts->at(1).is_file);
  CHECK(parts->at(1).file_name == "a \"b\".jpg");
  CHECK(parts->at(1).content == bytes);
}

TEST_CASE("a preamble is skipped, an empty form is a form", "[http_forms]") {
  CHECK(parse_multipart("multipart/form-data; boundary=\"XX\"", "hello\r\n--XX--")->empty());
  CHECK(parse_multipart(form_type, "--XX--\r\nepilogue")->empty());
}

TEST_CASE("a form that is not whole is refused", "[http_forms]") {
  const auto whole = part("name=a", "1") + "--XX--";
  REQUIRE(parse_multipart(form_type, whole));
  for (std::size_t length = 0; length < whole.size(); ++length) {
    INFO(length);
    CHECK_FALSE(parse_multipart(form_type, std::string_view{whole}.substr(0, length)));
  }
  CHECK_FALSE(parse_multipart("multipart/form-data", whole));
  CHECK_FALSE(parse_multipart("multipart/form-data; boundary=", whole));
  CHECK_FALSE(parse_multipart(form_type, part("filename=x", "1") + "--XX--"));
  std::string many;
  for (int i = 0; i < 33; ++i) {
    many += part("name=a", "1");
  }
  CHECK_FALSE(parse_multipart(form_type, many + "--XX--"));
}

TEST_CASE("an upload may be raw or a form", "[http_forms]") {
  request raw;
  raw.query = {{"userId", "u1"}, {"type", "vendor"}};
  raw.headers = {{"content-type", "image/jpeg"}};
  raw.body = tiny_png;
  const auto first = std::get<http::image_upload>(http::read_image_upload(raw, 1000));
  CHECK(first.user_id == "u1");
  CHECK(first.type == "vendor");
  CHECK(first.bytes->size() == tiny_png.size());

  request form;
  form.headers = {{"content-type", std::string{form_type}}};
  form.body =
      part("name=\"type\"", "user") + part("name=\"f\"; filename=\"x.png\"", tiny_png) + "--XX--";
  const auto second = std::get<http::image_upload>(http::read_image_upload(form, 1000));
  CHECK(second.type == "user");
  CHECK(second.file_name == "x.png");
  CHECK(*second.bytes == *first.bytes);
}

TEST_CASE(
    "an upload that cannot be a picture is refused with the status that says why", "[http_forms]"
) {
  const auto status = [](std::string type, std::string body, std::size_t limit = 1000) {
    request req;
    req.headers = {{"content-type", std::move(type)}};
    req.body = std::move(body);
    const auto read = http::read_image_upload(req, limit);
    const auto* refusal = std::get_if<response>(&read);
    return refusal == nullptr ? 0U : refusal->status;
  };
  CHECK(status("image/png", std::string{tiny_png}) == 0);
  CHECK(status("application/json", "{}") == 415);
  CHECK(status("image/png", "GIF89a...") == 415);
  CHECK(status("image/png", "") == 400);
  CHECK(status("image/png", std::string{tiny_png}, 5) == 413);
  CHECK(status(std::string{form_type}, "nothing") == 400);
  CHECK(status(std::string{form_type}, part("name=\"type\"", "user") + "--XX--") == 400);
}

TEST_CASE("a target is taken apart and decoded", "[http_forms]") {
  const auto parsed = http::parse_target("/a%2Fb+c?x=%26+1&&y");
  REQUIRE(parsed);
  CHECK(parsed->path == "/a/b+c");
  REQUIRE(parsed->query.size() == 2);
  CHECK(parsed->query[0].second == "& 1");
  CHECK(http::parse_target("http://host:1/p?q=1")->path == "/p");
  CHECK(http::parse_target("http://host")->path == "/");
  CHECK(http::parse_target("*")->path == "*");
  for (const auto* bad : {"", "x", "/%", "/%4", "/%g0", "/%00", "/a#b", "/?%"}) {
    INFO(bad);
    CHECK_FALSE(http::parse_target(bad));
  }
}

TEST_CASE("the router knows paths, methods and what stands for the id", "[http_forms]") {
  http::router routes;
  std::string seen;
  const auto note = [&seen](const http::call_ptr& c) {
    seen = c->req.method + " " + c->id;
    c->to->send(http::make_json(200, "{}"));
  };
  std::vector<std::string> observed;
  routes.add("GET", "/things", note);
  routes.add("GET", "/things/{id}", note);
  routes.add("DELETE", "/things/{id}", note);
  routes.add("POST", "/things/{id}/go", note);
  routes.observe([&](const http::call_report& done) {
    observed.push_back(done.method + " " + done.route + " " + std::to_string(done.status));
  });
  const auto ask = [&](std::string method, std::string path) {
    request req;
    req.method = std::move(method);
    req.path = std::move(path);
    const auto to = std::make_shared<kept_answer>();
    routes.dispatch(std::move(req), to);
    REQUIRE(to->count == 1);
    return to->last;
  };
  CHECK(ask("GET", "/things").route == "/things");
  CHECK(ask("HEAD", "/things/7").route == "/things/{id}");
  CHECK(seen == "HEAD 7");
  CHECK(ask("POST", "/things/7/go").route == "/things/{id}/go");
  for (const auto* missing : {"/", "/things/", "/things/7/", "/things/7/8/go", "/things//go"}) {
    INFO(missing);
    CHECK(ask("GET", missing).status == 404);
  }
  const auto refusal = ask("PUT", "/things/7");
  CHECK(refusal.status == 405);
  CHECK(
      refusal.headers.back() == std::pair<std::string, std::string>{"Allow", "GET, HEAD, DELETE"}
  );
  CHECK(observed.front() == "GET /things 200");
  CHECK(observed.back() == "PUT none 405");
}

TEST_CASE("the router reports each call once, what was dropped as a 500", "[http_forms]") {
  http::router routes;
  routes.add("POST", "/things", [](const http::call_ptr& c) {
    auto answer = http::make_json(201, "{}");
    answer.target = "7";
    c->to->send(std::move(answer));
    c->to->send(http::make_json(200, "{}"));
  });
  routes.add("DELETE", "/things/{id}", [](const http::call_ptr&) {});
  std::vector<http::call_report> reports;
  routes.observe([&reports](const http::call_report& done) { reports.push_back(done); });
  for (const auto& [method, path] : {std::pair{"POST", "/things"}, {"DELETE", "/things/8"}}) {
    request req;
    req.method = method;
    req.path = path;
    req.request_id = "request-1";
    req.remote_address = "127.0.0.1";
    routes.dispatch(std::move(req), std::make_shared<kept_answer>());
  }
  REQUIRE(reports.size() == 2);
  CHECK(reports[0].status == 201);
  CHECK(reports[0].target == "7");
  CHECK(reports[1].status == 500);
  CHECK(reports[1].method == "DELETE");
  CHECK(reports[1].route == "/things/{id}");
  CHECK(reports[1].target == "8");
  CHECK(reports[1].request_id == "request-1");
  CHECK(reports[1].remote_address == "127.0.0.1");
}

TEST_CASE("each class of failure has its status", "[http_forms]") {
  using enum error_class;
  const std::vector<std::pair<error_class, unsigned>> expected{
      {invalid_input, 400}, {authentication, 401}, {permission, 403},     {not_found, 404},
      {conflict, 409},      {rate_limited, 429},   {quota_exceeded, 429}, {unavailable, 503},
      {timeout, 504},       {internal_bug, 500},   {connection, 500},     {server_error, 500}};
  for (const auto& [kind, status] : expected) {
    const auto answer = http::failure_answer({kind, "why", 1500ms});
    CHECK(answer.status == status);
    const auto json = adapters::parse_json(answer.body);
    REQUIRE(json);
    CHECK(*json->find("error")->as<std::string>() == to_string(kind));
    CHECK(*json->find("details")->as<std::string>() == "why");
    const bool says_when = answer.headers.back().first == "Retry-After";
    CHECK(says_when == (status == 429 || status == 503));
    CHECK((!says_when || answer.headers.back().second == "2"));
  }
}

TEST_CASE("the configuration is shown in groups and without secrets", "[http_forms]") {
  settings config;
  config.gemini.api_key = "sesame";
  const auto text = http::render_settings(config);
  CHECK(text.find("sesame") == std::string::npos);
  const auto json = adapters::parse_json(text);
  REQUIRE(json);
  CHECK(*json->find("maxWorkers")->as<std::int64_t>() == 5);
  CHECK(*json->find("jobTimeout")->as<std::string>() == "600s");
  CHECK(*json->find("enableMetrics")->as<bool>());
  CHECK(*json->find("retry")->find("jitter")->as<bool>());
  CHECK(*json->find("gemini")->find("apiKey")->as<std::string>() == "***");
}

TEST_CASE("what is shown of the configuration can be sent back", "[http_forms]") {
  const auto parsed = http::parse_changes(http::render_settings({}));
  CHECK(parsed.problems.empty());
  CHECK(parsed.changes.size() > 20);
}

TEST_CASE("changes of the configuration are read in every form that callers use", "[http_forms]") {
  const auto parsed = http::parse_changes(
      R"({"maxWorkers":8,"jobTimeout":600000000000,"pollInterval":"2s",
          "retry":{"jitter":false,"backoffFactor":1.5,"maxDelay":60000000000}})"
  );
  CHECK(parsed.problems.empty());
  const std::vector<settings_change> expected{
      {"maxWorkers", "8"},       {"jobTimeout", "600s"},         {"pollInterval", "2s"},
      {"retry.jitter", "false"}, {"retry.backoffFactor", "1.5"}, {"retry.maxDelay", "60s"}};
  CHECK(parsed.changes == expected);
  CHECK(http::parse_changes("[]").problems.front().field == "body");
  CHECK(http::parse_changes("{").problems.front().field == "body");
  const auto bad = http::parse_changes(R"({"maxWorkers":[1],"retry":{"jitter":null,"x":{}}})");
  REQUIRE(bad.problems.size() == 3);
  CHECK(bad.problems[1].field == "retry.jitter");
}

TEST_CASE("the status divides nothing by zero", "[http_forms]") {
  queue_status status;
  auto json = adapters::parse_json(http::render_status(status)).value();
  CHECK(*json.find("averageJobTime")->as<std::int64_t>() == 0);
  CHECK(*json.find("successRate")->as<std::int64_t>() == 0);
  CHECK(json.find("lastJobTime")->is_null());
  CHECK(*json.find("state")->as<std::string>() == "stopped");
  status.counts.completed = 3;
  status.counts.failed = 1;
  status.counts.completed_job_time = 3000ms;
  json = adapters::parse_json(http::render_status(status)).value();
  CHECK(*json.find("averageJobTime")->as<std::int64_t>() == 1000);
  CHECK(*json.find("successRate")->as<double>() == 0.75);
}
