// SPDX-License-Identifier: MIT
#include "adapters/limit_exchange/redis_limit_exchange.hpp"

#include "adapters/encryption/row_cipher.hpp"
#include "adapters/limit_exchange/redis_exchange_script.hpp"
#include "adapters/redis/redis_script.hpp"

#include <utility>

namespace stayler::adapters {

namespace {

class redis_limit_exchange final : public limit_exchange {
 public:
  explicit redis_limit_exchange(redis_limit_exchange_options options)
      : options_(std::move(options)),
        cipher_(row_cipher::for_contents(options_.keys)),
        script_(options_.server, "{" + options_.queue + "}", redis_exchange_script()) {}

  result<std::vector<std::string>> share(std::string_view record) override {
    const std::vector<std::vector<std::string>> arguments{
        {options_.instance_id, cipher_.encrypt(place, record),
         std::to_string(options_.time_to_live.count())}};
    auto replies = script_.run(arguments);
    if (!replies) {
      return std::move(replies).error();
    }
    const redis_value answer = replies->front().value();
    if (answer.is_error()) {
      return to_failure(answer);
    }
    std::vector<std::string> others;
    for (std::size_t i = 0; i < answer.size(); ++i) {
      // A coordinator that has another key is one of which nothing is known.
      if (auto other = cipher_.decrypt(place, answer[i].text())) {
        others.push_back(*std::move(other));
      }
    }
    return others;
  }

 private:
  static constexpr std::string_view place = "limit exchange";

  redis_limit_exchange_options options_;
  row_cipher cipher_;
  redis_script script_;
};

}  // namespace

std::unique_ptr<limit_exchange> make_redis_limit_exchange(redis_limit_exchange_options options) {
  return std::make_unique<redis_limit_exchange>(std::move(options));
}

}  // namespace stayler::adapters
