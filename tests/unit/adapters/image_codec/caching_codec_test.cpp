// SPDX-License-Identifier: MIT

// Proves which pictures are prepared again, and which were kept.

#include "adapters/image_codec/cache/caching_image_codec.hpp"
#include "tests/support/catch.hpp"

#include <cstddef>
#include <string_view>

using namespace stayler;
using namespace stayler::adapters;

namespace {

shared_bytes source_of(std::string_view text) {
  const auto bytes = std::as_bytes(std::span{text});
  return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

/// Prepares a picture into 100 bytes, and counts how often; fails on "broken".
class counting_codec final : public image_codec {
 public:
  explicit counting_codec(int& calls) : calls_(calls) {}

  result<prepared_image> prepare(const shared_bytes& bytes) override {
    ++calls_;
    if (bytes->size() == std::string_view{"broken"}.size()) {
      return failure{error_class::invalid_input, "it is broken", {}};
    }
    prepared_image made;
    made.picture.bytes = std::make_shared<const std::vector<std::byte>>(100, bytes->front());
    return made;
  }

  result<sanitized_image> sanitize(const shared_bytes&) override { return sanitized_image{}; }
  result<finished_image>
  finish(const shared_bytes&, image_format, const std::vector<image_signature>&) override {
    return finished_image{};
  }
  result<finished_image> transform(const shared_bytes&, const std::vector<image_operation>&)
      override {
    return finished_image{};
  }
  [[nodiscard]] codec_status status() const override {
    codec_status now;
    now.running = 7;
    return now;
  }

 private:
  int& calls_;
};

}  // namespace

TEST_CASE("a picture is prepared once, by its content") {
  int calls = 0;
  const auto codec = make_caching_image_codec(std::make_unique<counting_codec>(calls), 1'000);
  const auto first = codec->prepare(source_of("a"));
  const auto again = codec->prepare(source_of("a"));
  CHECK(calls == 1);
  CHECK(first->picture.bytes == again->picture.bytes);
  CHECK(codec->prepare(source_of("b"))->picture.bytes->front() == std::byte{'b'});
  CHECK(calls == 2);
  CHECK(codec->status().prepared_before == 1);
  CHECK(codec->status().running == 7);
}

TEST_CASE("the pictures that were used last are kept, as many as there is room for") {
  int calls = 0;
  const auto codec = make_caching_image_codec(std::make_unique<counting_codec>(calls), 250);
  for (const char* picture : {"a", "b", "a", "c"}) {
    CHECK(codec->prepare(source_of(picture)));
  }
  CHECK(calls == 3);
  CHECK(codec->prepare(source_of("a")));
  CHECK(calls == 3);
  CHECK(codec->prepare(source_of("b")));
  CHECK(calls == 4);
}

TEST_CASE("what is larger than the cache, and what fails, is not kept") {
  int calls = 0;
  const auto small = make_caching_image_codec(std::make_unique<counting_codec>(calls), 99);
  CHECK(small->prepare(source_of("a")));
  CHECK(small->prepare(source_of("a")));
  CHECK(calls == 2);
  const auto codec = make_caching_image_codec(std::make_unique<counting_codec>(calls), 1'000);
  CHECK_FALSE(codec->prepare(source_of("broken")));
  CHECK_FALSE(codec->prepare(source_of("broken")));
  CHECK(calls == 4);
}
