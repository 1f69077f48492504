// SPDX-License-Identifier: MIT

// Runs a program under the limits that a unit of systemd sets to its system calls, where there is
// no systemd to do it: SystemCallFilter=, RestrictNamespaces=, MemoryDenyWriteExecute=,
// RestrictAddressFamilies= and NoNewPrivileges=.
//
// usage: confined FILE PROGRAM [ARGUMENT]...     (FILE: the names of the calls that are allowed)

#include <array>
#include <cerrno>
#include <fstream>
#include <initializer_list>
#include <iostream>
#include <sched.h>
#include <seccomp.h>
#include <string>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

constexpr std::uint64_t namespaces = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER
                                     | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP;

bool deny(
    scmp_filter_ctx filter, int call, int error, std::initializer_list<scmp_arg_cmp> conditions = {}
) {
  return seccomp_rule_add_array(
             filter, SCMP_ACT_ERRNO(static_cast<unsigned>(error)), call,
             static_cast<unsigned>(conditions.size()), conditions.begin()
         )
         == 0;
}

bool forbid_by_argument() {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  bool is_good = filter != nullptr && deny(filter, SCMP_SYS(clone3), ENOSYS)
                 && deny(filter, SCMP_SYS(unshare), EPERM) && deny(filter, SCMP_SYS(setns), EPERM);
  for (std::uint64_t flag = 1; is_good && flag <= namespaces; flag <<= 1) {
    if ((namespaces & flag) != 0) {
      is_good = deny(filter, SCMP_SYS(clone), EPERM, {SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)});
    }
  }
  constexpr std::uint64_t both = PROT_WRITE | PROT_EXEC;
  is_good =
      is_good && deny(filter, SCMP_SYS(mmap), EPERM, {SCMP_A2(SCMP_CMP_MASKED_EQ, both, both)})
      && deny(
          filter, SCMP_SYS(mprotect), EPERM, {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, PROT_EXEC)}
      )
      && deny(filter, SCMP_SYS(socket), EAFNOSUPPORT, {SCMP_A0(SCMP_CMP_GT, AF_INET6)});
  for (std::uint64_t family = 0; is_good && family < AF_INET6; ++family) {
    if (family != AF_UNIX && family != AF_INET) {
      is_good = deny(filter, SCMP_SYS(socket), EAFNOSUPPORT, {SCMP_A0(SCMP_CMP_EQ, family)});
    }
  }
  return is_good && seccomp_load(filter) == 0;
}

bool allow_only(std::istream& names) {
  scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (filter == nullptr) {
    return false;
  }
  int allowed = 0;
  for (std::string name; std::getline(names, name);) {
    const int call = seccomp_syscall_resolve_name(name.c_str());
    // Negative: no call of this kind of machine.
    if (call >= 0 && seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 0, nullptr) == 0) {
      ++allowed;
    }
  }
  return allowed > 0 && seccomp_load(filter) == 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::cerr << "usage: confined FILE PROGRAM [ARGUMENT]...\n";
    return 2;
  }
  std::ifstream names{argv[1]};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !forbid_by_argument() || !allow_only(names)) {
    std::cerr << "confined: the limits cannot be set\n";
    return 1;
  }
  execv(argv[2], argv + 2);
  std::cerr << "confined: cannot run " << argv[2] << '\n';
  return 1;
}
