// SPDX-License-Identifier: MIT

// A codec process that does what its name says: the tests run it under many names. "honest" gives
// each picture back as it came, as its own thumbnail, too.

#include "adapters/image_codec/probe/image_probe.hpp"
#include "adapters/image_codec/process/answer_text.hpp"
#include "adapters/image_codec/process/wire/codec_socket.hpp"
#include "adapters/image_codec/process/wire/shared_memory.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <map>
#include <string>
#include <thread>
#include <unistd.h>

using namespace stayler;
using namespace stayler::adapters;

namespace {

/// What one call is answered with, and the output that goes with it.
struct scene {
  const codec_call& call;
  std::span<std::byte> output;
  codec_answer answer;
};

wire_picture picture_at(std::uint64_t offset, std::span<const std::byte> bytes) {
  const auto info = read_image_info(bytes).value();
  return {offset, bytes.size(), static_cast<std::uint32_t>(info.format), info.width, info.height};
}

codec_answer honest_answer(
    const codec_call& call, std::span<const std::byte> input, std::span<std::byte> output
) {
  const auto picture = input.first(call.picture_bytes);
  std::ranges::copy(picture, output.begin());
  codec_answer answer;
  answer.envelope.number = call.envelope.number;
  answer.outcome = codec_answer::is_done;
  answer.picture = picture_at(0, picture);
  answer.thumbnail = answer.picture;
  return answer;
}

void send_part(std::size_t bytes) {
  const std::string part(bytes, 'x');
  ::send(codec_socket_descriptor, part.data(), part.size(), MSG_NOSIGNAL);
}

/// Goes on changing the first bytes of the output, in which the picture's header is.
void scribble(std::span<std::byte> output) {
  std::thread{[output] {
    for (;;) {
      std::ranges::fill(output.first(64), std::byte{0xFF});
    }
  }}.detach();
}

/// By the program's name: what it does to the answer, or instead of it.
const std::map<std::string, std::function<void(scene&)>> lies{
    {"honest", [](scene&) {}},
    {"another-number", [](scene& s) { ++s.answer.envelope.number; }},
    {"another-magic", [](scene& s) { ++s.answer.envelope.magic; }},
    {"far-offset", [](scene& s) { s.answer.picture.offset = s.output.size() - 1; }},
    {"wrapping-offset", [](scene& s) { s.answer.picture.offset = ~0ULL - 3; }},
    {"huge-length", [](scene& s) { s.answer.picture.bytes = ~0ULL; }},
    {"no-length", [](scene& s) { s.answer.picture.bytes = 0; }},
    {"no-thumbnail", [](scene& s) { s.answer.thumbnail = {}; }},
    {"other-sides", [](scene& s) { ++s.answer.picture.width; }},
    {"other-format", [](scene& s) { s.answer.picture.format = 77; }},
    {"no-picture", [](scene& s) { std::ranges::fill(s.output.first(64), std::byte{'<'}); }},
    {"unknown-outcome", [](scene& s) { s.answer.outcome = 9; }},
    {"foreign-error",
     [](scene& s) {
       s.answer.outcome = codec_answer::is_refused;
       s.answer.error = static_cast<std::uint32_t>(error_class::quota_exceeded);
     }},
    {"endless-text",
     [](scene& s) {
       s.answer.outcome = codec_answer::is_refused;
       s.answer.error = static_cast<std::uint32_t>(error_class::invalid_input);
       s.answer.text.fill('\n');
       s.answer.text_bytes = ~0U;
     }},
    {"changes-memory", [](scene& s) { scribble(s.output); }},
    {"shrinks-memory",
     [](scene& s) { s.answer.outcome = ::ftruncate(codec_memory_descriptor, 0) == 0 ? 9 : 1; }},
    {"short-answer", [](scene&) { send_part(10); }},
    {"long-answer", [](scene&) { send_part(sizeof(codec_answer) + 1); }},
    {"out-of-memory", [](scene& s) { s.answer.outcome = codec_answer::is_out_of_memory; }},
    {"silent", [](scene&) { ::pause(); }},
    {"stopped", [](scene&) { ::raise(SIGSTOP); }},
    {"crashing", [](scene&) { ::raise(SIGSEGV); }},
    {"killed", [](scene&) { ::raise(SIGKILL); }},
    {"leaving", [](scene&) { ::_exit(0); }},
    {"busy", [](scene&) { ::raise(SIGXCPU); }},
    {"forbidden", [](scene&) { ::raise(SIGSYS); }},
    {"hanging-up",
     [](scene&) {
       ::close(codec_socket_descriptor);
       ::pause();
     }},
};

int run(const std::string& name) {
  codec_setup setup;
  if (receive_message(codec_socket_descriptor, setup) != receipt::message || name == "stillborn") {
    return 1;
  }
  codec_answer ready;
  ready.outcome = codec_answer::is_done;
  if (name == "unwilling") {
    ready.outcome = codec_answer::is_refused;
    set_text(ready, "it does not want to");
  }
  send_message(codec_socket_descriptor, ready);
  const auto memory = shared_memory::map(codec_memory_descriptor, setup.memory_bytes);
  const auto input = memory->bytes().first(setup.input_bytes);
  const auto output = memory->bytes().subspan(setup.input_bytes);
  codec_call call;
  while (receive_message(codec_socket_descriptor, call) == receipt::message) {
    scene now{call, output, honest_answer(call, input, output)};
    lies.at(name)(now);
    send_message(codec_socket_descriptor, now.answer);
  }
  return 0;
}

}  // namespace

int main(int, char** arguments) {
  // It goes when the test does, even where it would rather sleep.
  ::signal(SIGALRM, SIG_DFL);
  ::alarm(120);
  std::string name{arguments[0]};
  name.erase(0, name.rfind('/') + 1);
  ::_exit(run(name));
}
