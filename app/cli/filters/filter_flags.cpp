// SPDX-License-Identifier: MIT
#include "app/cli/filters/filter_flags.hpp"

#include <array>
#include <utility>

namespace stayler::cli {

namespace {

/// Of each flag the filter word that it stands for.
constexpr std::array<std::pair<std::string_view, std::string_view>, 6> flag_words{{
    {"status", "status"},
    {"class", "class"},
    {"user", "user"},
    {"type", "type"},
    {"since", "since"},
    {"before", "before"},
}};

}  // namespace

std::vector<flag_spec> filter_flags() {
  return {
      {.names = "--status",
       .value = "STATUS",
       .meaning = "the same as status:STATUS",
       .completes = completion::nothing,
       .may_repeat = true},
      {.names = "--class",
       .value = "CLASS",
       .meaning = "the same as class:CLASS",
       .completes = completion::nothing,
       .may_repeat = true},
      {.names = "--user", .value = "USER", .meaning = "the same as user:USER"},
      {.names = "--type",
       .value = "TYPE",
       .meaning = "the same as type:TYPE",
       .completes = completion::nothing,
       .may_repeat = true},
      {.names = "--since", .value = "TIME", .meaning = "the same as since:TIME"},
      {.names = "--before", .value = "TIME", .meaning = "the same as before:TIME"},
  };
}

argument_spec filter_argument() {
  return {
      .name = "FILTER",
      .meaning = "words such as status:failed user:ann since:1h; stayler help filters lists them",
      .may_repeat = true,
      .completes = completion::job_filter};
}

job_filter filter_of(const command_context& context, std::span<const std::string> words) {
  std::vector<std::string> all{words.begin(), words.end()};
  for (const auto& [flag, word] : flag_words) {
    for (const auto& value : context.given.values(flag)) {
      all.push_back(std::string{word} + ":" + value);
    }
  }
  return read_filter(all, command_context::now());
}

}  // namespace stayler::cli
