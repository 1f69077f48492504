// SPDX-License-Identifier: MIT
#include "app/gemini_sim/sim_options.hpp"

#include "messages/base/duration.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <limits>
#include <string_view>

namespace stayler::sim {

namespace {

failure refused(std::string message) {
  return {error_class::invalid_input, std::move(message)};
}

template <class Number>
void_result read_number(std::string_view text, Number& into, Number least, Number most) {
  const auto parsed = parse_number<Number>(text);
  if (!parsed || !(*parsed >= least && *parsed <= most)) {
    return refused(fmt::format("expected a number from {} to {}", least, most));
  }
  into = *parsed;
  return ok();
}

template <class Number>
void_result read_number(std::string_view text, Number& into) {
  return read_number(text, into, Number{0}, std::numeric_limits<Number>::max());
}

void_result read_latency(std::string_view text, fault_plan_options& faults) {
  const auto dots = text.find("..");
  const auto least = parse_duration(text.substr(0, dots));
  const auto most = dots == std::string_view::npos ? least : parse_duration(text.substr(dots + 2));
  if (!least || !most || *least > *most) {
    return refused("expected a duration such as 2s, or a range such as 2s..4s");
  }
  faults.latency_min = *least;
  faults.latency_max = *most;
  return ok();
}

void_result read_kinds(std::string_view text, std::vector<fault>& kinds) {
  for (auto rest = text; !rest.empty();) {
    auto parsed = parse_fault(take_until(rest, ","));
    if (!parsed) {
      return parsed.error();
    }
    kinds.push_back(*std::move(parsed));
  }
  return ok();
}

void_result read_format(std::string_view text, bool& as_png) {
  as_png = text == "png";
  return as_png || text == "jpeg" ? ok() : refused("expected jpeg or png");
}

void_result append(std::string_view text, std::vector<std::string>& list) {
  if (text.empty()) {
    return refused("expected a value that is not empty");
  }
  list.emplace_back(text);
  return ok();
}

struct flag {
  std::string_view name;
  std::string_view value;
  std::string_view help;
  void_result (*read)(std::string_view text, sim_options& options);
};

constexpr std::array<flag, 13> flags{{
    {"--address", "ADDRESS", "where to listen (127.0.0.1)",
     [](std::string_view text, sim_options& o) {
       o.address = text;
       return ok();
     }},
    {"--port", "PORT", "0 takes a free one (8090)",
     [](std::string_view text, sim_options& o) { return read_number(text, o.port); }},
    {"--api-key", "KEY", "accept only this key; may be repeated",
     [](std::string_view text, sim_options& o) { return append(text, o.api_keys); }},
    {"--model", "NAME", "serve this model too; may be repeated",
     [](std::string_view text, sim_options& o) { return append(text, o.models); }},
    {"--latency", "TIME[..TIME]", "how long a good answer takes (0s)",
     [](std::string_view text, sim_options& o) { return read_latency(text, o.faults); }},
    {"--fault-rate", "SHARE", "share of all calls that fail, 0 to 1 (0)",
     [](std::string_view text, sim_options& o) {
       return read_number(text, o.faults.rate, 0.0, 1.0);
     }},
    {"--fault-kinds", "KIND,...", "what they fail with (429,503)",
     [](std::string_view text, sim_options& o) { return read_kinds(text, o.faults.kinds); }},
    {"--seed", "NUMBER", "of the chance in faults and latencies (0)",
     [](std::string_view text, sim_options& o) { return read_number(text, o.faults.seed); }},
    {"--requests-per-minute", "NUMBER", "quota of each model, 0 for none (0)",
     [](std::string_view text, sim_options& o) {
       return read_number(text, o.requests_per_minute);
     }},
    {"--requests-per-day", "NUMBER", "quota of each model, 0 for none (0)",
     [](std::string_view text, sim_options& o) { return read_number(text, o.requests_per_day); }},
    {"--picture-format", "jpeg|png", "of the pictures made (jpeg)",
     [](std::string_view text, sim_options& o) { return read_format(text, o.pictures.as_png); }},
    {"--picture-size", "PIXELS", "caps their longer side, 0 for the real size (0)",
     [](std::string_view text, sim_options& o) {
       return read_number(text, o.pictures.longest_side, 0U, 16'000U);
     }},
    {"--cache-bytes", "BYTES", "of finished pictures kept (134217728)",
     [](std::string_view text, sim_options& o) {
       return read_number(text, o.pictures.cache_bytes);
     }},
}};

}  // namespace

result<command_line> parse_command_line(std::span<const char* const> arguments) {
  command_line line;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--help" || argument == "-h") {
      line.wants_help = true;
      continue;
    }
    if (argument == "--version") {
      line.wants_version = true;
      continue;
    }
    const auto equals = argument.find('=');
    const auto name = argument.substr(0, equals);
    const auto* known = std::ranges::find(flags, name, &flag::name);
    if (known == flags.end()) {
      return refused("unknown flag " + std::string{name} + " (see --help)");
    }
    if (equals == std::string_view::npos && i + 1 == arguments.size()) {
      return refused(std::string{name} + " needs a value: " + std::string{known->value});
    }
    const std::string_view value =
        equals == std::string_view::npos ? arguments[++i] : argument.substr(equals + 1);
    if (const auto read = known->read(value, line.options); !read) {
      return refused(
          std::string{name} + ": \"" + std::string{value} + "\": " + read.error().message
      );
    }
  }
  if (line.options.faults.kinds.empty()) {
    (void)read_kinds("429,503", line.options.faults.kinds);
  }
  return line;
}

std::string help_text() {
  std::string text =
      "usage: gemini-sim [FLAG]...\n\n"
      "A local stand-in for the Gemini API that makes pictures and, on request, faults.\n\n";
  for (const auto& each : flags) {
    std::string head = "  " + std::string{each.name} + ' ' + std::string{each.value};
    head.resize(std::max<std::size_t>(head.size() + 1, 34), ' ');
    text += head + std::string{each.help} + '\n';
  }
  text += "  --help, --version\n\nfaults:";
  for (const auto& kind : fault_kinds()) {
    text += ' ' + std::string{kind.name};
  }
  return text + "\n\nA prompt that holds [[sim:KIND]] meets that fault on every call, [[sim:KIND x2]] on the\n"
                "first two; several markers take turns. A request header does the same: x-sim-fault: KIND.\n"
                "Control: POST, GET, DELETE /sim/faults; GET /sim/stats, /sim/calls; POST /sim/reset.\n";
}

}  // namespace stayler::sim
