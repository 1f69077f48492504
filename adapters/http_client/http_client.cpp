// SPDX-License-Identifier: MIT
#include "adapters/http_client/http_client.hpp"

#include <algorithm>

namespace stayler::adapters {

namespace {

class string_body final : public body_source {
 public:
  explicit string_body(std::string text) : text_(std::move(text)) {}

  [[nodiscard]] std::uint64_t size() const override { return text_.size(); }

  std::size_t read(std::span<char> buffer) override {
    const std::size_t count = text_.copy(buffer.data(), buffer.size(), position_);
    position_ += count;
    return count;
  }

  void rewind() override { position_ = 0; }

 private:
  std::string text_;
  std::size_t position_ = 0;
};

}  // namespace

std::string_view http_response::header(std::string_view name) const noexcept {
  const auto found = std::find_if(headers.begin(), headers.end(), [name](const auto& entry) {
    return entry.first == name;
  });
  return found != headers.end() ? std::string_view{found->second} : std::string_view{};
}

std::shared_ptr<body_source> make_string_body(std::string text) {
  return std::make_shared<string_body>(std::move(text));
}

}  // namespace stayler::adapters
