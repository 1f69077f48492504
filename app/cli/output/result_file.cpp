// SPDX-License-Identifier: MIT
#include "app/cli/output/result_file.hpp"

#include "adapters/file_descriptor/write_all.hpp"
#include "app/cli/output/json_texts.hpp"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
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

api_answer ask_for_image(command_context& context, const std::string& id) {
  return context.api().ask(
      {.path = "/images/" + id, .takes_bytes = true, .timeout = longest_download},
      "cannot download picture " + id
  );
}

}  // namespace

void write_file(const std::string& file, std::string_view content, unsigned mode) {
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
  ::unlink(beside.c_str());  // of a run that was killed; and no link of another's is followed
  const int descriptor = ::open(beside.c_str(), O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, mode);
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

void expect_writable(const console& out, const std::string& file) {
  if (file == "-") {
    if (out.is_terminal()) {
      refuse_usage("cannot write bytes to a terminal", "stdout is one", "say -o FILE");
    }
    return;
  }
  const auto parent = std::filesystem::path{file}.parent_path();
  const auto folder = parent.empty() ? std::string{"."} : parent.string();
  const bool is_there = ::access(file.c_str(), F_OK) == 0;
  std::error_code unknown;
  if (std::filesystem::is_directory(file, unknown)) {
    fail_to_write(file, EISDIR);
  }
  if (::access(is_there ? file.c_str() : folder.c_str(), W_OK) != 0) {
    fail_to_write(file, errno);
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

std::string usual_file_name(const std::string& name, const adapters::json_value& job) {
  const auto type = text_of(job, "result.mimeType");
  return name + (type == "image/png" ? ".png" : type == "image/webp" ? ".webp" : ".jpg");
}

std::size_t save_image(
    command_context& context, const std::string& id, const std::string& file, unsigned mode
) {
  const auto answer = ask_for_image(context, id);
  write_file(file, answer.body, mode);
  return answer.body.size();
}

void download_image(command_context& context, const std::string& id, const std::string& file) {
  if (file == "-") {
    expect_writable(context.out, file);
    context.out.print_bytes(ask_for_image(context, id).body);
    return;
  }
  const auto bytes = save_image(context, id, file);
  context.out.note("wrote " + file + ", " + show_bytes(static_cast<double>(bytes)));
}

}  // namespace stayler::cli
