// SPDX-License-Identifier: MIT
#include "app/codec/sandbox/system_call_filter.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <sched.h>
#include <seccomp.h>
#include <string>
#include <string_view>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <system_error>
#include <unistd.h>

namespace stayler::app {

namespace {

/// Without conditions.
constexpr std::array allowed_calls{
    // memory
    "brk", "madvise", "mremap", "munmap",
    // threads
    "exit", "exit_group", "futex", "getpid", "gettid", "restart_syscall", "rseq",
    "sched_getaffinity", "sched_yield", "set_robust_list",
    // time and use
    "clock_getres", "clock_gettime", "clock_nanosleep", "getrusage", "gettimeofday", "nanosleep",
    "sysinfo", "time", "times",
    // signals
    "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack",
    // of what is open
    "close", "fstat", "lseek", "poll", "ppoll",
    // what harms nobody
    "getrandom", "getuid", "geteuid", "getgid", "getegid", "uname"};

struct denied_call {
  const char* name;
  int error;
};

/// What libraries try, and do without.
constexpr std::array denied_calls{
    denied_call{"access", EACCES}, denied_call{"connect", EACCES}, denied_call{"faccessat", EACCES},
    denied_call{"faccessat2", EACCES}, denied_call{"getcwd", EACCES}, denied_call{"lstat", EACCES},
    denied_call{"mkdir", EACCES}, denied_call{"newfstatat", EACCES}, denied_call{"open", EACCES},
    denied_call{"openat", EACCES}, denied_call{"readlink", EACCES},
    denied_call{"readlinkat", EACCES}, denied_call{"socket", EACCES}, denied_call{"stat", EACCES},
    denied_call{"statx", EACCES}, denied_call{"unlink", EACCES}, denied_call{"unlinkat", EACCES},
    denied_call{"read", EBADF}, denied_call{"fcntl", EBADF}, denied_call{"ioctl", ENOTTY},
    denied_call{"get_mempolicy", EPERM}, denied_call{"mbind", EPERM},
    denied_call{"prlimit64", EPERM}, denied_call{"sched_setscheduler", EPERM},
    denied_call{"set_mempolicy", EPERM},
    // The C library then falls back to clone, whose flags a filter can see.
    denied_call{"clone3", ENOSYS}, denied_call{"membarrier", ENOSYS}};

struct filter_deleter {
  void operator()(void* filter) const { ::seccomp_release(filter); }
};
using filter_handle = std::unique_ptr<void, filter_deleter>;

/// Adds rules until one fails; then `error` says why.
class rule_list {
 public:
  explicit rule_list(scmp_filter_ctx filter) : filter_(filter) {}

  void add(std::uint32_t action, const char* name, std::initializer_list<scmp_arg_cmp> conditions) {
    const int number = ::seccomp_syscall_resolve_name(name);
    if (number == __NR_SCMP_ERROR || error_ != 0) {
      return;  // this kind of machine has no such call
    }
    error_ = ::seccomp_rule_add_array(
        filter_, action, number, static_cast<unsigned>(conditions.size()), conditions.begin()
    );
  }

  void allow(const char* name, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    add(SCMP_ACT_ALLOW, name, conditions);
  }

  void deny(const char* name, int error, std::initializer_list<scmp_arg_cmp> conditions = {}) {
    add(SCMP_ACT_ERRNO(static_cast<std::uint32_t>(error)), name, conditions);
  }

  /// 0, or the negative number of an error.
  [[nodiscard]] int error() const noexcept { return error_; }

 private:
  scmp_filter_ctx filter_;
  int error_ = 0;
};

scmp_arg_cmp argument_is(unsigned position, std::uint64_t value) {
  return {position, SCMP_CMP_EQ, value, 0};
}

scmp_arg_cmp argument_is_not(unsigned position, std::uint64_t value) {
  return {position, SCMP_CMP_NE, value, 0};
}

scmp_arg_cmp argument_has(unsigned position, std::uint64_t mask, std::uint64_t value) {
  return {position, SCMP_CMP_MASKED_EQ, mask, value};
}

void add_conditional_rules(rule_list& rules, int socket) {
  constexpr unsigned protection = 2;
  rules.allow("mmap", {argument_has(protection, PROT_EXEC, 0)});
  rules.allow("mprotect", {argument_has(protection, PROT_EXEC, 0)});
  rules.allow("clone", {argument_has(0, CLONE_THREAD, CLONE_THREAD)});
  // For abort(): to itself alone.
  rules.allow("tgkill", {argument_is(0, static_cast<std::uint64_t>(::getpid()))});
  const auto peer = static_cast<std::uint64_t>(socket);
  rules.allow("recvfrom", {argument_is(0, peer)});
  rules.allow("sendto", {argument_is(0, peer)});
  // The C library's last words go to stderr.
  for (const char* call : {"write", "writev"}) {
    rules.allow(call, {argument_is(0, STDERR_FILENO)});
    rules.deny(call, EBADF, {argument_is_not(0, STDERR_FILENO)});
  }
  constexpr std::uint64_t name_memory = 0x53564d41;  // PR_SET_VMA
  rules.allow("prctl", {argument_is(0, PR_SET_NAME)});
  rules.allow("prctl", {argument_is(0, name_memory)});
}

failure no_filter(const char* what, int error) {
  return {
      error_class::unavailable,
      std::string{"the filter of system calls cannot be "} + what + ": "
          + std::system_category().message(-error),
      {}};
}

void say(std::string_view text) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, text.data(), text.size());
}

/// Names the call, and ends the process as the filter would have.
void name_call(int, siginfo_t* about, void*) {
  char* const name = ::seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, about->si_syscall);
  say("stayler-codec: forbidden system call ");
  say(name != nullptr ? name : "of unknown name");
  say("\n");
  ::signal(SIGSYS, SIG_DFL);
  ::raise(SIGSYS);
}

void name_forbidden_calls() {
  struct sigaction action = {};
  action.sa_sigaction = name_call;
  action.sa_flags = SA_SIGINFO | SA_NODEFER;
  ::sigaction(SIGSYS, &action, nullptr);
}

}  // namespace

void_result load_system_call_filter(int socket, bool names_calls) {
  const std::uint32_t otherwise = names_calls ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS;
  const filter_handle filter{::seccomp_init(otherwise)};
  if (!filter) {
    return no_filter("made", -ENOMEM);
  }
  if (const int error = ::seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_TSYNC, 1); error != 0) {
    return no_filter("set for all threads", error);
  }
  rule_list rules{filter.get()};
  for (const char* name : allowed_calls) {
    rules.allow(name);
  }
  for (const auto& [name, error] : denied_calls) {
    rules.deny(name, error);
  }
  add_conditional_rules(rules, socket);
  if (rules.error() != 0) {
    return no_filter("made", rules.error());
  }
  if (names_calls) {
    name_forbidden_calls();
  }
  if (const int error = ::seccomp_load(filter.get()); error != 0) {
    return no_filter("loaded", error);
  }
  return ok();
}

}  // namespace stayler::app
