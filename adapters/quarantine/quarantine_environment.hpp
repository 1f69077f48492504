// SPDX-License-Identifier: MIT
#pragma once

#include "messages/service/settings.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <sys/types.h>
#include <vector>

namespace stayler::adapters {

/// The variable that tells a program that it is a quarantine: the id of the process that it belongs
/// to.
inline constexpr std::string_view quarantine_owner_variable = "STAYLER_QUARANTINE_OF";

/// The descriptors of a quarantine's certificate, which is its authority's as well, and key.
inline constexpr int quarantine_certificate_descriptor = 3;
inline constexpr int quarantine_key_descriptor = 4;

/// The settings of a quarantine of that name, but for the coordinator that it joins: those of the
/// coordinator that concern work on a job, a node's with one worker, and nothing of the API and the
/// stores that only a coordinator has.
settings quarantine_settings(const settings& coordinator, const std::string& name);

/// The same as a program's environment, with what is in this process's own and no option.
std::vector<std::string> quarantine_environment(const settings& of_quarantine, ::pid_t owner);

/// What the environment says of a coordinator that listens at that port of loopback.
std::string quarantine_coordinator(std::uint16_t port);

}  // namespace stayler::adapters
