// SPDX-License-Identifier: MIT
#include "adapters/blob_store/reencryption.hpp"
#include "adapters/config/loading/load_settings.hpp"
#include "adapters/config/option_table.hpp"
#include "adapters/config/option_texts.hpp"
#include "app/program/program_start.hpp"
#include "app/worker/backup.hpp"
#include "app/worker/complaint.hpp"
#include "app/worker/encryption.hpp"
#include "app/worker/new_key.hpp"
#include "app/worker/process/open_adapters.hpp"
#include "app/worker/process/service.hpp"
#include "app/worker/process/watched_files/tls_files.hpp"
#include "app/worker/verify_audit.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <iostream>
#include <string>
#include <unistd.h>
#include <vector>

namespace {

using stayler::adapters::command_line;
using stayler::adapters::current_blobs;
using stayler::app::bad_usage;
using stayler::app::complain;

std::vector<std::string> environment_names() {
  std::vector<std::string> names;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string assignment{*entry};
    names.push_back(assignment.substr(0, assignment.find('=')));
  }
  return names;
}

std::optional<std::string> environment_value(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>{value};
}

bool is_secret(const std::string& name) {
  return std::ranges::any_of(stayler::adapters::all_options(), [&name](const auto& each) {
    return each.is_secret
           && (each.names.variable == name
               || std::ranges::find(each.names.standard, name) != each.names.standard.end());
  });
}

/// What was read is in the settings now: the environment, which children inherit and /proc shows,
/// has the secrets no longer.
void forget_secrets(const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    char* value = is_secret(name) ? std::getenv(name.c_str()) : nullptr;
    if (value != nullptr) {
      explicit_bzero(value, std::strlen(value));
      unsetenv(name.c_str());
    }
  }
}

int report(const std::vector<stayler::field_problem>& problems) {
  for (const auto& problem : problems) {
    std::cerr << "stayler-worker: " << problem.field << ": " << problem.message << '\n';
  }
  return bad_usage;
}

int run(const command_line& wanted) {
  switch (wanted.what) {
    case command_line::action::show_help:
      std::cout << stayler::adapters::help_text();
      return 0;
    case command_line::action::show_version:
      std::cout << "stayler-worker " STAYLER_VERSION "\n";
      return 0;
    case command_line::action::check_config:
      if (const auto usable = stayler::app::check_tls_files(wanted.effective); !usable) {
        return complain(usable.error().message, bad_usage);
      }
      if (const auto usable = stayler::app::check_blob_store(wanted.effective); !usable) {
        return complain(usable.error().message, bad_usage);
      }
      for (const auto& each : wanted.ignored) {
        std::cerr << "stayler-worker: " << each.field << ": ignored, as it " << each.message
                  << '\n';
      }
      std::cout << "configuration ok\n";
      return 0;
    case command_line::action::rekey:
      return stayler::app::rekey(wanted.effective, current_blobs::passed_over);
    case command_line::action::rekey_and_check:
      return stayler::app::rekey(wanted.effective, current_blobs::checked);
    case command_line::action::verify_audit:
      return stayler::app::verify_audit_trail(wanted.effective);
    case command_line::action::back_up:
      return stayler::app::back_up(wanted.effective, wanted.folder);
    case command_line::action::restore:
      return stayler::app::restore(wanted.effective, wanted.folder);
    case command_line::action::run:
      break;
  }
  return stayler::app::run_service(wanted.effective, wanted.ignored);
}

}  // namespace

int main(int argc, char** argv) {
  stayler::app::start_program();
  try {
    const std::vector<std::string> arguments{argv + 1, argv + argc};
    if (std::ranges::find(arguments, "--new-key") != arguments.end()) {
      return stayler::app::make_new_key(arguments);
    }
    if (std::ranges::find(arguments, "--new-encryption-key") != arguments.end()) {
      return stayler::app::make_new_encryption_key(arguments);
    }
    const auto names = environment_names();
    const command_line wanted =
        stayler::adapters::load_settings(arguments, environment_value, names);
    forget_secrets(names);
    return wanted.problems.empty() ? run(wanted) : report(wanted.problems);
  } catch (const std::exception& error) {
    return complain(error.what(), EXIT_FAILURE);
  }
}
