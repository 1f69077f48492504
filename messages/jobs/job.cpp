// SPDX-License-Identifier: MIT
#include "messages/jobs/job.hpp"

#include <array>
#include <cstddef>

namespace stayler {

std::string_view to_string(job_urgency urgency) noexcept {
  return urgency == job_urgency::low ? "low" : "normal";
}

namespace {

constexpr std::array<std::string_view, 2> type_names{"image_conversion", "image_processing"};

constexpr std::array<std::string_view, 6> status_names{"pending",   "scheduled", "processing",
                                                       "completed", "failed",    "cancelled"};

constexpr std::array<std::string_view, 8> stage_names{"queued",     "downloading", "converting",
                                                      "processing", "uploading",   "recording",
                                                      "notifying",  "done"};

constexpr std::array<std::string_view, 4> call_state_names{
    "open", "settled", "aborted", "ambiguous"};

template <std::size_t Size, class Enum>
std::string_view name_in(const std::array<std::string_view, Size>& names, Enum value) noexcept {
  const auto index = static_cast<std::size_t>(value);
  return index < Size ? names[index] : std::string_view{"unknown"};
}

template <class Enum, std::size_t Size>
std::optional<Enum> value_in(
    const std::array<std::string_view, Size>& names, std::string_view name
) noexcept {
  for (std::size_t i = 0; i < Size; ++i) {
    if (names[i] == name) {
      return static_cast<Enum>(i);
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view to_string(job_type type) noexcept {
  return name_in(type_names, type);
}
std::string_view to_string(job_status status) noexcept {
  return name_in(status_names, status);
}
std::string_view to_string(job_stage stage) noexcept {
  return name_in(stage_names, stage);
}

std::string_view to_string(call_state state) noexcept {
  return name_in(call_state_names, state);
}

std::optional<job_type> parse_job_type(std::string_view name) noexcept {
  return value_in<job_type>(type_names, name);
}

std::optional<job_status> parse_job_status(std::string_view name) noexcept {
  return value_in<job_status>(status_names, name);
}

std::optional<job_stage> parse_job_stage(std::string_view name) noexcept {
  return value_in<job_stage>(stage_names, name);
}

std::string to_string(const attempt_id& id) {
  return to_string(id.job) + "-" + std::to_string(static_cast<std::uint64_t>(id.token));
}

std::string picture_id_of(const attempt_id& id) {
  // The last 48 bits of a job's id are random, and tokens count from 1.
  uuid made = id.job.value;
  auto token = static_cast<std::uint64_t>(id.token);
  for (std::size_t i = made.bytes.size() - 1; i >= 10; --i, token >>= 8U) {
    made.bytes[i] = static_cast<std::uint8_t>(made.bytes[i] ^ (token & 0xFFU));
  }
  return to_string(made);
}

}  // namespace stayler
