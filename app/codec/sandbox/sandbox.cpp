// SPDX-License-Identifier: MIT
#include "app/codec/sandbox/sandbox.hpp"

#include "app/codec/sandbox/landlock.hpp"
#include "app/codec/sandbox/system_call_filter.hpp"

#include <cerrno>
#include <fstream>
#include <string>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define STAYLER_RESERVES_ADDRESSES
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define STAYLER_RESERVES_ADDRESSES
#endif

namespace stayler::app {

namespace {

#ifdef STAYLER_RESERVES_ADDRESSES
constexpr bool may_bound_addresses = false;  // a sanitizer's shadow memory goes on growing
#else
constexpr bool may_bound_addresses = true;
#endif

/// The address space that is in use; 0 where the system does not tell.
std::uint64_t address_space_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t pages = 0;
  file >> pages;
  return file ? pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) : 0;
}

void set_limit(__rlimit_resource_t which, ::rlim_t most) {
  const ::rlimit limit{most, most};
  ::setrlimit(which, &limit);
}

void bound_resources() {
  set_limit(RLIMIT_CORE, 0);
  constexpr ::rlim_t files = 16;
  set_limit(RLIMIT_NOFILE, files);
  const std::uint64_t used = address_space_bytes();
  if (may_bound_addresses && used > 0) {
    set_limit(RLIMIT_AS, used + codec_memory_bytes);
  }
}

}  // namespace

void_result enter_sandbox(adapters::sandbox_mode mode, int socket) {
  bound_resources();
  if (mode == adapters::sandbox_mode::off) {
    return ok();
  }
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
    const std::string reason = std::system_category().message(errno);
    return failure{error_class::unavailable, "PR_SET_NO_NEW_PRIVS failed: " + reason, {}};
  }
  renounce_files();
  // Other processes of the same user cannot read pictures out of it.
  ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  return load_system_call_filter(socket, mode == adapters::sandbox_mode::trap);
}

}  // namespace stayler::app
