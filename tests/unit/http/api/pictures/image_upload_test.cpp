// SPDX-License-Identifier: MIT

#include "http/api/pictures/image_upload.hpp"

#include "tests/support/catch.hpp"
#include "tests/unit/http/api/pictures/form.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

using namespace stayler;
using namespace stayler::test;
using http::request;
using http::response;

namespace {

constexpr std::string_view tiny_png = "\x89PNG\r\n\x1A\n....";

}  // namespace

TEST_CASE("an upload may be raw or a form", "[image_upload]") {
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

TEST_CASE("an upload is taken from clients as they are", "[image_upload]") {
  const auto upload = [](const std::string& file, const std::string& user) {
    request form;
    form.headers = {{"content-type", std::string{form_type}}};
    form.body = part("name=\"userId\"\r\nContent-Type: text/plain; charset=utf-8", user)
                + part(file, tiny_png) + "--XX--";
    return std::get<http::image_upload>(http::read_image_upload(form, 1000));
  };
  const auto named = upload("name=\"image\"; filename*=UTF-8''%D1%84.jpg", "auth0|62e0");
  CHECK(named.file_name == "ф.jpg");
  CHECK(named.user_id == "auth0|62e0");
  const auto unnamed = upload("name=\"image\"\r\nContent-Type: image/png", "ann+test@example.com");
  CHECK(unnamed.file_name.empty());
  CHECK(unnamed.user_id == "ann+test@example.com");
  CHECK(unnamed.bytes->size() == tiny_png.size());
}

TEST_CASE(
    "an upload that cannot be a picture is refused with the status that says why", "[image_upload]"
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
  CHECK(status("image/png", "GIF89a...") == 0);  // the bytes tell, not the name
  CHECK(status("image/png", "%PDF-1.7") == 415);
  CHECK(status("image/png", "") == 400);
  CHECK(status("image/png", std::string{tiny_png}, 5) == 413);
  CHECK(status(std::string{form_type}, "nothing") == 400);
  CHECK(status(std::string{form_type}, part("name=\"type\"", "user") + "--XX--") == 400);
}
