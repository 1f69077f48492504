// SPDX-License-Identifier: MIT
#pragma once

#include "app/cli/client/api_client.hpp"
#include "app/cli/output/progress_display.hpp"

#include <functional>

namespace stayler::cli {

/// The answer to what does no harm when it is asked again, however often that takes while the
/// service is busy (429) or away. Throws command_error: what it refuses, at once; what lasts longer
/// than two minutes.
api_answer ask_patiently(progress_display& display, const std::function<api_answer()>& ask);

}  // namespace stayler::cli
