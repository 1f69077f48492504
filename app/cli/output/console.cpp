// SPDX-License-Identifier: MIT
#include "app/cli/output/console.hpp"

#include "app/cli/command_error.hpp"
#include "app/cli/output/character.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <utility>

namespace stayler::cli {

namespace {

/// One for each colour, and what ends it.
constexpr std::array<std::string_view, 8> escapes{"",         "\x1b[1m",  "\x1b[2m",  "\x1b[31m",
                                                  "\x1b[32m", "\x1b[33m", "\x1b[34m", "\x1b[0m"};

std::size_t terminal_width(int descriptor) noexcept {
  ::winsize size{};
  return ::ioctl(descriptor, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

}  // namespace

bool shows_unicode(
    const std::string& lc_all, const std::string& lc_ctype, const std::string& lang
) {
  const auto& set = !lc_all.empty() ? lc_all : !lc_ctype.empty() ? lc_ctype : lang;
  const auto name = to_upper(set);
  return name.find("UTF-8") != std::string::npos || name.find("UTF8") != std::string::npos;
}

console::console(output_options options)
    : options_(std::move(options)),
      out_is_terminal_(::isatty(STDOUT_FILENO) == 1),
      error_is_terminal_(::isatty(STDERR_FILENO) == 1) {}

void console::print(std::string_view text) const {
  auto line = out_is_terminal_ ? terminal_text(text, options_.has_unicode) : std::string{text};
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
    complain(text);
  }
}

void console::complain(std::string_view text) const {
  auto line = error_is_terminal_ ? terminal_text(text, options_.has_unicode) : std::string{text};
  line += '\n';
  std::fwrite(line.data(), 1, line.size(), stderr);
  std::fflush(stderr);
}

std::string console::paint(colour which, std::string_view text) const {
  if (!options_.has_colour || which == colour::plain) {
    return std::string{text};
  }
  return std::string{escapes.at(static_cast<std::size_t>(which))} + std::string{text}
         + std::string{escapes.back()};
}

bool console::has_lost_reader() const noexcept {
  ::pollfd out{STDOUT_FILENO, 0, 0};
  return ::poll(&out, 1, 0) > 0 && (out.revents & POLLERR) != 0;
}

std::size_t console::width() const noexcept {
  return out_is_terminal_ ? terminal_width(STDOUT_FILENO) : 0;
}

std::size_t console::error_width() const noexcept {
  return error_is_terminal_ ? terminal_width(STDERR_FILENO) : 0;
}

std::string console::ask(std::string_view question) const {
  const auto shown = terminal_text(question, options_.has_unicode);
  std::fwrite(shown.data(), 1, shown.size(), stderr);
  std::fflush(stderr);
  std::string line;
  int c = std::fgetc(stdin);
  for (; c != EOF && c != '\n'; c = std::fgetc(stdin)) {
    line += static_cast<char>(c);
  }
  if (c == EOF) {
    complain("");  // nobody has typed the line end
  }
  return line;
}

std::string console::ask_unseen(std::string_view question) const {
  ::termios before{};
  if (::tcgetattr(STDIN_FILENO, &before) != 0) {
    return ask(question);
  }
  auto unseen = before;
  unseen.c_lflag &= ~static_cast<::tcflag_t>(ECHO);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &unseen);
  auto line = ask(question);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
  complain("");  // the line end was not shown either
  return line;
}

std::string safe_text(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const auto next = first_character(text);
    safe += steers_terminals(next.point) ? "?" : text.substr(0, next.size);
    text.remove_prefix(next.size);
  }
  return safe;
}

std::string terminal_text(std::string_view text, bool has_unicode) {
  std::string safe;
  while (!text.empty()) {
    const auto own = std::ranges::find_if(escapes, [text](std::string_view escape) {
      return !escape.empty() && text.starts_with(escape);
    });
    const auto next = first_character(text);
    const auto size = own != escapes.end() ? own->size() : next.size;
    const bool is_kept = own != escapes.end() || next.point == U'\n' || next.point == U'\t'
                         || (!steers_terminals(next.point) && (has_unicode || next.point < 0x80));
    safe += is_kept ? text.substr(0, size) : "?";
    text.remove_prefix(size);
  }
  return safe;
}

}  // namespace stayler::cli
