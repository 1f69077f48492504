// SPDX-License-Identifier: MIT

// What the pages of an allowed origin may do, and those of others may not; what every answer says
// to browsers.

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_http.hpp"

#include <string>

using namespace stayler;
using namespace stayler::test;

namespace {

const std::string app = "https://app.example";
const std::string from_app = "Origin: https://app.example\r\nSec-Fetch-Site: cross-site\r\n";
const std::string from_elsewhere = "Origin: https://evil.example\r\nSec-Fetch-Site: cross-site\r\n";
const std::string asks_for_post =
    "Access-Control-Request-Method: POST\r\nAccess-Control-Request-Headers: authorization\r\n";

/// printf secret | sha256sum
const std::string key_of_ann =
    "ann:admin:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";
const std::string ann_s_key = "X-API-Key: secret\r\n";

bool may_read(const raw_answer& answer) {
  const auto allowed = answer.headers.find("access-control-allow-origin");
  return allowed != answer.headers.end() && allowed->second == app
         && answer.headers.at("vary") == "Origin";
}

}  // namespace

TEST_CASE("a preflight of an allowed origin is answered without a key", "[api_cors]") {
  service running{true, key_of_ann, {app}};
  const auto answer = running.ask("OPTIONS", "/worker/jobs", "", from_app + asks_for_post);
  CHECK(answer.status == 204);
  CHECK(may_read(answer));
  CHECK(answer.headers.at("access-control-allow-methods") == "POST, GET, HEAD");
  CHECK(answer.headers.at("access-control-allow-headers").find("Authorization") == 0);
  CHECK(answer.headers.count("access-control-allow-credentials") == 0);
  CHECK(running.audited().empty());
  CHECK(running.ask("OPTIONS", "/nowhere", "", from_app + asks_for_post).status == 404);
}

TEST_CASE("a preflight of another origin is refused", "[api_cors]") {
  service running{true, key_of_ann, {app}};
  const auto answer = running.ask("OPTIONS", "/worker/jobs", "", from_elsewhere + asks_for_post);
  CHECK(answer.status == 403);
  CHECK_FALSE(may_read(answer));
  CHECK(running.ask("OPTIONS", "/worker/jobs").status == 401);
}

TEST_CASE("pages of an allowed origin read answers, errors too", "[api_cors]") {
  service running{true, key_of_ann, {app}};
  const auto status = running.ask("GET", "/worker/status", "", from_app + ann_s_key);
  CHECK(status.status == 200);
  CHECK(may_read(status));
  CHECK(status.headers.at("access-control-expose-headers").find("Retry-After") > 0);
  const auto stranger = running.ask("GET", "/worker/status", "", from_app);
  CHECK(stranger.status == 401);
  CHECK(may_read(stranger));
  const auto missing = running.ask("GET", "/nowhere", "", from_app + ann_s_key);
  CHECK(missing.status == 404);
  CHECK(may_read(missing));
  raw_connection client{running.port()};
  client.send(
      "POST /worker/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999999\r\n" + from_app
      + ann_s_key + "\r\n"
  );
  const auto too_large = client.read_answer();
  CHECK(too_large.status == 413);
  CHECK(may_read(too_large));
}

TEST_CASE("pages of an allowed origin change things and follow events", "[api_cors]") {
  service running{true, key_of_ann, {app}};
  const auto stored =
      running.ask("POST", "/images", png, from_app + ann_s_key + "Content-Type: image/png\r\n");
  CHECK(stored.status == 201);
  CHECK(may_read(stored));
  raw_connection follower{running.port()};
  follower.send(
      "GET /worker/events HTTP/1.1\r\nHost: localhost\r\n" + from_app + ann_s_key + "\r\n"
  );
  const auto events = follower.read_answer(true);
  CHECK(events.status == 200);
  CHECK(may_read(events));
}

TEST_CASE("pages of other origins read nothing and change nothing", "[api_cors]") {
  service running{true, key_of_ann, {app}};
  const auto read = running.ask("GET", "/worker/status", "", from_elsewhere + ann_s_key);
  CHECK(read.headers.count("access-control-allow-origin") == 0);
  CHECK(read.headers.at("vary") == "Origin");
  CHECK(read.headers.at("cross-origin-resource-policy") == "same-origin");
  CHECK(running.ask("POST", "/worker/stop", "", from_elsewhere + ann_s_key).status == 403);
}

TEST_CASE("without keys an allowed origin is as one's own, others are refused", "[api_cors]") {
  service running{true, "", {app}};
  CHECK(may_read(running.ask("GET", "/worker/status", "", from_app)));
  CHECK(running.ask("OPTIONS", "/worker/jobs", "", from_app + asks_for_post).status == 204);
  CHECK(running.ask("GET", "/worker/status", "", from_elsewhere).status == 403);
  CHECK(running.ask("OPTIONS", "/worker/jobs", "", from_elsewhere + asks_for_post).status == 403);
}

TEST_CASE("every answer tells browsers what it is not", "[api_cors]") {
  service running;
  const auto picture = running.stored_picture();
  raw_connection broken{running.port()};
  broken.send("no HTTP\r\n\r\n");
  for (const auto& answer :
       {running.ask("GET", "/worker/status"), running.ask("GET", "/metrics"),
        running.ask("GET", "/nowhere"), running.ask("GET", "/images/" + picture),
        broken.read_answer()}) {
    INFO(answer.status);
    CHECK(answer.headers.at("x-content-type-options") == "nosniff");
    CHECK(
        answer.headers.at("content-security-policy") == "default-src 'none'; frame-ancestors 'none'"
    );
    CHECK(answer.headers.at("referrer-policy") == "no-referrer");
    CHECK(answer.headers.at("cross-origin-resource-policy") == "same-origin");
    CHECK(answer.headers.count("cache-control") == 1);
    CHECK(answer.headers.count("vary") == 0);
    CHECK(answer.headers.count("strict-transport-security") == 0);
  }
  CHECK(
      running.ask("GET", "/images/" + picture).headers.at("cache-control") == "private, no-cache"
  );
  CHECK(running.ask("GET", "/metrics").headers.at("cache-control") == "no-store");
}
