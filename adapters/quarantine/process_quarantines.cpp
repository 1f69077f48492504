// SPDX-License-Identifier: MIT
#include "adapters/quarantine/process_quarantines.hpp"

#include "adapters/quarantine/quarantine_environment.hpp"
#include "adapters/spawn/spawn_program.hpp"
#include "messages/base/uuid.hpp"
#include "messages/service/quarantine.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

/// A process that was told to end has this long before it is killed.
constexpr std::chrono::seconds end_patience{10};

/// How soon the end of a process is heard of, while there are any.
constexpr std::chrono::milliseconds look_interval{50};

/// Of a name, what tells it from others.
constexpr std::size_t name_digits = 12;

std::string new_name() {
  const std::string id = to_string(make_uuid_v7(std::chrono::system_clock::now()));
  return id.substr(id.size() - name_digits) + std::string{quarantine_suffix};
}

std::string describe_end(const ::siginfo_t& ended) {
  if (ended.si_code == CLD_EXITED) {
    return "ended with exit code " + std::to_string(ended.si_status);
  }
  const char* name = ::sigdescr_np(ended.si_status);
  return "was ended by signal " + std::to_string(ended.si_status)
         + (name == nullptr ? std::string{} : ", " + std::string{name});
}

}  // namespace

result<std::shared_ptr<process_quarantines>> process_quarantines::make(std::filesystem::path program
) {
  auto identity = inner_identity::make("IP:127.0.0.1,DNS:*" + std::string{quarantine_suffix});
  if (!identity) {
    return std::move(identity).error();
  }
  return std::make_shared<process_quarantines>(std::move(program), std::move(*identity));
}

process_quarantines::process_quarantines(std::filesystem::path program, inner_identity identity)
    : program_(std::move(program)), identity_(std::move(identity)), keeper_([this] { keep(); }) {}

process_quarantines::~process_quarantines() {
  {
    const std::lock_guard lock{mutex_};
    is_closing_ = true;
  }
  changed_.notify_all();
  keeper_.join();
}

void process_quarantines::set_coordinator_port(std::uint16_t port) {
  const std::lock_guard lock{mutex_};
  port_ = port;
  changed_.notify_all();
}

result<std::string> process_quarantines::start(const settings& config) {
  const std::lock_guard lock{mutex_};
  if (is_closing_) {
    return failure{error_class::unavailable, "the coordinator is about to end"};
  }
  std::string name = new_name();
  run& one = runs_[name];
  one.environment = quarantine_environment(quarantine_settings(config, name), ::getpid());
  changed_.notify_all();
  return name;
}

void process_quarantines::end(const std::string& name) {
  const std::lock_guard lock{mutex_};
  const auto found = runs_.find(name);
  if (found == runs_.end() || found->second.is_to_end) {
    return;
  }
  run& one = found->second;
  one.is_to_end = true;
  one.kill_at = clock::now() + end_patience;
  if (one.pid > 0) {
    ::kill(one.pid, SIGTERM);
  } else {
    one.is_over = true;
  }
  changed_.notify_all();
}

std::optional<std::string> process_quarantines::how_it_ended(const std::string& name) {
  const std::lock_guard lock{mutex_};
  const auto found = runs_.find(name);
  if (found == runs_.end() || found->second.is_to_end) {
    return std::nullopt;
  }
  look_after(found->second);
  return found->second.is_over ? std::optional{found->second.how} : std::nullopt;
}

std::vector<std::string> process_quarantines::names() {
  const std::lock_guard lock{mutex_};
  std::vector<std::string> known;
  for (const auto& [name, one] : runs_) {
    if (!one.is_to_end) {
      known.push_back(name);
    }
  }
  return known;
}

void process_quarantines::keep() {
  std::unique_lock lock{mutex_};
  while (!is_closing_) {
    bool is_any_at_work = false;
    for (auto& [name, one] : runs_) {
      if (port_ != 0 && one.pid < 0 && !one.is_over) {
        start_process(one);
      }
      look_after(one);
      is_any_at_work = is_any_at_work || !one.is_over;
    }
    std::erase_if(runs_, [](const auto& entry) {
      return entry.second.is_to_end && entry.second.is_over;
    });
    is_any_at_work ? static_cast<void>(changed_.wait_for(lock, look_interval))
                   : changed_.wait(lock);
  }
  for (auto& [name, one] : runs_) {
    kill_and_wait(one);
  }
}

void process_quarantines::start_process(run& one) {
  const auto [certificate, key] = identity_.descriptors();
  program_start start;
  start.program = program_;
  start.environment = std::exchange(one.environment, {});
  start.environment.push_back(quarantine_coordinator(port_));
  start.descriptors = {
      {certificate, quarantine_certificate_descriptor}, {key, quarantine_key_descriptor}};
  start.keeps_stderr = true;
  if (const auto pid = spawn_program(start)) {
    one.pid = *pid;
  } else {
    one.is_over = true;
    one.how = "could not be started: " + pid.error().message;
  }
}

/// Whether it has ended meanwhile.
void process_quarantines::look_after(run& one) {
  if (one.pid < 0) {
    return;
  }
  ::siginfo_t ended{};
  const auto id = static_cast<::id_t>(one.pid);
  const bool has_ended =
      ::waitid(P_PID, id, &ended, WEXITED | WNOHANG) == 0 && ended.si_pid == one.pid;
  if (has_ended) {
    one.pid = -1;
    one.is_over = true;
    one.how = describe_end(ended);
  } else if (one.is_to_end && clock::now() >= one.kill_at) {
    ::kill(one.pid, SIGKILL);
  }
}

void process_quarantines::kill_and_wait(run& one) {
  if (one.pid < 0) {
    return;
  }
  ::kill(one.pid, SIGKILL);
  ::siginfo_t ended{};
  while (::waitid(P_PID, static_cast<::id_t>(one.pid), &ended, WEXITED) != 0 && errno == EINTR) {
  }
  one.pid = -1;
}

}  // namespace stayler::adapters
