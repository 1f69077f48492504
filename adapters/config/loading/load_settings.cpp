// SPDX-License-Identifier: MIT
#include "adapters/config/loading/load_settings.hpp"

#include "adapters/config/loading/settings_file.hpp"
#include "adapters/config/loading/variable_names.hpp"
#include "adapters/config/option_table.hpp"
#include "adapters/config/settings_rules.hpp"
#include "adapters/config/wording.hpp"
#include "adapters/small_file/small_file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace stayler::adapters {

namespace {

/// Short names for flags that are typed by hand.
std::string full_flag(const std::string& flag) {
  return flag == "--role" ? "--worker-role" : flag == "--join" ? "--node-join" : flag;
}

std::vector<std::string> known_flags() {
  std::vector<std::string> flags{"--config",       "--check-config", "--help",
                                 "--new-key",      "--version",      "--new-encryption-key",
                                 "--verify-audit", "--rekey",        "--rekey-and-check",
                                 "--role",         "--join",         "--backup",
                                 "--restore"};
  for (const std::string& variable : known_variables()) {
    flags.push_back(flag_of_variable(variable));
  }
  return flags;
}

class loader {
 public:
  void read_arguments(std::span<const std::string> arguments);
  void apply_standard_names(const environment& env);
  void apply_file();
  void apply_environment(const environment& env, std::span<const std::string> names);
  void apply_flags() { apply(flags_); }
  command_line finish() &&;

  [[nodiscard]] bool shows_only() const {
    return result_.what == command_line::action::show_help
           || result_.what == command_line::action::show_version;
  }

 private:
  void read_argument(std::span<const std::string> arguments, std::size_t& at);
  void read_flag(const std::string& flag, std::optional<std::string> value);
  void keep_flag(assignment given);
  void apply(const std::vector<assignment>& layer);
  void apply_one(const named_option& to, const assignment& given);
  void add_problem(std::string field, std::string message) {
    result_.problems.push_back({std::move(field), std::move(message)});
  }
  void ignore(std::string name, std::string why) {
    result_.ignored.push_back({std::move(name), std::move(why)});
  }
  void tell_of_likeness(const std::string& name, const environment& env);

  command_line result_;
  std::optional<std::string> file_;
  std::vector<assignment> flags_;
};

void loader::read_arguments(std::span<const std::string> arguments) {
  for (std::size_t at = 0; at < arguments.size() && !shows_only(); ++at) {
    read_argument(arguments, at);
  }
}

void loader::read_argument(std::span<const std::string> arguments, std::size_t& at) {
  const std::string& argument = arguments[at];
  const std::size_t equals = argument.find('=');
  const std::string flag = full_flag(argument.substr(0, equals));
  const auto next = [&]() -> std::optional<std::string> {
    if (equals != std::string::npos) {
      return argument.substr(equals + 1);
    }
    const bool has_next = at + 1 < arguments.size() && !arguments[at + 1].starts_with("--");
    return has_next ? std::optional{arguments[++at]} : std::nullopt;
  };
  if (argument == "--help" || argument == "-h") {
    result_.what = command_line::action::show_help;
  } else if (argument == "--version") {
    result_.what = command_line::action::show_version;
  } else if (argument == "--check-config") {
    result_.what = command_line::action::check_config;
  } else if (argument == "--rekey") {
    result_.what = command_line::action::rekey;
  } else if (argument == "--rekey-and-check") {
    result_.what = command_line::action::rekey_and_check;
  } else if (argument == "--verify-audit") {
    result_.what = command_line::action::verify_audit;
  } else if (flag == "--backup" || flag == "--restore") {
    result_.what =
        flag == "--backup" ? command_line::action::back_up : command_line::action::restore;
    result_.folder = next().value_or("");
    if (result_.folder.empty()) {
      add_problem(flag, "needs a folder");
    }
  } else if (!flag.starts_with("--")) {
    // Not quoted: it may be the secret that follows a misspelt flag.
    add_problem("argument " + std::to_string(at + 1), "is not a flag; see --help");
  } else {
    read_flag(flag, next());
  }
}

void loader::read_flag(const std::string& flag, std::optional<std::string> value) {
  const std::string variable = variable_of_flag(flag);
  const named_option to = find_named_option(variable);
  const bool is_option = to.which != nullptr && flag == flag_of_variable(variable);
  if (flag != "--config" && !is_option) {
    add_problem(
        in_quotes(flag), "is not a flag; the nearest is " + nearest_name(flag, known_flags())
    );
  } else if (!value) {
    add_problem(flag, "needs a value");
  } else if (!is_option) {
    file_ = std::move(value);
  } else if (to.which->is_secret && !to.by_file) {
    add_problem(
        flag, "a command line can be read by everyone on the machine; set " + variable + " or "
                  + variable + std::string{file_suffix} + " instead"
    );
  } else {
    keep_flag({variable, std::move(*value), flag});
  }
}

void loader::keep_flag(assignment given) {
  // One coordinator each: --join a:1 --join b:2.
  const auto earlier = std::ranges::find(flags_, given.name, &assignment::name);
  if (given.name == "NODE_JOIN" && earlier != flags_.end()) {
    earlier->value += "," + given.value;
  } else {
    flags_.push_back(std::move(given));
  }
}

void loader::apply_standard_names(const environment& env) {
  for (const option& each : all_options()) {
    for (const std::string_view name : each.names.standard) {
      const auto value = name.empty() ? std::nullopt : env(std::string{name});
      if (value && !value->empty()) {
        apply_one({&each, false}, {std::string{name}, *value, "the environment"});
        break;
      }
    }
  }
}

void loader::apply_file() {
  if (!file_) {
    return;
  }
  const auto text = read_small_file(*file_);
  if (!text) {
    add_problem("--config", "cannot read " + in_quotes(*file_) + ": " + text.error().message);
    return;
  }
  settings_file read = parse_settings_file(*text, *file_);
  std::move(read.problems.begin(), read.problems.end(), std::back_inserter(result_.problems));
  apply(read.assignments);
}

void loader::apply_environment(const environment& env, std::span<const std::string> names) {
  std::vector<assignment> layer;
  for (const std::string& name : known_variables()) {
    auto value = env(name);
    if (value && is_service_link(name, *value)) {
      ignore(name, "is the address of a service that Kubernetes has put there, and is no setting");
    } else if (value) {
      layer.push_back({name, std::move(*value), "the environment"});
    }
  }
  for (const std::string& name : names) {
    if (is_misspelt(name, env(name).value_or(""))) {
      layer.push_back({name, {}, "the environment"});
    } else if (!is_service_link(name, env(name).value_or(""))) {
      tell_of_likeness(name, env);
    }
  }
  apply(layer);
}

void loader::tell_of_likeness(const std::string& name, const environment& env) {
  if (name.empty() || find_named_option(name).which != nullptr) {
    return;
  }
  // Where the option is set as well, the other is another program's.
  const std::string alike = variable_with_words_of(name);
  if (!alike.empty() && !env(alike)) {
    ignore(name, "is not an option of this service; the nearest is " + alike);
  }
}

void loader::apply(const std::vector<assignment>& layer) {
  std::set<const option*> secrets;
  for (const assignment& given : layer) {
    const named_option to = find_named_option(given.name);
    // An empty secret is none: GEMINI_API_KEY= may stand beside GEMINI_API_KEY_FILE.
    if (to.which != nullptr && to.which->is_secret && given.value.empty()) {
      continue;
    }
    if (to.which == nullptr) {
      add_problem(
          given.name, "is not an option; the nearest is "
                          + nearest_name(given.name, known_variables()) + " (" + given.source + ")"
      );
    } else if (to.which->is_secret && !secrets.insert(to.which).second) {
      add_problem(
          std::string{to.which->names.variable},
          "is given twice, as it is or by file (" + given.source + ")"
      );
    } else {
      apply_one(to, given);
    }
  }
}

void loader::apply_one(const named_option& to, const assignment& given) {
  std::string value = given.value;
  if (to.by_file) {
    auto content = read_value_file(value);
    if (!content) {
      add_problem(
          given.name,
          fmt::format(
              "cannot read {}: {} ({})", in_quotes(value), content.error().message, given.source
          )
      );
      return;
    }
    value = std::move(*content);
  }
  if (const std::string problem = to.which->parse(result_.effective, value); !problem.empty()) {
    add_problem(given.name, problem + " (" + given.source + ")");
  }
  if (to.which->file != nullptr) {
    result_.effective.*(to.which->file) = to.by_file ? given.value : "";
  }
}

command_line loader::finish() && {
  // What does not fit together is only worth saying once each value is good in itself.
  if (result_.problems.empty()) {
    for (field_problem& each : validate(result_.effective)) {
      const option* which = find_option_by_json_name(each.field);
      add_problem(std::string{which->names.variable}, std::move(each.message));
    }
  }
  return std::move(result_);
}

}  // namespace

command_line load_settings(
    std::span<const std::string> arguments,
    const environment& env,
    std::span<const std::string> names
) {
  loader load;
  load.read_arguments(arguments);
  if (load.shows_only()) {
    command_line shown;
    shown.what = std::move(load).finish().what;
    return shown;
  }
  load.apply_standard_names(env);
  load.apply_file();
  load.apply_environment(env, names);
  load.apply_flags();
  return std::move(load).finish();
}

}  // namespace stayler::adapters
