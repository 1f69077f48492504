// SPDX-License-Identifier: MIT
#pragma once

#include "app/gemini_sim/gemini_sim.hpp"
#include "tests/support/http_exchange.hpp"

#include <array>
#include <chrono>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

/// A sim on a free port, and calls to it.
class sim_client {
 public:
  explicit sim_client(sim::sim_options options = {});

  /// POST models/{model}:{verb}, with a good key unless other headers are given.
  [[nodiscard]] http_answer generate(
      const std::string& body,
      const std::vector<std::string>& headers = {"x-goog-api-key: key"},
      const std::string& target = "gemini-nano-banana-2.1:generateContent",
      std::chrono::milliseconds timeout = std::chrono::seconds{20}
  ) const;

  [[nodiscard]] http_answer get(const std::string& path) const;
  [[nodiscard]] http_answer send(
      const std::string& method, const std::string& path, const std::string& body = ""
  ) const;

 private:
  std::unique_ptr<sim::gemini_sim> sim_;
  std::string base_url_;
};

/// The PNG, as base64, of a plain ground with a plain square in its middle half.
std::string make_square_png(
    std::size_t width, std::size_t height, const char* ground, const char* square
);

/// A request with that text, a blue person and a red garment on white.
std::string try_on_body(
    std::string_view text, std::string_view config = R"({"responseModalities":["IMAGE"]})"
);

/// A decoded picture: its size, and the colour of the pixel at a share of its sides.
struct seen_picture {
  std::size_t width = 0;
  std::size_t height = 0;
  std::string format;
  std::array<int, 3> middle{};
  std::array<int, 3> corner{};
};

/// The picture that a base64 text holds; the test fails where it does not decode.
seen_picture look_at(const std::string& base64);

}  // namespace stayler::test
