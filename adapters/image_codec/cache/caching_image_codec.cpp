// SPDX-License-Identifier: MIT
#include "adapters/image_codec/cache/caching_image_codec.hpp"

#include "adapters/image_codec/cache/prepared_pictures.hpp"

#include <atomic>
#include <cstdint>
#include <utility>

namespace stayler::adapters {

namespace {

class caching_image_codec final : public image_codec {
 public:
  caching_image_codec(std::unique_ptr<image_codec> codec, std::size_t max_bytes)
      : codec_(std::move(codec)), pictures_(max_bytes) {}

  result<sanitized_image> sanitize(const shared_bytes& bytes) override {
    return codec_->sanitize(bytes);
  }

  result<prepared_image> prepare(const shared_bytes& bytes) override {
    const auto source = sha256_hasher{}.add(*bytes).digest();
    if (auto known = pictures_.find(source)) {
      ++hits_;
      return std::move(*known);
    }
    auto prepared = codec_->prepare(bytes);
    if (prepared) {
      pictures_.keep(source, *prepared);
    }
    return prepared;
  }

  result<finished_image> finish(
      const shared_bytes& bytes, image_format format, const std::vector<image_signature>& inputs
  ) override {
    return codec_->finish(bytes, format, inputs);
  }

  result<finished_image> transform(
      const shared_bytes& bytes, const std::vector<image_operation>& operations
  ) override {
    return codec_->transform(bytes, operations);
  }

  [[nodiscard]] codec_status status() const override {
    auto now = codec_->status();
    now.prepared_before = hits_;
    return now;
  }

 private:
  std::unique_ptr<image_codec> codec_;
  prepared_pictures pictures_;
  std::atomic<std::uint64_t> hits_ = 0;
};

}  // namespace

std::unique_ptr<image_codec> make_caching_image_codec(
    std::unique_ptr<image_codec> codec, std::size_t max_bytes
) {
  return std::make_unique<caching_image_codec>(std::move(codec), max_bytes);
}

}  // namespace stayler::adapters
