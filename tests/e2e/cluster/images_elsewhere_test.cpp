// SPDX-License-Identifier: MIT
// Images that are not in the worker's folder: in an S3 store, and at URLs.
#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/servers/s3_server.hpp"
#include "tests/support/tcp_server.hpp"

#include <algorithm>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

environment with_storage(const s3_server& server) {
  return {
      {"STORAGE_URL", server.storage_url("live")},
      {"S3_ACCESS_KEY_ID", s3_server::key_id},
      {"S3_SECRET_ACCESS_KEY", s3_server::secret}};
}

std::string storage_status(const service_stack& stack) {
  return text_at(stack.get("/worker/health").json(), {"checks", "storage", "status"});
}

std::string conversion_of(const std::string& person, const std::string& garment) {
  return R"({"type":"image_conversion","conversionId":"c-1","userId":"ann","payload":)"
         R"({"userImageId":")"
         + person + R"(","clothImageId":")" + garment + R"("}})";
}

/// Serves the person's photo whatever is asked for.
void serve_person(tcp_connection& to) {
  const auto photo = read_file(std::filesystem::path{STAYLER_ASSETS} / "person.jpg");
  while (!to.read_head().empty()) {
    to.answer(photo);
  }
}

}  // namespace

TEST_CASE("with S3, photos and pictures are objects, and nothing is in the folder") {
  s3_server s3;
  service_stack stack{with_storage(s3)};
  const auto job = stack.final_job(stack.submit());
  REQUIRE(text_at(job, {"status"}) == "completed");
  const auto picture = stack.get("/images/" + text_at(job, {"result", "imageId"}));
  CHECK(picture.status == 200);
  const auto objects = s3.objects();
  CHECK(
      std::count_if(
          objects.begin(), objects.end(),
          [&](const auto& object) { return object.second == picture.body; }
      )
      == 1
  );
  CHECK(std::all_of(objects.begin(), objects.end(), [](const auto& object) {
    return object.first.starts_with("live/images/") || object.first.starts_with("live/~probe-");
  }));
  CHECK_FALSE(std::filesystem::exists(stack.folder() / "data" / "blobs"));

  CHECK(stack.call("DELETE", "/images/" + stack.person()).status < 300);
  CHECK(stack.get("/images/" + stack.person()).status == 404);
  CHECK(stack.get("/worker/config").body.find(s3_server::secret) == std::string::npos);
  CHECK(stack.worker().stop() == 0);
  CHECK(stack.worker().output().find(s3_server::secret) == std::string::npos);
}

TEST_CASE("while S3 is away health says so, and a picture that was paid for waits for it") {
  s3_server s3;
  service_stack stack{with_storage(s3)};
  stack.person();
  stack.garment();
  s3.fail({s3_fault::kind::refuse, "PUT live/images/", 8});
  const auto id = stack.submit();
  const auto job = stack.final_job(id, 60s);
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(stack.sim_count({"generateCalls"}) == 1);

  s3.fail({s3_fault::kind::reset, "", 1'000'000});
  wait_until("health has noticed", [&] { return storage_status(stack) != "healthy"; });
  s3.heal();
  wait_until("health has noticed", [&] { return storage_status(stack) == "healthy"; });
}

TEST_CASE("a photo at a URL is fetched for the job") {
  tcp_server cdn{serve_person};
  const std::string host = "127.0.0.1:" + std::to_string(cdn.port());
  service_stack stack{{{"IMAGE_URL_ALLOW", host}, {"IMAGE_URL_ALLOW_PRIVATE", "true"}}};
  const std::string body = conversion_of(cdn.url("/ann.jpg?signature=abc"), stack.garment());
  const auto taken = stack.call("POST", "/worker/jobs", body);
  REQUIRE(taken.status == 201);
  const auto job = stack.final_job(text_at(taken.json(), {"id"}));
  CHECK(text_at(job, {"status"}) == "completed");
  CHECK(cdn.connections() == 1);
  CHECK(stack.get("/images/" + cdn.url("/ann.jpg")).status == 404);
  CHECK(cdn.connections() == 1);
}

TEST_CASE("a URL that may not be fetched is refused by field, or where its address shows") {
  tcp_server inner{serve_person};
  const std::string port = std::to_string(inner.port());
  service_stack stack{{{"IMAGE_URL_ALLOW", "localhost:" + port}}};
  const auto refused = stack.call(
      "POST", "/worker/jobs", conversion_of("http://169.254.169.254/latest", stack.garment())
  );
  CHECK(refused.status == 400);
  CHECK(text_at(refused.json(), {"errors", "0", "field"}) == "payload.userImageId");

  const auto taken = stack.call(
      "POST", "/worker/jobs", conversion_of("http://localhost:" + port + "/x", stack.garment())
  );
  REQUIRE(taken.status == 201);
  const auto job = stack.final_job(text_at(taken.json(), {"id"}));
  CHECK(text_at(job, {"status"}) == "failed");
  CHECK(text_at(job, {"error", "class"}) == "permission");
  CHECK(inner.connections() == 0);
}
