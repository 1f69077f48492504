// SPDX-License-Identifier: MIT

// Proves that an address can stand for a key, for one thing and for a while.

#include "adapters/checksum/checksum.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <cstring>
#include <span>
#include <string>

using namespace stayler;
using namespace stayler::test;

namespace {

/// The keys "view", "mine" (of the user u1) and "root".
std::string linking_keys() {
  const auto hash = [](std::string_view key) {
    return adapters::sha256_hex(std::as_bytes(std::span{key}));
  };
  return "v:viewer:" + hash("view") + ",m:submitter:" + hash("mine")
         + ":u1,r:admin:" + hash("root");
}

std::string shown(const std::string& key) {
  return "X-API-Key: " + key + "\r\n";
}

/// The address of a new picture of that user.
std::string new_picture(service& running, const std::string& user, const std::string& more = "") {
  const auto answer = running.ask("POST", "/images?userId=" + user + more, png, shown("root"));
  REQUIRE(answer.status == 201);
  return answer.headers.at("location");
}

/// A member of the answer to a link that was asked for.
std::string made_link(
    service& running,
    const std::string& path,
    const std::string& key,
    const std::string& body = "",
    const std::string& member = "url"
) {
  const auto answer = running.ask("POST", path, body, shown(key));
  INFO(answer.body);
  REQUIRE(answer.status == 201);
  return text_at(json_of(answer), member);
}

}  // namespace

TEST_CASE("a signed link shows one image without a key, and changes nothing", "[api_links]") {
  service running{true, linking_keys()};
  const auto image = new_picture(running, "u1");
  const auto link = made_link(running, image + "/links", "mine");
  const auto answer = running.ask("GET", link);
  CHECK(answer.status == 200);
  CHECK(answer.body == running.ask("GET", image, "", shown("mine")).body);
  CHECK(answer.headers.at("cross-origin-resource-policy") == "cross-origin");
  CHECK(running.ask("HEAD", link).status == 200);
  problem_of(running.ask("DELETE", link), 401, "authentication");
  problem_of(running.ask("POST", link + "/links"), 401, "authentication");
  problem_of(running.ask("GET", link + "0"), 401, "authentication");
  const auto other = new_picture(running, "u1");
  problem_of(running.ask("GET", other + link.substr(link.find('?'))), 401, "authentication");
}

TEST_CASE(
    "a link to an image has one to its thumbnail beside it, where there is one", "[api_links]"
) {
  service running{true, linking_keys()};
  const auto image = new_picture(running, "u1", "&type=vendor");
  const auto link = made_link(running, image + "/links", "mine", "", "thumbnailUrl");
  CHECK(link.starts_with(image + "/thumbnail?"));
  CHECK(running.ask("GET", link).status == 200);
  const auto without =
      running.ask("POST", new_picture(running, "u1") + "/links", "", shown("mine"));
  CHECK(json_of(without).find("thumbnailUrl") == nullptr);
}

TEST_CASE("of a call by a link no body is read", "[api_links]") {
  service running{true, linking_keys()};
  const auto link = made_link(running, new_picture(running, "u1") + "/links", "mine");
  raw_connection client{running.port()};
  // The body that is announced never comes.
  client.send("GET " + link + " HTTP/1.1\r\nHost: t\r\nContent-Length: 9000\r\n\r\n");
  const auto answer = client.read_answer();
  CHECK(answer.status == 200);
  CHECK(answer.headers.at("connection") == "close");
}

TEST_CASE("a link is made for what one may see", "[api_links]") {
  service running{true, linking_keys()};
  const auto hidden = new_picture(running, "u9");
  const auto vendors = new_picture(running, "u9", "&type=vendor");
  const auto refused = running.ask("POST", hidden + "/links", "", shown("mine"));
  const auto missing = running.ask("POST", "/images/nothing/links", "", shown("mine"));
  problem_of(refused, 404, "not_found");
  CHECK(text_at(json_of(refused), "detail") == text_at(json_of(missing), "detail"));
  CHECK(running.ask("GET", made_link(running, vendors + "/links", "mine")).status == 200);
  CHECK(running.ask("GET", made_link(running, hidden + "/links", "view")).status == 200);
  problem_of(running.ask("POST", vendors + "/links"), 401, "authentication");
}

TEST_CASE("a link says how long it is to be good, up to a week", "[api_links]") {
  service running{true, linking_keys()};
  const auto path = new_picture(running, "u1") + "/links";
  CHECK(running.ask("POST", path, R"({"expiresIn":"168h"})", shown("mine")).status == 201);
  const auto refused = running.ask("POST", path, R"({"expiresIn":"169h"})", shown("mine"));
  CHECK(
      fields_of(problem_of(refused, 400, "invalid_input")) == std::vector<std::string>{"expiresIn"}
  );
  const auto unknown = running.ask("POST", path, R"({"jobId":"a"})", shown("mine"));
  CHECK(fields_of(problem_of(unknown, 400, "invalid_input")) == std::vector<std::string>{"jobId"});
}

TEST_CASE("an event ticket opens a stream without a key", "[api_links]") {
  service running{true, linking_keys()};
  const auto all = made_link(running, "/worker/events/tickets", "view");
  CHECK(running.follow(all).answer().status == 200);
  CHECK(running.follow(all + "&status=failed").answer().status == 200);
  problem_of(running.ask("GET", "/worker/events"), 401, "authentication");
}

TEST_CASE("a key for some users gets tickets for their jobs alone", "[api_links]") {
  service running{true, linking_keys()};
  const auto ticket = [&](const std::string& job) {
    return running.ask(
        "POST", "/worker/events/tickets", job.empty() ? "" : R"({"jobId":")" + job + R"("})",
        shown("mine")
    );
  };
  const auto submit = [&](const std::string& user) {
    const auto picture = new_picture(running, user).substr(std::strlen("/images/"));
    const auto answer = running.ask(
        "POST", "/worker/jobs", conversion(picture, picture, user, "c-" + user), shown("root")
    );
    REQUIRE(answer.status == 201);
    return text_at(json_of(answer), "id");
  };
  const auto own = ticket(submit("u1"));
  REQUIRE(own.status == 201);
  CHECK(running.follow(text_at(json_of(own), "url")).answer().status == 200);
  const auto others = ticket(submit("u9"));
  problem_of(others, 404, "not_found");
  const auto nobodys = ticket("01936d4e-0000-7000-8000-000000000001");
  CHECK(text_at(json_of(others), "detail") == text_at(json_of(nobodys), "detail"));
  problem_of(ticket(""), 403, "permission");
}

TEST_CASE("without keys a link is the plain address", "[api_links]") {
  service running;
  const auto id = running.stored_picture();
  const auto answer = running.post_json("/images/" + id + "/links", "");
  REQUIRE(answer.status == 201);
  CHECK(text_at(json_of(answer), "url") == "/images/" + id);
}
