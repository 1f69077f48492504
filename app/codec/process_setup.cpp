// SPDX-License-Identifier: MIT
#include "app/codec/process_setup.hpp"

#include "app/program/program_start.hpp"

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <malloc.h>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

namespace stayler::app {

namespace {

/// A buffer of a megabyte or more would be mapped anew for each picture, and the first touch of its
/// pages costs more than decoding into them.
void keep_touched_memory() {
  constexpr int kept_bytes = 64 * 1024 * 1024;
  ::mallopt(M_MMAP_MAX, 0);
  ::mallopt(M_TRIM_THRESHOLD, kept_bytes);
}

}  // namespace

bool settle_process(::pid_t service) {
  ignore_signals({SIGHUP, SIGINT, SIGTERM});
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::ofstream{"/proc/self/oom_score_adj"} << 1'000;
  keep_touched_memory();
  return ::getppid() == service;
}

void_result choose_magick_policy() {
  std::error_code failed;
  const auto program = std::filesystem::read_symlink("/proc/self/exe", failed);
  const auto folder = program.parent_path();
  for (const auto& candidate :
       {folder / "imagemagick", folder.parent_path() / "share/stayler/imagemagick",
        folder.parent_path().parent_path() / "share/stayler/imagemagick"}) {
    if (std::filesystem::exists(candidate / "policy.xml", failed)) {
      ::setenv("MAGICK_CONFIGURE_PATH", candidate.c_str(), 1);
      return ok();
    }
  }
  return failure{
      error_class::unavailable,
      "no imagemagick/policy.xml beside the codec's program (in " + folder.string() + ")",
      {}};
}

}  // namespace stayler::app
