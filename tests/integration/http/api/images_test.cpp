// SPDX-License-Identifier: MIT

#include "tests/integration/http/api/service.hpp"
#include "tests/support/catch.hpp"

#include <string>
#include <vector>

using namespace stayler;
using namespace stayler::test;

TEST_CASE("an image is stored and shown, whole or in part", "[api_images]") {
  service running;
  const auto created = running.ask(
      "POST", "/images?userId=u1&type=vendor", png, "Content-Type: application/octet-stream\r\n"
  );
  CHECK(created.status == 201);
  const auto row = json_of(created);
  CHECK(text_at(row, "type") == "vendor");
  CHECK(text_at(row, "userId") == "u1");
  CHECK(text_at(row, "mimeType") == "image/png");
  const auto url = text_at(row, "url");

  const auto whole = running.ask("GET", url);
  CHECK(whole.status == 200);
  CHECK(whole.body == png);
  CHECK(whole.headers.at("content-type") == "image/png");
  CHECK(whole.headers.at("accept-ranges") == "bytes");
  const auto tag = whole.headers.at("etag");

  const auto head = running.ask("HEAD", url);
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == std::to_string(png.size()));

  const auto part = running.ask("GET", url, "", "Range: bytes=8-11\r\n");
  CHECK(part.status == 206);
  CHECK(part.body == "0123");
  CHECK(part.headers.at("content-range") == "bytes 8-11/18");
  CHECK(running.ask("GET", url, "", "Range: bytes=8-11\r\nIf-Range: \"old\"\r\n").status == 200);
  const auto outside = running.ask("GET", url, "", "Range: bytes=18-\r\n");
  CHECK(outside.status == 416);
  CHECK(outside.headers.at("content-range") == "bytes */18");

  CHECK(running.ask("GET", url, "", "If-None-Match: " + tag + "\r\n").status == 304);
  CHECK(running.ask("GET", url, "", "If-None-Match: \"other\"\r\n").status == 200);
  problem_of(running.ask("GET", url + "/thumbnail"), 404, "not_found");

  CHECK(running.ask("DELETE", url).status == 204);
  problem_of(running.ask("GET", url), 404, "not_found");
  problem_of(running.ask("DELETE", url), 404, "not_found");
  problem_of(running.ask("GET", "/images/..%3A"), 404, "not_found");
}

TEST_CASE(
    "what is no JPEG, PNG or WebP is handed out to be saved, never to be shown", "[api_images]"
) {
  service running;
  const auto url = "/images/" + running.stored_picture();
  const auto shown = running.ask("GET", url);
  CHECK(shown.headers.at("content-type") == "image/png");
  CHECK(shown.headers.count("content-disposition") == 0);
  for (const std::string name : {"row-text-html", "row-image-svg.xml", "row-"}) {
    INFO(name);
    const auto saved = running.ask("GET", "/images/" + name);
    CHECK(saved.status == 200);
    CHECK(saved.headers.at("content-type") == "application/octet-stream");
    CHECK(saved.headers.at("content-disposition") == "attachment");
    CHECK(saved.headers.at("x-content-type-options") == "nosniff");
  }
}

TEST_CASE("an image may be uploaded as a form", "[api_images]") {
  service running;
  const std::string body =
      "--B\r\nContent-Disposition: form-data; name=\"userId\"\r\n\r\nu9\r\n"
      "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"me.png\"\r\n"
      "Content-Type: image/png\r\n\r\n"
      + std::string{png} + "\r\n--B--\r\n";
  const auto created =
      running.ask("POST", "/images", body, "Content-Type: multipart/form-data; boundary=B\r\n");
  CHECK(created.status == 201);
  CHECK(text_at(json_of(created), "userId") == "u9");
  CHECK(text_at(json_of(created), "fileName") == "me.png");
  CHECK(running.ask("GET", created.headers.at("location")).body == png);
}

TEST_CASE("what is not an image, or too large a one, is refused", "[api_images]") {
  service running;
  const auto type = "Content-Type: image/png\r\n";
  problem_of(running.ask("POST", "/images", "plain text", type), 415, "invalid_input");
  problem_of(running.ask("POST", "/images", png.substr(0, 9), type), 400, "invalid_input");
  problem_of(running.ask("POST", "/images", "", type), 400, "invalid_input");
  problem_of(
      running.ask("POST", "/images", "{}", "Content-Type: application/json\r\n"), 415,
      "invalid_input"
  );
  const auto large = running.ask("POST", "/images", std::string(10'001, 'x'), type);
  const auto problem = problem_of(large, 413, "invalid_input");
  CHECK(text_at(problem, "detail").find("10000") != std::string::npos);
  const auto bad_fields = running.ask("POST", "/images?userId=a%20b&type=x", png, type);
  CHECK(
      fields_of(problem_of(bad_fields, 400, "invalid_input"))
      == std::vector<std::string>{"userId", "type"}
  );
}
