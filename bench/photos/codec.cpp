// SPDX-License-Identifier: MIT

// What the codec costs: CPU time of each call in a process that is warm, and CPU time and memory of
// whole processes beside the programs that users would run instead.
//
// usage: codec-bench PHOTO...            (JPEGs; needs djpeg, cjpeg and vipsthumbnail)
//        codec-bench --once CALL PHOTO [OUT]   (CALL: prepare, sanitize, finish, thumbnail)
#include "adapters/image_codec/pixels/local_image_codec.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

using namespace stayler;

shared_bytes read_file(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  const auto bytes = std::as_bytes(std::span{text});
  return std::make_shared<const std::vector<std::byte>>(bytes.begin(), bytes.end());
}

adapters::codec_limits bench_limits() {
  adapters::codec_limits limits;
  limits.max_bytes = 200ULL << 20U;
  return limits;
}

image_operation resize_to(std::uint32_t side) {
  image_operation operation;
  operation.what = image_operation::kind::resize;
  operation.width = operation.height = side;
  return operation;
}

/// What the call has made; the program ends where it fails.
shared_bytes call(
    adapters::image_codec& codec, const std::string& name, const shared_bytes& photo
) {
  const auto checked = [](const auto& answer, const auto& bytes_in) {
    if (!answer) {
      std::fprintf(stderr, "codec-bench: %s\n", answer.error().message.c_str());
      std::exit(1);
    }
    return bytes_in(*answer);
  };
  if (name == "prepare") {
    return checked(codec.prepare(photo), [](const auto& made) { return made.picture.bytes; });
  }
  if (name == "sanitize") {
    return checked(codec.sanitize(photo), [](const auto& made) {
      return made.content.picture.bytes;
    });
  }
  if (name == "finish") {
    return checked(codec.finish(photo, image_format::jpeg, {}), [](const auto& made) {
      return made.picture.bytes;
    });
  }
  return checked(codec.transform(photo, {resize_to(512)}), [](const auto& made) {
    return made.picture.bytes;
  });
}

double cpu_milliseconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

/// The median of a call's CPU time in a warm process.
void measure_calls(const std::string& path) {
  constexpr std::size_t rounds = 15;
  const auto codec = adapters::make_local_image_codec(bench_limits());
  const auto photo = read_file(path);
  for (const char* name : {"prepare", "sanitize", "finish", "thumbnail"}) {
    std::vector<double> times;
    std::size_t bytes = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
      const double before = cpu_milliseconds();
      bytes = call(*codec, name, photo)->size();
      times.push_back(cpu_milliseconds() - before);
    }
    std::ranges::sort(times);
    std::printf("  %-44s %7.1f ms  %28zu bytes\n", name, times[rounds / 2], bytes);
  }
}

/// CPU time and peak memory of a command and of all that it starts.
void measure_process(const std::string& label, const std::string& command) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child == 0) {
    execl("/bin/sh", "sh", "-c", command.c_str(), static_cast<char*>(nullptr));
    _exit(127);
  }
  int status = 0;
  rusage used{};
  wait4(child, &status, 0, &used);
  const auto milliseconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_usec) / 1e3;
  };
  if (status != 0) {
    std::printf("  %-44s failed\n", label.c_str());
    return;
  }
  std::printf(
      "  %-44s %7.1f ms  %7.1f MiB\n", label.c_str(),
      milliseconds(used.ru_utime) + milliseconds(used.ru_stime),
      static_cast<double>(used.ru_maxrss) / 1024
  );
}

void measure_processes(const std::string& self, const std::string& photo) {
  const std::string in = "'" + photo + "'";
  measure_process("process: codec, prepare", "exec '" + self + "' --once prepare " + in);
  measure_process(
      "process: djpeg -scale 1/2 | cjpeg -quality 88",
      "djpeg -scale 1/2 " + in + " | cjpeg -quality 88 >/dev/null"
  );
  measure_process("process: codec, thumbnail", "exec '" + self + "' --once thumbnail " + in);
  measure_process(
      "process: vipsthumbnail --size 512", "VIPS_CONCURRENCY=1 exec vipsthumbnail " + in
                                               + " --size 512 --rotate -o /dev/null.jpg[Q=80,strip]"
  );
}

}  // namespace

int main(int count, char** arguments) {
  const std::vector<std::string> words(arguments, arguments + count);
  if (count >= 4 && words[1] == "--once") {
    const auto codec = adapters::make_local_image_codec(bench_limits());
    const auto made = call(*codec, words[2], read_file(words[3]));
    if (count > 4) {
      std::ofstream out{words[4], std::ios::binary};
      out.write(
          reinterpret_cast<const char*>(made->data()), static_cast<std::streamsize>(made->size())
      );
    }
    return 0;
  }
  if (count < 2) {
    std::fputs("usage: codec-bench PHOTO... | codec-bench --once CALL PHOTO [OUT]\n", stderr);
    return 2;
  }
  for (std::size_t i = 1; i < words.size(); ++i) {
    std::printf("%s\n", words[i].c_str());
    measure_calls(words[i]);
    measure_processes(words[0], words[i]);
  }
}
