// SPDX-License-Identifier: MIT
#include "app/cli/batch/patient_call.hpp"

#include "app/cli/client/interruption.hpp"

#include <algorithm>

namespace stayler::cli {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds first_call_pause{500};
constexpr milliseconds longest_call_pause{10'000};
constexpr std::chrono::minutes longest_patience{2};

}  // namespace

api_answer ask_patiently(progress_display& display, const std::function<api_answer()>& ask) {
  const auto begin = steady_clock::now();
  for (auto pause = first_call_pause;; pause = std::min(pause * 2, longest_call_pause)) {
    try {
      return ask();
    } catch (const command_error& error) {
      const bool may_pass = error.code == exit_code::unreachable || error.status == 429;
      if (!may_pass || steady_clock::now() - begin > longest_patience) {
        throw;
      }
      display.show("waiting", 0, error.why);
    }
    pause_for(pause);
  }
}

}  // namespace stayler::cli
