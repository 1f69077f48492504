// SPDX-License-Identifier: MIT
#include "app/cli/doctor/worker_program.hpp"

#include "messages/base/text.hpp"

#include <array>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace stayler::cli {

namespace {

constexpr std::string_view worker_name = "stayler-worker";

bool is_program(const std::filesystem::path& file) {
  std::error_code error;
  return std::filesystem::is_regular_file(file, error) && ::access(file.c_str(), X_OK) == 0;
}

}  // namespace

std::filesystem::path find_worker_program(const variables& environment) {
  std::error_code error;
  const auto own = std::filesystem::read_symlink("/proc/self/exe", error).parent_path();
  // Installed, the two lie side by side; a build has a folder for each.
  for (const auto& near : {own / worker_name, own / ".." / "worker" / worker_name}) {
    if (!own.empty() && is_program(near)) {
      return near.lexically_normal();
    }
  }
  const auto path = environment("PATH").value_or("");
  for (std::string_view rest = path; !rest.empty();) {
    auto file = std::filesystem::path{take_until(rest, ":")} / worker_name;
    if (is_program(file)) {
      return file;
    }
  }
  return {};
}

ended_program run_to_end(
    const std::filesystem::path& program, const std::vector<std::string>& arguments
) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return {};
  }
  ::posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, ends[1], STDERR_FILENO);
  std::vector<std::string> words{program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (auto& word : words) {
    pointers.push_back(word.data());
  }
  pointers.push_back(nullptr);
  ::pid_t pid = -1;
  const int failed =
      ::posix_spawn(&pid, program.c_str(), &actions, nullptr, pointers.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  ended_program ended;
  std::array<char, 4096> buffer{};
  for (auto count = ::read(ends[0], buffer.data(), buffer.size()); count > 0;
       count = ::read(ends[0], buffer.data(), buffer.size())) {
    ended.output.append(buffer.data(), static_cast<std::size_t>(count));
  }
  ::close(ends[0]);
  int status = 0;
  if (failed == 0 && ::waitpid(pid, &status, 0) == pid && WIFEXITED(status)) {
    ended.exit_code = WEXITSTATUS(status);
  }
  return ended;
}

}  // namespace stayler::cli
