// SPDX-License-Identifier: MIT
#include "app/cli/live/live_view.hpp"

#include "app/cli/client/interruption.hpp"
#include "app/cli/live/live_screen.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds second{1'000};
constexpr std::string_view overview_path = "/worker/overview?window=2m";

api_answer ask_overview(command_context& context) {
  return context.api().ask({.path = std::string{overview_path}}, "cannot show how the service is");
}

/// What is on the screen, and since when.
struct shown_figures {
  adapters::json_value content;
  steady_clock::time_point since;
  std::string trouble;
};

/// Asks once; what is wrong with a service that was there is told on the screen.
void renew(const live_source& source, std::size_t lines, shown_figures& figures) {
  try {
    figures.content = source.ask(lines);
    figures.since = steady_clock::now();
    figures.trouble.clear();
  } catch (const command_error& error) {
    if (error.code != exit_code::unreachable || figures.content.is_null()) {
      throw;
    }
    figures.trouble = error.why;
  }
}

std::string bottom_line(const shown_figures& figures) {
  const auto age =
      std::chrono::duration_cast<std::chrono::seconds>(steady_clock::now() - figures.since);
  return figures.trouble.empty()
             ? std::string{"q quits"}
             : fmt::format("figures of {} s ago: {}", age.count(), figures.trouble);
}

int print_lines(command_context& context, long most) {
  for (long count = 1; !was_interrupted(); ++count) {
    const auto answer = ask_overview(context);
    context.out.is_json() ? context.print_json(answer.body)
                          : context.out.print(render_live_line(answer.json()));
    if (most > 0 && count >= most) {
      break;
    }
    pause_for(second);
  }
  return 0;
}

live_source overview_source(command_context& context) {
  return {
      .ask = [&context](std::size_t) { return ask_overview(context).json(); },
      .render = &render_live_lines};
}

}  // namespace

bool show_screens(command_context& context, const live_source& source, long most) {
  constexpr std::size_t usual_lines = 50;
  shown_figures figures;
  renew(source, usual_lines, figures);  // what is wrong from the beginning is an error like others
  const auto screen = live_screen::open();
  if (screen == nullptr) {
    return false;
  }
  for (long count = 1; !was_interrupted(); ++count) {
    const live_layout layout{
        context.api().how().url, live_screen::width(), context.out.options().has_unicode};
    live_screen::show(source.render(figures.content, layout), bottom_line(figures));
    const int key = live_screen::key_within(second);
    if (key == 'q' || (most > 0 && count >= most)) {
      break;
    }
    renew(source, live_screen::height(), figures);
  }
  return true;
}

int show_live_view(command_context& context) {
  const auto most = context.number("count", 0, 0, 1'000'000'000);
  try {
    const bool wants_screens = context.out.is_terminal() && !context.out.is_json();
    return wants_screens && show_screens(context, overview_source(context), most)
               ? 0
               : print_lines(context, most);
  } catch (const command_error& error) {
    if (error.code == exit_code::interrupted) {
      return 0;  // Ctrl-C is how one leaves such a view
    }
    throw;
  }
}

}  // namespace stayler::cli
