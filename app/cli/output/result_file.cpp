// SPDX-License-Identifier: MIT
#include "app/cli/output/result_file.hpp"

#include "adapters/file_descriptor/write_all.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <span>
#include <sstream>
#include <sys/stat.h>
#include <unistd.h>

namespace stayler::cli {

namespace {

constexpr std::chrono::minutes longest_download{5};

[[noreturn]] void fail_to_write(const std::string& file, int error) {
  throw command_error{
      exit_code::refused, "cannot write " + file, std::strerror(error),
      "name another file by -o, or make room"};
}

}  // namespace

void write_file(const std::string& file, std::string_view content) {
  struct ::stat there {};
  if (::stat(file.c_str(), &there) == 0 && !S_ISREG(there.st_mode)) {
    // /dev/null, a pipe: there is nothing to put in its place.
    std::ofstream stream{file, std::ios::binary};
    if (!(stream << content).flush()) {
      fail_to_write(file, errno);
    }
    return;
  }
  const auto beside = file + ".part";
  const int descriptor = ::open(beside.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0666);
  if (descriptor < 0) {
    fail_to_write(file, errno);
  }
  const int error = adapters::write_all(descriptor, std::as_bytes(std::span{content}));
  ::close(descriptor);
  if (error != 0 || std::rename(beside.c_str(), file.c_str()) != 0) {
    const int why = error != 0 ? error : errno;
    ::unlink(beside.c_str());
    fail_to_write(file, why);
  }
}

std::string read_whole_file(const std::string& file) {
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream content;
  content << stream.rdbuf();
  if (!stream || content.str().empty()) {
    refuse_usage(
        "cannot read " + file, stream ? "it is empty" : std::strerror(errno),
        "name a file that can be read"
    );
  }
  return std::move(content).str();
}

void download_image(command_context& context, const std::string& id, const std::string& file) {
  const auto answer = context.api().ask(
      {.path = "/images/" + id, .timeout = longest_download}, "cannot download picture " + id
  );
  if (file == "-") {
    context.out.print_bytes(answer.body);
    return;
  }
  write_file(file, answer.body);
  context.out.note("wrote " + file + ", " + show_bytes(static_cast<double>(answer.body.size())));
}

}  // namespace stayler::cli
