// SPDX-License-Identifier: MIT

// A web page that somebody looks at cannot use the service in that person's name.

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/raw_http.hpp"

#include <string>

using namespace stayler;
using namespace stayler::test;

namespace {

const std::string evil_page = "Origin: http://evil.example\r\nSec-Fetch-Site: cross-site\r\n";

unsigned status_of_raw(const service& running, const std::string& bytes) {
  raw_connection client{running.port()};
  client.send(bytes);
  return client.read_answer().status;
}

}  // namespace

TEST_CASE("without keys a page of another site is refused on every route", "[api_origins]") {
  service running;
  for (const auto* path : {"/worker/stop", "/worker/dead-letters/retry", "/images", "/nowhere"}) {
    INFO(path);
    CHECK(running.ask("POST", path, "", evil_page).status == 403);
  }
  CHECK(running.ask("GET", "/worker/config", "", evil_page).status == 403);
  CHECK(running.ask("GET", "/health", "", evil_page).status == 403);
  CHECK(running.ask("GET", "/worker/status").status == 200);
}

TEST_CASE("without keys a name that was made to lead here reads nothing", "[api_origins]") {
  service running;
  CHECK(
      status_of_raw(running, "GET /worker/config HTTP/1.1\r\nHost: evil.example:8080\r\n\r\n")
      == 421
  );
  CHECK(
      status_of_raw(
          running, "GET http://evil.example/worker/config HTTP/1.1\r\nHost: evil.example\r\n\r\n"
      )
      == 421
  );
  CHECK(
      status_of_raw(
          running, "GET http://evil.example/worker/config HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
      )
      == 400
  );
}

TEST_CASE("the body of a refused page is not read, and the refusal is audited", "[api_origins]") {
  service running;
  raw_connection client{running.port()};
  client.send(
      "POST /worker/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000\r\n" + evil_page
      + "\r\n"
  );
  const auto answer = client.read_answer();
  CHECK(answer.status == 403);
  CHECK(answer.headers.at("connection") == "close");
  const auto records = running.audited();
  REQUIRE(records.size() == 1);
  CHECK(records.front().status == 403);
}

TEST_CASE("without keys the service's own pages may call it", "[api_origins]") {
  service running;
  const std::string own = "Origin: http://localhost\r\nSec-Fetch-Site: same-origin\r\n";
  const auto stored = running.ask("POST", "/images", png, own + "Content-Type: image/png\r\n");
  CHECK(stored.status == 201);
  const auto json = own + "Content-Type: application/json\r\n";
  const auto image = running.stored_picture();
  CHECK(running.ask("POST", "/worker/jobs", conversion(image, image), json).status == 201);
  CHECK(running.ask("POST", "/worker/jobs", conversion(image, image), own).status == 415);
}
