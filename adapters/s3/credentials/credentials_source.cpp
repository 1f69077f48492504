// SPDX-License-Identifier: MIT
#include "adapters/s3/credentials/credentials_source.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

class fixed_credentials final : public credentials_source {
 public:
  explicit fixed_credentials(aws_credentials key) : key_(std::move(key)) {}

  result<aws_credentials> get(std::chrono::steady_clock::time_point) override { return key_; }
  bool renew(const aws_credentials&) override { return false; }

 private:
  const aws_credentials key_;
};

}  // namespace

std::shared_ptr<credentials_source> make_fixed_credentials(aws_credentials key) {
  return std::make_shared<fixed_credentials>(std::move(key));
}

}  // namespace stayler::adapters
