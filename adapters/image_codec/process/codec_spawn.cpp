// SPDX-License-Identifier: MIT
#include "adapters/image_codec/process/codec_spawn.hpp"

#include "adapters/image_codec/process/wire/codec_wire.hpp"
#include "adapters/spawn/spawn_program.hpp"

namespace stayler::adapters {

result<::pid_t> spawn_codec(
    const std::filesystem::path& program, int memory, int socket, bool keeps_stderr
) {
  program_start start;
  start.program = program;
  start.environment = {"MALLOC_ARENA_MAX=1", "OMP_NUM_THREADS=1"};
  start.descriptors = {{memory, codec_memory_descriptor}, {socket, codec_socket_descriptor}};
  start.keeps_stderr = keeps_stderr;
  return spawn_program(start);
}

}  // namespace stayler::adapters
