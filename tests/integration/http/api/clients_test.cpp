// SPDX-License-Identifier: MIT

// Clients as they are: with ids of identity providers, values that their language cannot leave out,
// questions that are asked again and again, and bodies that others would take.

#include "adapters/checksum/checksum.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace stayler;
using namespace stayler::test;
using adapters::json_value;

namespace {

/// A user's id as it is, and as it stands in a query.
struct spelt_id {
  std::string id;
  std::string encoded;
};

const std::vector<spelt_id> usual_ids{
    {"auth0|62e0", "auth0%7C62e0"},
    {"ann@example.com", "ann@example.com"},
    {"ann+test@example.com", "ann%2Btest@example.com"},
    {"Ann Lee/7", "Ann%20Lee%2F7"},
    {"Ζωή", "%CE%96%CF%89%CE%AE"}};

std::size_t count_of_jobs(const raw_answer& page) {
  return json_of(page).find("jobs")->as<json_value::array>()->size();
}

std::string hash_of_key(std::string_view key) {
  return adapters::sha256_hex(std::as_bytes(std::span{key}));
}

std::string with(const std::string& key) {
  return "Authorization: Bearer " + key + "\r\n";
}

}  // namespace

TEST_CASE("users' ids of identity providers are taken wherever a user is named", "[api_clients]") {
  service running;
  for (const auto& [id, encoded] : usual_ids) {
    INFO(id);
    const auto stored = running.ask("POST", "/images?userId=" + encoded, png);
    REQUIRE(stored.status == 201);
    CHECK(text_at(json_of(stored), "userId") == id);
    const auto image = text_at(json_of(stored), "id");
    const auto created =
        running.post_json("/worker/jobs", conversion(image, image, id, "c-" + image));
    REQUIRE(created.status == 201);
    CHECK(text_at(json_of(created), "userId") == id);
    CHECK(count_of_jobs(running.ask("GET", "/worker/jobs?userId=" + encoded)) == 1);
  }
  const auto image = running.stored_picture();
  const auto refused = running.post_json("/worker/jobs", conversion(image, image, "a\\u0007b"));
  CHECK(fields_of(problem_of(refused, 400, "invalid_input")) == std::vector<std::string>{"userId"});
  problem_of(running.ask("POST", "/images?userId=a%0Ab", png), 400, "invalid_input");
  problem_of(running.ask("GET", "/worker/jobs?userId=%FF"), 400, "invalid_input");
}

TEST_CASE("a key is for users of such ids, and for no others", "[api_clients]") {
  service running{
      true, "m:submitter:" + hash_of_key("mine")
                + ":auth0|62e0+ann%2Btest@example.com,s:admin:" + hash_of_key("root")};
  const auto mine = with("mine");
  for (const std::string own : {"auth0%7C62e0", "ann%2Btest@example.com"}) {
    CHECK(running.ask("GET", "/worker/jobs?userId=" + own, "", mine).status == 200);
    CHECK(running.ask("POST", "/images?userId=" + own, png, mine).status == 201);
  }
  for (const std::string other : {"auth0%7C62e", "auth0", "ann+test@example.com", "62e0"}) {
    problem_of(running.ask("GET", "/worker/jobs?userId=" + other, "", mine), 403, "permission");
  }
}

TEST_CASE("a job that has not changed is not sent again", "[api_clients]") {
  service running;
  const auto image = running.stored_picture();
  const auto created = running.post_json("/worker/jobs", conversion(image, image));
  const auto location = created.headers.at("location");
  // From then on it says why it waits.
  running.await_overview();
  const auto first = running.ask("GET", location);
  REQUIRE(first.status == 200);
  const auto tag = first.headers.at("etag");
  CHECK(first.headers.at("cache-control") == "private, no-cache");
  const auto known = "If-None-Match: " + tag + "\r\n";
  const auto again = running.ask("GET", location, "", known);
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(again.headers.at("etag") == tag);
  CHECK(running.ask("HEAD", location, "", known).status == 304);
  CHECK(running.ask("DELETE", location).status == 200);
  const auto changed = running.ask("GET", location, "", known);
  CHECK(changed.status == 200);
  CHECK(changed.headers.at("etag") != tag);
}

TEST_CASE("HEAD is answered wherever GET is, without the body", "[api_clients]") {
  service running;
  const auto image = "/images/" + running.stored_picture();
  const auto job = running.post_json("/worker/jobs", conversion(image.substr(8), image.substr(8)))
                       .headers.at("location");
  for (const std::string& path :
       {job, image, std::string{"/worker/jobs"}, std::string{"/worker/status"},
        std::string{"/worker/stats"}, std::string{"/worker/workers"}, std::string{"/worker/config"},
        std::string{"/worker/dead-letters"}, std::string{"/worker/health"}, std::string{"/health"},
        std::string{"/metrics"}}) {
    INFO(path);
    const auto full = running.ask("GET", path);
    const auto head = running.ask("HEAD", path);
    CHECK(head.status == full.status);
    CHECK(head.body.empty());
    std::vector<std::string> names;
    std::vector<std::string> names_of_full;
    for (const auto& each : head.headers) {
      names.push_back(each.first);
    }
    for (const auto& each : full.headers) {
      names_of_full.push_back(each.first);
    }
    CHECK(names == names_of_full);
    CHECK(head.headers.at("content-type") == full.headers.at("content-type"));
    CHECK(head.headers.contains("content-length"));
  }
  CHECK(
      running.ask("HEAD", job).headers.at("content-length")
      == running.ask("GET", job).headers.at("content-length")
  );
  const auto wrong = running.ask("PATCH", job);
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.at("allow") == "GET, HEAD, DELETE");
}

TEST_CASE("a compressed body is refused, and is told what is taken", "[api_clients]") {
  service running;
  const auto refused = running.ask(
      "POST", "/worker/jobs", "\x1F\x8B...",
      "Content-Type: application/json\r\nContent-Encoding: gzip\r\n"
  );
  CHECK(refused.status == 415);
  CHECK(refused.headers.at("accept-encoding") == "identity");
}

TEST_CASE("zero values of a Go client are taken for nothing said", "[api_clients]") {
  service running;
  const auto image = running.stored_picture();
  auto body = conversion(image, image);
  body.insert(1, R"("priority":0,"timeout":0,"runAt":"0001-01-01T00:00:00Z",)");
  const auto created = running.post_json("/worker/jobs", body);
  INFO(created.body);
  REQUIRE(created.status == 201);
  const auto job = json_of(created);
  CHECK(*job.find("priority")->as<std::int64_t>() == 5);
  CHECK(job.find("runAt") == nullptr);
}
