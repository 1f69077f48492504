// SPDX-License-Identifier: MIT

// Proves what the sandbox of the codec's processes denies: each call is tried by a process of its
// own that has entered it.

#include "app/codec/sandbox/sandbox.hpp"

#include "tests/support/catch.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <functional>
#include <new>
#include <ostream>
#include <poll.h>
#include <sched.h>
#include <string>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <vector>

using namespace stayler;

namespace {

constexpr int socket_number = 3;
constexpr int did_not_enter = 200;

/// How a process ended that has tried something: by a signal, or with an errno as its exit code.
struct ending {
  int signal = 0;
  int error = 0;

  friend bool operator==(const ending&, const ending&) = default;
  friend std::ostream& operator<<(std::ostream& out, const ending& shown) {
    return out << "signal " << shown.signal << ", error " << shown.error;
  }
};

ending end_of(::pid_t pid) {
  int status = 0;
  REQUIRE(::waitpid(pid, &status, 0) == pid);
  return WIFSIGNALED(status) ? ending{WTERMSIG(status), 0} : ending{0, WEXITSTATUS(status)};
}

/// What comes of that call, which returns a negative number where it fails, in the sandbox.
ending try_in_sandbox(
    const std::function<long()>& call, adapters::sandbox_mode mode = adapters::sandbox_mode::on
) {
  const ::pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    ::dup2(::open("/dev/null", O_RDWR), STDERR_FILENO);
    if (!app::enter_sandbox(mode, socket_number)) {
      ::_exit(did_not_enter);
    }
    ::_exit(call() < 0 ? errno : 0);
  }
  return end_of(pid);
}

constexpr ending is_killed{SIGSYS, 0};
constexpr ending is_allowed{};

ending fails_with(int error) {
  return {0, error};
}

}  // namespace

TEST_CASE("files and networks cannot be opened") {
  CHECK(try_in_sandbox([] { return ::open("/etc/passwd", O_RDONLY); }) == fails_with(EACCES));
  CHECK(
      try_in_sandbox([] { return ::open("/tmp/x", O_CREAT | O_WRONLY, 0600); })
      == fails_with(EACCES)
  );
  CHECK(try_in_sandbox([] { return ::socket(AF_INET, SOCK_STREAM, 0); }) == fails_with(EACCES));
  CHECK(try_in_sandbox([] { return ::socket(AF_UNIX, SOCK_STREAM, 0); }) == fails_with(EACCES));
  CHECK(try_in_sandbox([] { return ::access("/etc", R_OK); }) == fails_with(EACCES));
}

TEST_CASE("no other program can be run, and no other process touched") {
  char shell[] = "/bin/sh";
  char* arguments[] = {shell, nullptr};
  CHECK(try_in_sandbox([&] { return ::execve(shell, arguments, nullptr); }) == is_killed);
  CHECK(try_in_sandbox([] { return ::syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }) == is_killed);
#ifdef SYS_fork
  CHECK(try_in_sandbox([] { return ::syscall(SYS_fork); }) == is_killed);
#endif
  CHECK(try_in_sandbox([] { return ::ptrace(PTRACE_TRACEME, 0, 0, 0); }) == is_killed);
  CHECK(try_in_sandbox([] { return ::kill(::getppid(), 0); }) == is_killed);
  CHECK(
      try_in_sandbox([] { return ::syscall(SYS_tgkill, ::getppid(), ::getppid(), 0); }) == is_killed
  );
}

TEST_CASE("no memory becomes executable") {
  constexpr std::size_t page = 4'096;
  const auto map = [](int protection) {
    void* const at = ::mmap(nullptr, page, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return at == MAP_FAILED ? nullptr : at;
  };
  CHECK(
      try_in_sandbox([&] { return map(PROT_READ | PROT_EXEC) != nullptr ? 0 : -1; }) == is_killed
  );
  CHECK(
      try_in_sandbox([&] {
        return ::mprotect(map(PROT_READ | PROT_WRITE), page, PROT_READ | PROT_EXEC);
      })
      == is_killed
  );
  CHECK(
      try_in_sandbox([&] { return ::mprotect(map(PROT_READ | PROT_WRITE), page, PROT_READ); })
      == is_allowed
  );
}

TEST_CASE("what is open elsewhere cannot be passed in, and only the one socket be written to") {
  CHECK(
      try_in_sandbox([] {
        ::msghdr message{};
        return ::recvmsg(socket_number, &message, 0);
      })
      == is_killed
  );
  CHECK(try_in_sandbox([] { return ::send(socket_number + 1, "x", 1, 0); }) == is_killed);
  CHECK(try_in_sandbox([] { return ::write(STDOUT_FILENO, "x", 1); }) == fails_with(EBADF));
  CHECK(try_in_sandbox([] { return ::write(STDERR_FILENO, "x", 1); }) == is_allowed);
}

TEST_CASE("limits cannot be raised again") {
  CHECK(
      try_in_sandbox([] {
        const ::rlimit none{RLIM_INFINITY, RLIM_INFINITY};
        return ::setrlimit(RLIMIT_AS, &none);
      })
      == fails_with(EPERM)
  );
}

// Of threads and of abort() the sanitizers make other calls.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("threads can be started, and abort() is what it is elsewhere") {
  CHECK(
      try_in_sandbox([] {
        int sum = 0;
        std::thread{[&] { sum = 1; }}.join();
        return sum - 1;
      })
      == is_allowed
  );
  CHECK(try_in_sandbox([]() -> long { std::abort(); }) == ending{SIGABRT, 0});
}
#endif

TEST_CASE("a thread that is there already is in the sandbox, too") {
  const ::pid_t pid = ::fork();
  REQUIRE(pid >= 0);
  if (pid == 0) {
    int ends[2];
    if (::pipe(ends) != 0) {
      ::_exit(did_not_enter);
    }
    std::thread other{[&] {
      // The pipe's end is closed by the other thread: reading would be denied.
      ::pollfd closed{ends[0], POLLIN, 0};
      ::poll(&closed, 1, -1);
      ::_exit(::open("/etc/passwd", O_RDONLY) < 0 ? errno : 0);
    }};
    if (!app::enter_sandbox(adapters::sandbox_mode::on, socket_number)) {
      ::_exit(did_not_enter);
    }
    ::close(ends[1]);
    other.join();
  }
  CHECK(end_of(pid) == fails_with(EACCES));
}

TEST_CASE("where calls are to be named a forbidden one ends the process all the same") {
  CHECK(
      try_in_sandbox([] { return ::kill(::getppid(), 0); }, adapters::sandbox_mode::trap)
      == is_killed
  );
}

TEST_CASE("without the sandbox files can be opened") {
  CHECK(
      try_in_sandbox([] { return ::open("/etc/passwd", O_RDONLY); }, adapters::sandbox_mode::off)
      == is_allowed
  );
}

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
TEST_CASE("memory ends at the bound, by an exception") {
  const auto allocate = [](std::size_t bytes) -> long {
    try {
      void* volatile block = ::operator new(bytes);  // else the compiler leaves both calls out
      ::operator delete(block);
      return 0;
    } catch (const std::bad_alloc&) {
      errno = ENOMEM;
      return -1;
    }
  };
  const auto most = static_cast<std::size_t>(app::codec_memory_bytes);
  CHECK(try_in_sandbox([&] { return allocate(most / 2); }) == is_allowed);
  CHECK(try_in_sandbox([&] { return allocate(most + most / 4); }) == fails_with(ENOMEM));
}
#endif
