// SPDX-License-Identifier: MIT
#include "app/cli/command_context.hpp"

#include "app/cli/client/interruption.hpp"
#include "app/cli/output/json_texts.hpp"
#include "messages/base/duration.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

namespace stayler::cli {

namespace {

std::string question_mark(const profile& chosen) {
  return chosen.badge.empty() ? std::string{} : "[" + chosen.badge + "] ";
}

/// Ctrl-C at a question is no answer to it.
std::string ask_for_line(const console& out, const std::string& question) {
  auto line = out.ask(question);
  if (was_interrupted()) {
    throw command_error{exit_code::interrupted, "interrupted", "", "nothing was done"};
  }
  return line;
}

}  // namespace

command_context::command_context(
    const parsed_line& line, const console& output, const variables& environment
)
    : given(line), out(output), environment_(environment) {
  const auto file = read_profiles(profile_path(environment));
  const auto name =
      given.value("profile").value_or(environment("STAYLER_PROFILE").value_or(file.default_name));
  // Who is about to choose another default can do so where the present one is gone.
  const bool may_be_missing =
      given.command->name.starts_with("profile") || given.command->name == "login";
  if (!may_be_missing || file.profiles.contains(name)) {
    chosen_ = choose_profile(file, name);
  }
}

api_client& command_context::api() {
  if (api_ == nullptr) {
    const connection_flags flags{
        .url = given.value("url").value_or(""),
        .key_file = given.value("key-file").value_or(""),
        .timeout = given.value("timeout").value_or(""),
        .is_profile_given = given.has("profile")};
    auto how = make_connection(chosen_, flags, environment_);
    api_client::reporter report;
    if (out.options().is_verbose) {
      out.complain(
          fmt::format("{}, key: {}", how.url, how.key.empty() ? "none" : "from " + how.key_source)
      );
      report = [this](const std::string& text) { out.complain(text); };
    }
    api_ = std::make_unique<api_client>(std::move(how), std::move(report));
    api_->set_needed_role(std::string{given.command->role});
  }
  return *api_;
}

timestamp command_context::now() {
  return to_timestamp(std::chrono::system_clock::now());
}

std::string command_context::time(std::string_view text) const {
  return show_time(text, out.options().times, now());
}

long command_context::number(std::string_view flag, long usual, long least, long most) const {
  return number_of_flag(given, flag, usual, least, most);
}

long number_of_flag(
    const parsed_line& given, std::string_view flag, long usual, long least, long most
) {
  const auto text = given.value(flag);
  if (!text) {
    return usual;
  }
  const auto number = parse_number<long>(*text);
  if (!number || *number < least || *number > most) {
    refuse_usage(
        fmt::format("cannot use --{} {}", flag, *text), "it is no number that is allowed there",
        fmt::format("say a whole number from {} to {}", least, most)
    );
  }
  return *number;
}

milliseconds command_context::duration(std::string_view flag, milliseconds usual) const {
  const auto text = given.value(flag);
  if (!text) {
    return usual;
  }
  const auto parsed = parse_duration(*text);
  if (!parsed) {
    refuse_usage(
        fmt::format("cannot use --{} {}", flag, *text), parsed.error().message, "say 30s, 5m or 1h"
    );
  }
  return *parsed;
}

void command_context::print_json(const std::string& body, std::string_view list) const {
  const auto& fields = out.options().json_fields;
  if (fields.empty()) {
    out.print(trim(body, " \r\n"));
    return;
  }
  const auto parsed = adapters::parse_json(body);
  out.print(parsed ? to_json_with_fields(*parsed, list, fields) : body);
}

bool command_context::confirm(const std::string& question) const {
  if (out.options().says_yes) {
    return true;
  }
  if (out.options().asks_nothing) {
    refuse_usage("not done: " + question, "nobody can be asked here", "say --yes to do it");
  }
  const auto answer = to_lower(ask_for_line(out, question_mark(chosen_) + question + " [y/N] "));
  return answer == "y" || answer == "yes";
}

bool command_context::confirm_by(const std::string& question, const std::string& text) const {
  if (out.options().says_yes) {
    return true;
  }
  if (out.options().asks_nothing) {
    refuse_usage("not done: " + question, "nobody can be asked here", "say --yes to do it");
  }
  return ask_for_line(
             out, fmt::format("{}{} Type {} to do it: ", question_mark(chosen_), question, text)
         )
         == text;
}

}  // namespace stayler::cli
