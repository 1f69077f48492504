// SPDX-License-Identifier: MIT

// stayler-codec: decodes and encodes pictures for stayler-worker, which starts it. Pictures come
// from strangers and decoders have bugs: so this process has nothing that is worth taking, and can
// do nothing but answer.

#include "adapters/image_codec/pixels/local_image_codec.hpp"
#include "adapters/image_codec/process/answer_text.hpp"
#include "adapters/image_codec/process/wire/codec_socket.hpp"
#include "adapters/image_codec/process/wire/shared_memory.hpp"
#include "app/codec/codec_service.hpp"
#include "app/codec/process_setup.hpp"
#include "app/codec/sandbox/sandbox.hpp"
#include "app/codec/warm_up.hpp"
#include "app/program/program_start.hpp"

#include <exception>
#include <fcntl.h>
#include <iostream>
#include <memory>
#include <unistd.h>

namespace stayler::app {

namespace {

using namespace adapters;

std::unique_ptr<image_codec> make_engine(const codec_limits& limits) {
  return make_local_image_codec(limits);
}

/// From here on descriptor 0 is what it is elsewhere.
void drop_memory_descriptor() {
  const int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  ::dup2(null, codec_memory_descriptor);
  ::close(null);
}

result<std::unique_ptr<image_codec>> start_codec(const codec_setup& setup) {
  if (auto found = choose_magick_policy(); !found) {
    return std::move(found).error();
  }
  auto engine = make_engine(setup.limits);
  if (auto warm = warm_up(*engine); !warm) {
    return std::move(warm).error();
  }
  drop_memory_descriptor();
  if (auto safe = enter_sandbox(setup.sandbox, codec_socket_descriptor); !safe) {
    return std::move(safe).error();
  }
  return engine;
}

int run() {
  codec_setup setup;
  if (receive_message(codec_socket_descriptor, setup) != receipt::message) {
    std::cerr << "stayler-codec: stayler-worker starts this program, nobody else\n";
    return 2;
  }
  if (!settle_process(setup.service)) {
    return 0;
  }
  const auto memory = shared_memory::map(codec_memory_descriptor, setup.memory_bytes);
  if (!memory) {
    return 1;
  }
  auto codec = start_codec(setup);
  codec_answer ready;
  ready.outcome = codec ? codec_answer::is_done : codec_answer::is_refused;
  if (!codec) {
    set_text(ready, codec.error().message);
  }
  if (!send_message(codec_socket_descriptor, ready) || !codec) {
    return 1;
  }
  serve_calls(
      codec_socket_descriptor, **codec, memory->bytes().first(setup.input_bytes),
      memory->bytes().subspan(setup.input_bytes)
  );
  return 0;
}

}  // namespace

}  // namespace stayler::app

int main() {
  stayler::app::start_program();
  int code = 1;
  try {
    code = stayler::app::run();
  } catch (const std::exception& error) {
    std::cerr << "stayler-codec: " << error.what() << '\n';
  }
  // What libraries do at the exit is more than the filter allows.
  ::_exit(code);
}
