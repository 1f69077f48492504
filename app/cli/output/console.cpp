// SPDX-License-Identifier: MIT
#include "app/cli/output/console.hpp"

#include "app/cli/command_error.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <sys/ioctl.h>
#include <unistd.h>
#include <utility>

namespace stayler::cli {

namespace {

std::string_view escape_of(colour which) {
  static constexpr std::array<std::string_view, 7> escapes{
      "", "\x1b[1m", "\x1b[2m", "\x1b[31m", "\x1b[32m", "\x1b[33m", "\x1b[34m"};
  return escapes.at(static_cast<std::size_t>(which));
}

void write_line(std::FILE* stream, std::string_view text) {
  std::string line{text};
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stream);
  std::fflush(stream);
}

}  // namespace

console::console(output_options options)
    : options_(std::move(options)),
      out_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      error_is_terminal_(::isatty(STDERR_FILENO) == 1) {}

void console::print(std::string_view text) const {
  std::string line{text};
  line += '\n';
  print_bytes(line);
}

void console::print_bytes(std::string_view bytes) const {
  if (std::fwrite(bytes.data(), 1, bytes.size(), stdout) != bytes.size()
      || std::fflush(stdout) != 0) {
    if (errno == EPIPE) {
      throw reader_left{};
    }
    throw command_error{
        exit_code::refused, "cannot write to stdout", std::strerror(errno),
        "is there room on the disk, and does the reader of the pipe still read?"};
  }
}

void console::note(std::string_view text) const {
  if (!options_.is_quiet) {
    write_line(stderr, text);
  }
}

void console::complain(std::string_view text) const {
  write_line(stderr, text);
}

std::string console::paint(colour which, std::string_view text) const {
  if (!options_.has_colour || which == colour::plain) {
    return std::string{text};
  }
  return std::string{escape_of(which)} + std::string{text} + "\x1b[0m";
}

std::size_t console::width() const noexcept {
  ::winsize size{};
  if (!out_is_terminal_ || ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0) {
    return 0;
  }
  return size.ws_col == 0 ? 80 : size.ws_col;
}

std::string console::ask(std::string_view question) const {
  std::fwrite(question.data(), 1, question.size(), stderr);
  std::fflush(stderr);
  std::string line;
  for (int c = std::fgetc(stdin); c != EOF && c != '\n'; c = std::fgetc(stdin)) {
    line += static_cast<char>(c);
  }
  return line;
}

std::string safe_text(std::string_view text) {
  std::string safe{text};
  for (std::size_t i = 0; i < safe.size(); ++i) {
    const auto byte = static_cast<unsigned char>(safe[i]);
    // C1 controls are two bytes in UTF-8: C2 80 to C2 9F.
    const bool is_c1 =
        byte >= 0x80 && byte < 0xA0 && i > 0 && static_cast<unsigned char>(text[i - 1]) == 0xC2;
    if (is_c1) {
      safe[i - 1] = '?';
    }
    if (byte < 0x20 || byte == 0x7F || is_c1) {
      safe[i] = '?';
    }
  }
  return safe;
}

}  // namespace stayler::cli
