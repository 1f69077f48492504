// SPDX-License-Identifier: MIT

// /users/{id}/data: who may, what is answered, and what the archive is.

#include "adapters/checksum/checksum.hpp"
#include "adapters/user_tags/user_tags.hpp"
#include "http/api/export/tar.hpp"
#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_http.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <string>

using namespace stayler;
using namespace stayler::test;

namespace {

std::uint64_t octal(const std::string& digits) {
  return std::stoull(digits, nullptr, 8);
}

/// The files of an archive, up to its end mark; the name "" stands for that.
std::map<std::string, std::string> files_in(const std::string& tar) {
  std::map<std::string, std::string> files;
  std::size_t at = 0;
  while (at + 512 <= tar.size()) {
    const std::string name = tar.substr(at, 100).c_str();
    if (name.empty()) {
      files[""] = tar.substr(at);
      return files;
    }
    CHECK(tar.substr(at + 257, 5) == "ustar");
    const auto size = octal(tar.substr(at + 124, 11));
    files[name] = tar.substr(at + 512, size);
    at += 512 + (size + 511) / 512 * 512;
  }
  return files;
}

/// The archive as it comes, without chunks.
raw_answer archive_of(const service& running, const std::string& user) {
  raw_connection client{running.port()};
  client.send("GET /users/" + user + "/data HTTP/1.0\r\nHost: localhost\r\n\r\n");
  raw_answer answer = client.read_answer();
  answer.body = client.read_to_end();
  return answer;
}

std::string key_for(const std::string& name, const std::string& role, const std::string& users) {
  const auto hash = adapters::sha256_hex(std::as_bytes(std::span{name}));
  return name + ":" + role + ":" + hash + users;
}

std::string header_of(const std::string& key) {
  return "X-API-Key: " + key + "\r\n";
}

}  // namespace

TEST_CASE("an erasure is taken on with the place where it is told of", "[api_user_data]") {
  service running;
  const auto begun = running.ask("DELETE", "/users/auth0%7Cann/data");
  CHECK(begun.status == 202);
  const auto place = begun.headers.at("location");
  CHECK(text_at(json_of(begun), "status") == "running");
  const auto seen = running.ask("GET", place);
  CHECK(seen.status == 200);
  CHECK(seen.body == begun.body);
  CHECK(seen.body.find("auth0|ann") == std::string::npos);
  CHECK(*json_of(seen).find("erased")->find("jobs")->as<std::int64_t>() == 3);
  CHECK(running.ask("GET", "/worker/erasures/none").status == 404);
  CHECK(running.ask("GET", "/worker/erasures/01936d4e-0000-7000-8000-000000000001").status == 404);
  problem_of(running.ask("DELETE", "/users/cut-off/data"), 503, "unavailable");
  CHECK(running.ask("DELETE", "/users/a%09b/data").status >= 400);
}

TEST_CASE(
    "who takes a user's data away or erases it is in the trail, the user as a tag",
    "[api_user_data]"
) {
  service running;
  running.ask("GET", "/users/ann/data");
  running.ask("DELETE", "/users/ann/data");
  const auto records = running.audited();
  REQUIRE(records.size() == 2);
  CHECK(records[0].action == "GET /users/{id}/data");
  CHECK(records[1].action == "DELETE /users/{id}/data");
  CHECK(records[1].details.starts_with("erasure "));
  for (const auto& each : records) {
    CHECK(each.target == adapters::user_tags{""}.of("ann"));
  }
}

TEST_CASE("an erasure is for its user's keys and for those of all users", "[api_user_data]") {
  service running{
      true, key_for("admin", "admin", "") + "," + key_for("ann", "submitter", ":ann") + ","
                + key_for("bob", "submitter", ":bob")};
  const auto begun = running.ask("DELETE", "/users/ann/data", "", header_of("ann"));
  REQUIRE(begun.status == 202);
  const auto place = begun.headers.at("location");
  CHECK(running.ask("GET", place, "", header_of("ann")).status == 200);
  CHECK(running.ask("GET", place, "", header_of("admin")).status == 200);
  CHECK(running.ask("GET", place, "", header_of("bob")).status == 404);
  CHECK(running.ask("DELETE", "/users/ann/data", "", header_of("bob")).status == 403);
}

TEST_CASE("an archive has all files of its user, and says when one is missing", "[api_user_data]") {
  service running;
  const auto image =
      running.ask("POST", "/images?userId=half-gone", png, "Content-Type: image/png\r\n")
          .headers.at("location")
          .substr(std::string_view{"/images/"}.size());
  static_cast<void>(running.stored_picture());
  const auto answer = archive_of(running, "half-gone");
  REQUIRE(answer.status == 200);
  CHECK(answer.headers.at("content-type") == "application/x-tar");
  const auto files = files_in(answer.body);
  CHECK(files.at("images/" + image + ".png") == png);
  CHECK(files.at("conversions/0001.json").find("conversion-of-half-gone") != std::string::npos);
  CHECK(files.at("images/0001.json").find(image) != std::string::npos);
  CHECK(
      files.at("manifest.json").find(R"("images":2,"missingImages":["zz-gone"])")
      != std::string::npos
  );
  CHECK(files.at("") == std::string(1'024, '\0'));
  CHECK(files_in(archive_of(running, "nobody").body).contains("manifest.json"));
}

TEST_CASE("an archive that cannot be completed is cut off", "[api_user_data]") {
  service running;
  const auto answer = archive_of(running, "cut-off");
  CHECK(answer.status == 200);
  CHECK(answer.body.size() % 512 != 0);
  const auto files = files_in(answer.body);
  CHECK_FALSE(files.contains("manifest.json"));
  CHECK_FALSE(files.contains(""));
  CHECK(answer.body.find("10.0.0.1") == std::string::npos);
}

TEST_CASE("a head of an archive's file has the sum of its bytes", "[api_user_data]") {
  const auto head = http::tar_head("a", 1'000, timestamp{milliseconds{1'800'000'000'000}});
  REQUIRE(head.size() == 512);
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < head.size(); ++i) {
    sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(head[i]);
  }
  CHECK(octal(head.substr(148, 6)) == sum);
  CHECK(octal(head.substr(136, 11)) == 1'800'000'000);
  CHECK(http::tar_padding(1'000).size() == 24);
  CHECK(http::tar_padding(1'024).empty());
}
