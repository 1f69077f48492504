// SPDX-License-Identifier: MIT
#include "adapters/image_codec/process/codec_child.hpp"

#include "adapters/image_codec/process/answer_text.hpp"
#include "adapters/image_codec/process/codec_spawn.hpp"
#include "adapters/image_codec/process/wire/codec_socket.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <ctime>
#include <fstream>
#include <poll.h>
#include <string>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

/// What an answer's pictures may take: a picture that is passed on as it came, and its thumbnail.
constexpr std::uint64_t least_output = 24ULL * 1024 * 1024;
constexpr std::uint64_t room_for_thumbnail = 2ULL * 1024 * 1024;

/// For one call. The clock is the harder bound, but not where a machine is overloaded.
constexpr ::rlim_t cpu_seconds = 20;

std::uint64_t page_size() {
  return static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// Whole pages.
std::uint64_t input_size(const codec_limits& limits) {
  return (limits.max_bytes + page_size() - 1) / page_size() * page_size();
}

failure system_failure(const std::string& what) {
  const std::string reason = std::system_category().message(errno);
  return {error_class::unavailable, what + " failed: " + reason, {}};
}

/// Waits until the socket is readable; false at the deadline.
bool wait_readable(int socket, codec_child::clock::time_point deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - codec_child::clock::now());
    ::pollfd wanted{socket, POLLIN, 0};
    const int found = ::poll(&wanted, 1, static_cast<int>(std::max<long>(left.count(), 0)));
    if (found > 0) {
      return true;
    }
    if (found == 0) {
      return false;
    }
  }
}

/// What a process that has ended by itself says by the way it did.
codec_loss loss_of(const ::siginfo_t& ended) {
  if (ended.si_code == CLD_EXITED) {
    return codec_loss::crashed;
  }
  switch (ended.si_status) {
    case SIGSYS:
      return codec_loss::forbidden_call;
    case SIGXCPU:
      return codec_loss::timeout;
    case SIGKILL:
      return codec_loss::killed;
    default:
      return codec_loss::crashed;
  }
}

}  // namespace

result<std::unique_ptr<codec_child>> codec_child::spawn(const codec_child_options& options) {
  codec_setup setup;
  setup.input_bytes = input_size(options.limits);
  setup.memory_bytes =
      setup.input_bytes + std::max(setup.input_bytes + room_for_thumbnail, least_output);
  setup.service = ::getpid();
  setup.sandbox = options.sandbox;
  setup.limits = options.limits;
  auto file = make_memory_file(setup.memory_bytes);
  if (!file) {
    return std::move(file).error();
  }
  auto memory = shared_memory::map(file->number(), setup.memory_bytes);
  if (!memory) {
    return std::move(memory).error();
  }
  int ends[2] = {-1, -1};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0) {
    return system_failure("socketpair");
  }
  file_descriptor own{ends[0]};
  const file_descriptor theirs{ends[1]};
  const bool keeps_stderr = options.sandbox == sandbox_mode::trap;
  const auto pid = spawn_codec(options.program, file->number(), theirs.number(), keeps_stderr);
  if (!pid) {
    return pid.error();
  }
  std::unique_ptr<codec_child> child{
      new codec_child{*pid, std::move(own), std::move(*memory), setup.input_bytes}};
  send_message(child->socket(), setup);  // where it has ended already, the socket says so
  return child;
}

codec_child::codec_child(
    ::pid_t pid, file_descriptor socket, shared_memory memory, std::size_t input_bytes
)
    : pid_(pid),
      socket_(std::move(socket)),
      memory_(std::move(memory)),
      input_bytes_(input_bytes) {}

codec_child::~codec_child() {
  end(codec_loss::killed);
}

void_result codec_child::read_ready() {
  codec_answer answer;
  switch (receive_message(socket(), answer)) {
    case receipt::closed: {
      const auto how = codec_loss_names[static_cast<std::size_t>(end(codec_loss::crashed))];
      return failure{
          error_class::unavailable, "the codec process has ended: " + std::string{how}, {}};
    }
    case receipt::foreign:
      return failure{error_class::unavailable, "the codec process is of another build", {}};
    case receipt::message:
      break;
  }
  if (answer.outcome != codec_answer::is_done) {
    return failure{error_class::unavailable, text_of(answer), {}};
  }
  return ok();
}

std::variant<codec_answer, codec_loss> codec_child::make_call(
    codec_call& call, std::span<const std::byte> picture, clock::time_point deadline
) {
  call.envelope.number = ++calls_;
  call.picture_bytes = picture.size();
  std::ranges::copy(picture, memory_.bytes().begin());
  allow_cpu_time();
  codec_answer answer;
  // Where it cannot be sent, receiving says why.
  send_message(socket(), call);
  if (!wait_readable(socket(), deadline)) {
    return end(codec_loss::timeout);
  }
  switch (receive_message(socket(), answer)) {
    case receipt::closed:
      return end(codec_loss::crashed);
    case receipt::foreign:
      return end(codec_loss::misbehaved);
    case receipt::message:
      break;
  }
  if (answer.envelope != call.envelope) {
    return end(codec_loss::misbehaved);
  }
  return answer;
}

std::span<const std::byte> codec_child::output() const noexcept {
  return memory_.bytes().subspan(input_bytes_);
}

std::uint64_t codec_child::resident_bytes() const {
  std::ifstream file{"/proc/" + std::to_string(pid_) + "/statm"};
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;
  file >> size >> resident >> shared;
  return file && resident > shared ? (resident - shared) * page_size() : 0;
}

/// Ends the process, if it has not ended yet, and tells why it has: what is suspected where it is
/// killed only now for that.
codec_loss codec_child::end(codec_loss suspected) {
  if (is_reaped_) {
    return suspected;
  }
  // Where its socket is closed its fate is decided, and the signal comes too late to change it. The
  // pid stays its own until it is reaped, which nobody else does.
  ::kill(pid_, SIGKILL);
  ::siginfo_t ended{};
  while (::waitid(P_PID, static_cast<::id_t>(pid_), &ended, WEXITED) != 0 && errno == EINTR) {
  }
  is_reaped_ = true;
  return suspected == codec_loss::crashed ? loss_of(ended) : suspected;
}

/// The limit is one for the whole life: it is raised by a call's share before each call.
void codec_child::allow_cpu_time() const {
  ::clockid_t cpu_clock = 0;
  ::timespec used{};
  if (::clock_getcpuclockid(pid_, &cpu_clock) != 0 || ::clock_gettime(cpu_clock, &used) != 0) {
    return;
  }
  const ::rlimit limit{static_cast<::rlim_t>(used.tv_sec) + cpu_seconds, RLIM_INFINITY};
  ::prlimit(pid_, RLIMIT_CPU, &limit, nullptr);
}

}  // namespace stayler::adapters
