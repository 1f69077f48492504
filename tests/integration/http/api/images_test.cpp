// SPDX-License-Identifier: MIT

#include "tests/integration/http/api/fakes/fake_images.hpp"
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
  CHECK(running.ask("GET", url + "/thumbnail").body == png);
  problem_of(
      running.ask("GET", "/images/" + running.stored_picture() + "/thumbnail"), 404, "not_found"
  );

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

namespace {

/// So much of the image "bytes-600000" from that place on.
std::string pattern(std::size_t offset, std::size_t count) {
  std::string text(count, '\0');
  for (std::size_t i = 0; i < count; ++i) {
    text[i] = static_cast<char>(pattern_at(offset + i));
  }
  return text;
}

}  // namespace

TEST_CASE(
    "a large image is sent whole, in part or not at all, as it is asked for", "[api_images]"
) {
  service running;
  const std::string url = "/images/bytes-600000";
  const auto whole = running.ask("GET", url);
  CHECK(whole.status == 200);
  CHECK(whole.headers.at("content-length") == "600000");
  CHECK(whole.body == pattern(0, 600'000));
  CHECK(running.ask("GET", "/images/bytes-262144").body.size() == 262'144);

  const auto part = running.ask("GET", url, "", "Range: bytes=1000-400999\r\n");
  CHECK(part.status == 206);
  CHECK(part.headers.at("content-range") == "bytes 1000-400999/600000");
  CHECK(part.body == pattern(1'000, 400'000));
  CHECK(running.ask("GET", url, "", "Range: bytes=-5\r\n").body == pattern(599'995, 5));
  CHECK(running.ask("GET", url, "", "Range: bytes=600000-\r\n").status == 416);

  const auto head = running.ask("HEAD", url, "", "Range: bytes=0-0\r\n");
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == "600000");
}

TEST_CASE(
    "where there is no memory left an image is refused, and the metrics tell", "[api_images]"
) {
  service running;
  auto& answers = *running.memory().answers;
  const auto held = [&] { return answers.now().held; };
  const auto all = answers.try_take("another", answers.now().limit);
  const auto refused = running.ask("GET", "/images/bytes-10");
  problem_of(refused, 503, "unavailable");
  CHECK(refused.headers.count("retry-after") == 1);
  CHECK(running.ask("HEAD", "/images/bytes-10").status == 200);
  CHECK(running.ask("GET", "/worker/jobs").status == 200);
  CHECK(running.ask("GET", "/metrics").body.find("answers refused 1") != std::string::npos);
  all->shrink_to(0);
  CHECK(running.ask("GET", "/images/bytes-10").status == 200);
  CHECK(running.ask("GET", "/images/nobody").status == 404);
  CHECK(running.ask("GET", "/images/bytes-10", "", "Range: bytes=99-\r\n").status == 416);
  CHECK(running.ask("GET", "/images/bytes-600000").status == 200);
  for (int i = 0; i < 1'000 && held() > 0; ++i) {
    running.ask("GET", "/worker/jobs");  // until the server has seen that all was taken
  }
  CHECK(held() == 0);
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
  const auto cut_off = running.ask("POST", "/images", png.substr(0, 9), type);
  CHECK(fields_of(problem_of(cut_off, 400, "invalid_input")) == std::vector<std::string>{"image"});
  const auto no_form =
      running.ask("POST", "/images", "x", "Content-Type: multipart/form-data; boundary=b\r\n");
  CHECK(fields_of(problem_of(no_form, 400, "invalid_input")) == std::vector<std::string>{"body"});
  problem_of(running.ask("POST", "/images", "", type), 400, "invalid_input");
  problem_of(
      running.ask("POST", "/images", "{}", "Content-Type: application/json\r\n"), 415,
      "invalid_input"
  );
  const auto large = running.ask("POST", "/images", std::string(10'001, 'x'), type);
  const auto problem = problem_of(large, 413, "invalid_input");
  CHECK(text_at(problem, "detail").find("10000") != std::string::npos);
  const auto bad_fields = running.ask("POST", "/images?userId=a%0Ab&type=x", png, type);
  CHECK(
      fields_of(problem_of(bad_fields, 400, "invalid_input"))
      == std::vector<std::string>{"userId", "type"}
  );
}
