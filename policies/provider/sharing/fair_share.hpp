// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <vector>

namespace stayler::policies {

/// Divides something among those who wish for a part of it: who wishes for less than an equal part
/// gets what is wished for, and the others get equal parts of what is left. What nobody wishes for
/// is divided equally. The shares add up to `total`; where units are left over, the first get one
/// more. (Max-min fairness.)
std::vector<std::uint32_t> fair_shares(
    std::uint32_t total, const std::vector<std::uint32_t>& wishes
);

}  // namespace stayler::policies
