// SPDX-License-Identifier: MIT
#pragma once

#include "messages/jobs/job.hpp"

#include <cstdint>

namespace stayler {

/// Who has lost its worker this often is a suspect.
inline constexpr std::uint32_t losses_of_suspect = 2;

/// Whether the job may be what took its workers down, or only shared its process with one that is:
/// it is to run alone in a process, so that the next loss tells. Follows from a number that every
/// store has always kept. Jobs that are final are no suspects any more.
constexpr bool is_suspect(const job& j) noexcept {
  return !is_final(j.status) && j.crashes >= losses_of_suspect;
}

}  // namespace stayler
