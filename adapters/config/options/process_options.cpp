// SPDX-License-Identifier: MIT
#include "adapters/config/options/option_groups.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace std::chrono_literals;

constexpr option process_rows[] = {
    {.names = {"WORKER_SHUTDOWN_TIMEOUT", "shutdownTimeout"},
     .value = duration{&settings::shutdown_timeout, 0ms, 1h},
     .meaning = "How long running jobs may take to finish when the service stops; then they are "
                "handed back."},
    {.names = {"WORKER_MAX_RESTARTS", "maxRestarts"},
     .value = integer{&settings::max_restarts, 1, 1'000},
     .meaning =
         "Restarts of failed actors within WORKER_RESTART_WINDOW; one more ends the service."},
    {.names = {"WORKER_RESTART_WINDOW", "restartWindow"},
     .value = duration{&settings::restart_window, 1s, 24h},
     .meaning = "The time in which restarts are counted."},
    {.names = {"WORKER_PING_TIMEOUT", "pingTimeout"},
     .value = duration{&settings::ping_timeout, 500ms, 1h},
     .meaning = "An actor that has not answered the supervisor for this long is replaced; those "
                "that wait for disks get a minute at least."},
    {.names = {"WORKER_ENABLE_CHAOS", "enableChaos"},
     .value = boolean{&settings::enable_chaos},
     .meaning = "Whether actors can be made to fail through the API; for tests only."},
    {.names = {"WORKER_CORE_FILES", "coreFiles"},
     .value = boolean{&settings::core_files},
     .meaning = "Whether a crash may leave a core file, and debuggers of the same user may look "
                "in: both show keys and pictures."},
};

}  // namespace

option_group process_options() noexcept {
  return {"Process", process_rows};
}

}  // namespace stayler::adapters
