// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace stayler::http {

/// The head of a file in an archive (POSIX ustar): its name, of 100 bytes at most, and how many
/// bytes come behind it, before tar_padding() of them.
std::string tar_head(std::string_view name, std::uint64_t bytes, timestamp changed_at);

/// What fills up a file's last block.
std::string tar_padding(std::uint64_t bytes);

/// What an archive ends with. Without it, it was cut off.
std::string tar_end();

}  // namespace stayler::http
