// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/jobs/job_state.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::adapters {

/// Every job type, and every error class.
inline constexpr std::array all_job_types{job_type::image_conversion, job_type::image_processing};
std::vector<error_class> all_error_classes();

/// "worker" of "worker-17": the kind of actor, not the one.
std::string_view kind_of_actor(std::string_view name);

/// A method of HTTP, or "other".
std::string_view method_label(std::string_view method);

/// A status of HTTP in digits, or "other".
std::string status_label(std::uint32_t status);

}  // namespace stayler::adapters
