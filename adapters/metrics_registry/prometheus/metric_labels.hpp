// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::adapters {

/// "worker" of "worker-17": the kind of actor, not the one.
std::string_view kind_of_actor(std::string_view name);

/// A method of HTTP, or "other".
std::string_view method_label(std::string_view method);

/// A status of HTTP in digits, or "other".
std::string status_label(std::uint32_t status);

}  // namespace stayler::adapters
