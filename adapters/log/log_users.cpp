// SPDX-License-Identifier: MIT
#include "adapters/log/log_users.hpp"

#include <memory>
#include <mutex>
#include <string>

namespace stayler::adapters {

namespace {

struct naming {
  user_naming how;
  user_tags tags;
};

struct current_naming {
  std::mutex mutex;
  std::shared_ptr<const naming> current;
};

current_naming& naming_in_force() {
  static current_naming one;
  return one;
}

}  // namespace

user_naming parse_user_naming(std::string_view text) noexcept {
  return text == "hashed"  ? user_naming::hashed
         : text == "plain" ? user_naming::plain
                           : user_naming::none;
}

void name_users_in_log(user_naming how, const user_tags& tags) {
  auto wanted = std::make_shared<const naming>(naming{how, tags});
  auto& in_force = naming_in_force();
  const std::lock_guard lock{in_force.mutex};
  in_force.current = std::move(wanted);
}

log_field user_field(std::string_view user_id) {
  const auto how = [] {
    auto& in_force = naming_in_force();
    const std::lock_guard lock{in_force.mutex};
    return in_force.current;
  }();
  if (!how || how->how == user_naming::none) {
    return {"user", ""};
  }
  return {"user", how->how == user_naming::plain ? std::string{user_id} : how->tags.of(user_id)};
}

}  // namespace stayler::adapters
