// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/jobs/job.hpp"

#include <cstddef>
#include <span>

namespace stayler::adapters {

/// The format that the first bytes name, whatever the file was called. What is no picture that is
/// read here is invalid_input, by its name where it has one: "this is a PDF file; allowed: ...".
result<image_format> detect_format(std::span<const std::byte> bytes);

}  // namespace stayler::adapters
