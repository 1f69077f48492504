// SPDX-License-Identifier: MIT

// What of the dashboard is under which address, and what browsers may keep of it.

#include "http/api/dashboard/dashboard.hpp"

#include "http/api/access/access.hpp"
#include "http/api/dashboard/dashboard_files.hpp"
#include "tests/support/catch.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

using namespace stayler;

namespace {

struct kept_answer final : http::responder {
  http::response last;
  void send(http::response answer) override { last = std::move(answer); }
};

http::response get(const std::string& path, const std::string& accepted = "*/*") {
  http::router routes;
  http::add_dashboard_routes(routes);
  http::request made;
  made.method = "GET";
  made.path = path;
  made.headers = {{"accept", accepted}};
  const auto responder = std::make_shared<kept_answer>();
  routes.dispatch(std::move(made), responder);
  return std::move(responder->last);
}

std::string header(const http::response& answer, std::string_view name) {
  const auto found = std::ranges::find(answer.headers, name, &http::header_list::value_type::first);
  return found == answer.headers.end() ? "" : found->second;
}

std::string text_of(const http::response& answer) {
  REQUIRE(answer.bytes);
  return {reinterpret_cast<const char*>(answer.bytes->data()), answer.byte_count};
}

/// The file's name in the program, by what it was called before it had a hash.
std::string name_of(std::string_view begin, std::string_view end) {
  for (const auto& each : http::dashboard_files()) {
    if (each.name.starts_with(begin) && each.name.ends_with(end)) {
      return std::string{each.name};
    }
  }
  FAIL("there is no file " << begin << "..." << end);
  return {};
}

}  // namespace

TEST_CASE("the root leads to the dashboard", "[dashboard]") {
  const auto answer = get("/");
  CHECK(answer.status == 302);
  CHECK(header(answer, "Location") == "/ui/now");
}

TEST_CASE("every page is the shell, which is kept nowhere and runs nothing else", "[dashboard]") {
  for (const auto* path : {"/ui/now", "/ui/jobs", "/ui/jobs/0198f2c4", "/ui/nothing"}) {
    INFO(path);
    const auto answer = get(path);
    CHECK(answer.status == 200);
    CHECK(header(answer, "Content-Type") == "text/html; charset=utf-8");
    CHECK(header(answer, "Cache-Control") == "no-store");
    const auto policy = header(answer, "Content-Security-Policy");
    CHECK(policy.find("default-src 'none'") != std::string::npos);
    CHECK(policy.find("require-trusted-types-for 'script'") != std::string::npos);
    CHECK(policy.find("unsafe") == std::string::npos);
  }
}

TEST_CASE("people who follow a wrong link are shown so, and programs are told", "[dashboard]") {
  for (const auto* path : {"/ui/jobs/1/more", "/ui/a/b/c", "/ui/jobs/1/", "/ui/files/a/b"}) {
    INFO(path);
    const auto shown = get(path, "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8");
    CHECK(shown.status == 404);
    CHECK(header(shown, "Content-Type") == "text/html; charset=utf-8");
    CHECK(header(shown, "Content-Security-Policy").find("default-src 'none'") == 0);
    CHECK(header(get(path), "Content-Type") == "application/problem+json");
    CHECK(get(path).status == 404);
  }
}

TEST_CASE("a slash behind a page's name leads to the page", "[dashboard]") {
  const auto answer = get("/ui/jobs/");
  CHECK(answer.status == 302);
  CHECK(header(answer, "Location") == "/ui/jobs");
  CHECK(header(get("/ui/jobs//"), "Location") == "/ui/jobs");
  // Never to another host.
  CHECK(header(get("/ui//example.com/"), "Location").empty());
}

TEST_CASE("the shell names the files of its own version", "[dashboard]") {
  const auto shell = text_of(get("/ui/now"));
  for (const auto& name : {name_of("app-", ".js"), name_of("app-", ".css"), name_of("icon-", "")}) {
    CHECK(shell.find("\"/ui/files/" + name + "\"") != std::string::npos);
  }
  // Each script of a page is a file: its policy allows no other.
  CHECK(shell.find("<script>") == std::string::npos);
  CHECK(shell.find("style=") == std::string::npos);
}

TEST_CASE("files are compressed, and kept for good by browsers", "[dashboard]") {
  const auto answer = get("/ui/files/" + name_of("app-", ".js"));
  CHECK(answer.status == 200);
  CHECK(header(answer, "Content-Type") == "text/javascript; charset=utf-8");
  CHECK(header(answer, "Content-Encoding") == "gzip");
  CHECK(header(answer, "Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(text_of(answer).starts_with("\x1f\x8b"));
  const auto picture = get("/ui/files/" + name_of("person-", ".jpg"));
  CHECK(header(picture, "Content-Type") == "image/jpeg");
  CHECK(header(picture, "Content-Encoding").empty());
}

TEST_CASE("a file of another version is not there", "[dashboard]") {
  CHECK(get("/ui/files/app-00000000.js").status == 404);
  CHECK(get("/ui/files/index.html").status == 404);
  CHECK(get("/ui/files/..").status == 404);
}

TEST_CASE("all files together are under 200 KB", "[dashboard]") {
  std::size_t sum = 0;
  for (const auto& each : http::dashboard_files()) {
    sum += each.bytes.size();
  }
  CHECK(sum < 200UL * 1024);
}

TEST_CASE("the dashboard needs no key to be loaded", "[dashboard]") {
  for (const auto* route :
       {"/", "/ui", "/ui/", "/ui/{id}", "/ui/jobs/{id}", "/ui/files/{id}", "/ui/{rest}"}) {
    INFO(route);
    CHECK(http::access_of("GET", route).is_open);
  }
}

TEST_CASE("only a link that is followed is a visit", "[dashboard]") {
  const auto is_visit = [](const std::string& method, const std::string& path,
                           const std::string& mode, const std::string& destination) {
    http::request head;
    head.method = method;
    head.path = path;
    head.headers = {{"sec-fetch-mode", mode}, {"sec-fetch-dest", destination}};
    return http::is_visit_of_dashboard(head);
  };
  CHECK(is_visit("GET", "/", "navigate", "document"));
  CHECK(is_visit("GET", "/ui/jobs/1", "navigate", "document"));
  CHECK_FALSE(is_visit("GET", "/ui/now", "navigate", "iframe"));
  CHECK_FALSE(is_visit("GET", "/ui/files/app.js", "no-cors", "script"));
  CHECK_FALSE(is_visit("GET", "/worker/jobs", "navigate", "document"));
  CHECK_FALSE(is_visit("POST", "/ui/now", "navigate", "document"));
}
