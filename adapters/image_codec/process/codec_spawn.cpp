// SPDX-License-Identifier: MIT
#include "adapters/image_codec/process/codec_spawn.hpp"

#include "adapters/image_codec/process/wire/codec_wire.hpp"
#include "adapters/image_codec/process/wire/file_descriptor.hpp"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <system_error>
#include <unistd.h>

namespace stayler::adapters {

namespace {

/// Which descriptors the new process has.
class file_actions {
 public:
  file_actions() { ::posix_spawn_file_actions_init(&actions_); }
  file_actions(const file_actions&) = delete;
  file_actions& operator=(const file_actions&) = delete;
  ~file_actions() { ::posix_spawn_file_actions_destroy(&actions_); }

  void copy(int from, int to) { ::posix_spawn_file_actions_adddup2(&actions_, from, to); }
  void open_null(int number) {
    ::posix_spawn_file_actions_addopen(&actions_, number, "/dev/null", O_RDWR, 0);
  }
  /// Whatever a library of the service has opened without O_CLOEXEC.
  void close_from(int number) { ::posix_spawn_file_actions_addclosefrom_np(&actions_, number); }

  [[nodiscard]] const ::posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  ::posix_spawn_file_actions_t actions_{};
};

/// A process group of its own, and signals as a new program expects them: the service blocks some.
class spawn_attributes {
 public:
  spawn_attributes() {
    ::posix_spawnattr_init(&attributes_);
    ::sigset_t all;
    ::sigset_t none;
    ::sigfillset(&all);
    ::sigemptyset(&none);
    ::posix_spawnattr_setsigdefault(&attributes_, &all);
    ::posix_spawnattr_setsigmask(&attributes_, &none);
    ::posix_spawnattr_setpgroup(&attributes_, 0);
    ::posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP
    );
  }
  spawn_attributes(const spawn_attributes&) = delete;
  spawn_attributes& operator=(const spawn_attributes&) = delete;
  ~spawn_attributes() { ::posix_spawnattr_destroy(&attributes_); }

  [[nodiscard]] const ::posix_spawnattr_t* get() const { return &attributes_; }

 private:
  ::posix_spawnattr_t attributes_{};
};

/// A copy above those numbers that the new process will use, so that none is overwritten before it
/// is copied to its place.
file_descriptor out_of_the_way(int descriptor) {
  constexpr int lowest = 10;
  return file_descriptor{::fcntl(descriptor, F_DUPFD_CLOEXEC, lowest)};
}

}  // namespace

result<::pid_t> spawn_codec(
    const std::filesystem::path& program, int memory, int socket, bool keeps_stderr
) {
  const file_descriptor memory_copy = out_of_the_way(memory);
  const file_descriptor socket_copy = out_of_the_way(socket);
  if (!memory_copy || !socket_copy) {
    const std::string reason = std::system_category().message(errno);
    return failure{error_class::unavailable, "no descriptor for a codec process: " + reason, {}};
  }
  file_actions files;
  files.copy(memory_copy.number(), codec_memory_descriptor);
  files.open_null(STDOUT_FILENO);
  if (!keeps_stderr) {
    files.open_null(STDERR_FILENO);
  }
  files.copy(socket_copy.number(), codec_socket_descriptor);
  files.close_from(codec_socket_descriptor + 1);

  std::string name = program.string();
  std::string arenas = "MALLOC_ARENA_MAX=1";
  std::string threads = "OMP_NUM_THREADS=1";
  char* const arguments[] = {name.data(), nullptr};
  char* const environment[] = {arenas.data(), threads.data(), nullptr};
  ::pid_t pid = -1;
  const spawn_attributes attributes;
  const int error =
      ::posix_spawn(&pid, name.c_str(), files.get(), attributes.get(), arguments, environment);
  if (error != 0) {
    const std::string reason = std::system_category().message(error);
    return failure{error_class::unavailable, "cannot run " + name + ": " + reason, {}};
  }
  return pid;
}

}  // namespace stayler::adapters
