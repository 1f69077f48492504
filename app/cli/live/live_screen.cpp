// SPDX-License-Identifier: MIT
#include "app/cli/live/live_screen.hpp"

#include <algorithm>
#include <clocale>
#include <cstdio>
#define NCURSES_NOMACROS 1  // functions, which keep out of other names
#include <curses.h>

namespace stayler::cli {

std::unique_ptr<live_screen> live_screen::open() {
  std::setlocale(LC_ALL, "");
  ::SCREEN* const made = ::newterm(nullptr, stdout, stdin);
  if (made == nullptr) {
    return nullptr;
  }
  // A terminal whose cursor cannot be moved shows lines, and no screen.
  if (::tigetstr("cup") == nullptr) {
    ::endwin();
    ::delscreen(made);
    return nullptr;
  }
  ::cbreak();
  ::noecho();
  ::curs_set(0);
  return std::unique_ptr<live_screen>{new live_screen};
}

live_screen::~live_screen() {
  ::endwin();
}

std::size_t live_screen::width() {
  return static_cast<std::size_t>(getmaxx(stdscr));
}

std::size_t live_screen::height() {
  return static_cast<std::size_t>(std::max(getmaxy(stdscr) - 1, 1));
}

void live_screen::show(const std::vector<std::string>& lines, const std::string& bottom) {
  ::erase();
  const int height = getmaxy(stdscr);
  for (int row = 0; row < height - 1 && row < static_cast<int>(lines.size()); ++row) {
    row == 0 ? ::attron(A_BOLD) : ::attroff(A_BOLD);
    ::mvaddstr(row, 0, lines[static_cast<std::size_t>(row)].c_str());
  }
  ::attroff(A_BOLD);
  ::mvaddnstr(height - 1, 0, bottom.c_str(), static_cast<int>(width()) - 1);
  ::refresh();
}

int live_screen::key_within(std::chrono::milliseconds time) {
  ::timeout(static_cast<int>(time.count()));
  const int key = ::getch();
  return key == ERR ? 0 : key;
}

}  // namespace stayler::cli
