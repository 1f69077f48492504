// SPDX-License-Identifier: MIT
#pragma once

#include "messages/job.hpp"
#include "messages/result.hpp"

#include <string>
#include <string_view>

namespace stayler::adapters {

/// A job as bytes, as stores keep it: a third of what it takes as an object, a third of its JSON.
///
/// Made from the types' own inspect functions: numbers are varints, texts and lists are preceded by
/// their length, and so is every struct. So a field that a newer version appends to a struct is
/// skipped by an older one, and has its default where an older one wrote. Append only: no field may
/// be removed, moved or change its type.
std::string encode_job(const job& value);

/// internal_bug where the bytes are no job.
result<job> decode_job(std::string_view bytes);

}  // namespace stayler::adapters
