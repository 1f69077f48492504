// SPDX-License-Identifier: MIT
#include "tests/support/programs/gemini_sim_client.hpp"

#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "tests/support/catch.hpp"

#include <Magick++.h>

#include <utility>

namespace stayler::test {

namespace {

std::array<int, 3> colour_at(Magick::Image& image, std::size_t x, std::size_t y) {
  std::array<unsigned char, 3> pixel{};
  image.write(
      static_cast<ssize_t>(x), static_cast<ssize_t>(y), 1, 1, "RGB", Magick::CharPixel, pixel.data()
  );
  return {pixel[0], pixel[1], pixel[2]};
}

}  // namespace

sim_client::sim_client(sim::sim_options options) {
  options.port = 0;
  if (options.pictures.longest_side == 0) {
    options.pictures.longest_side = 128;  // tests look at the content, seldom at the size
  }
  auto started = sim::gemini_sim::start(options);
  REQUIRE(started);
  sim_ = *std::move(started);
  base_url_ = "http://127.0.0.1:" + std::to_string(sim_->port());
}

http_answer sim_client::generate(
    const std::string& body,
    const std::vector<std::string>& headers,
    const std::string& target,
    std::chrono::milliseconds timeout
) const {
  return exchange("POST", base_url_ + "/v1beta/models/" + target, body, headers, timeout);
}

http_answer sim_client::get(const std::string& path) const {
  return exchange("GET", base_url_ + path, "", {"x-goog-api-key: key"});
}

http_answer sim_client::send(
    const std::string& method, const std::string& path, const std::string& body
) const {
  return exchange(method, base_url_ + path, body, {"x-goog-api-key: key"});
}

std::string make_square_png(
    std::size_t width, std::size_t height, const char* ground, const char* square
) {
  Magick::InitializeMagick(nullptr);
  Magick::Image image{Magick::Geometry{width, height}, Magick::Color{ground}};
  const Magick::Image inner{Magick::Geometry{width / 2, height / 2}, Magick::Color{square}};
  image.composite(
      inner, static_cast<ssize_t>(width / 4), static_cast<ssize_t>(height / 4),
      Magick::OverCompositeOp
  );
  image.magick("PNG");
  Magick::Blob blob;
  image.write(&blob);
  return adapters::base64_encode({static_cast<const char*>(blob.data()), blob.length()});
}

std::string try_on_body(std::string_view text, std::string_view config) {
  static const std::string person = make_square_png(96, 128, "blue", "blue");
  static const std::string garment = make_square_png(80, 80, "white", "red");
  return R"({"contents":[{"role":"user","parts":[{"text":")" + std::string{text}
         + R"("},{"inlineData":{"mimeType":"image/png","data":")" + person
         + R"("}},{"inline_data":{"mime_type":"image/png","data":")" + garment
         + R"("}}]}],"generationConfig":)" + std::string{config} + '}';
}

seen_picture look_at(const std::string& base64) {
  const auto bytes = adapters::base64_decode(base64);
  REQUIRE(bytes);
  Magick::Image image;
  REQUIRE_NOTHROW(image.read(Magick::Blob{bytes->data(), bytes->size()}));
  return {
      image.columns(), image.rows(), image.magick(),
      colour_at(image, image.columns() / 2, image.rows() / 2), colour_at(image, 2, 2)};
}

}  // namespace stayler::test
