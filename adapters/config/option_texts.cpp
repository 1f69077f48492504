// SPDX-License-Identifier: MIT
#include "adapters/config/option_texts.hpp"

#include "adapters/config/option_table.hpp"
#include "messages/base/text.hpp"

namespace stayler::adapters {

namespace {

/// The text in lines of at most 96 characters, each behind the prefix.
std::string wrapped(std::string_view text, const std::string& prefix) {
  std::string lines;
  std::string line = prefix;
  while (!text.empty()) {
    const std::string word{take_until(text, " ")};
    if (line.size() > prefix.size() && line.size() + 1 + word.size() > 96) {
      lines += line + "\n";
      line = prefix;
    }
    line += (line.size() > prefix.size() ? " " : "") + word;
  }
  return lines + line + "\n";
}

std::string fallback_of(const option& each) {
  const std::string names = each.standard_names();
  return names.empty() ? names : " Where it is not set, " + names + " counts.";
}

std::string description(const option& each) {
  std::string text{each.meaning};
  text += " Allowed: ";
  text += each.allowed();
  text += ".";
  text += fallback_of(each);
  if (each.is_secret) {
    text += " Secret; can be read from the file named by ";
    text += each.names.variable;
    text += "_FILE.";
  }
  return text;
}

std::string in_table_cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    cell += c == '|' ? "\\|" : std::string(1, c);
  }
  return cell;
}

std::string default_in_table(const option& each) {
  const std::string value = each.print(settings{});
  return value.empty() ? "(empty)" : "`" + in_table_cell(value) + "`";
}

/// Where a heading of that text is, within a Markdown document.
std::string anchor_of(std::string_view heading) {
  std::string anchor;
  for (const char c : heading) {
    if (c != ',') {
      anchor += c == ' ' ? '-' : to_lower(c);
    }
  }
  return "#" + anchor;
}

std::string contents_line() {
  std::string line;
  for (const option_group& group : option_groups()) {
    line += line.empty() ? "" : " · ";
    line += "[" + std::string{group.title} + "](" + anchor_of(group.title) + ")";
  }
  return line + "\n";
}

std::string table_row(const option& each) {
  return "| `" + std::string{each.names.variable} + "` | " + default_in_table(each) + " | "
         + in_table_cell(each.allowed()) + " | " + in_table_cell(each.meaning) + fallback_of(each)
         + (each.is_secret ? " Secret." : "") + " | `" + std::string{each.names.json} + "` | "
         + (each.is_live ? "yes" : "") + " |\n";
}

constexpr std::string_view usage = R"(Usage: stayler-worker [--config FILE] [--NAME=VALUE ...]

  --config FILE    read options from a file of NAME=value lines
  --role ROLE      what this process is: short for --worker-role
  --join HOST:PORT a coordinator of this worker node; once for each: short for --node-join
  --new-key NAME ROLE [USERS] [--keys-file FILE]
                   make a key of the API and print it with its entry for the file of keys, or
                   append the entry to FILE and print the key alone; USERS: ann+bob
  --new-encryption-key ID
                   make a key for WORKER_ENCRYPTION_KEYS, and print it
  --rekey          encrypt what is stored (images, results, jobs, records, notifications) with the
                   first of WORKER_ENCRYPTION_KEYS, beside services that run, and exit
  --rekey-and-check
                   the same, and look whether images that are encrypted with it can be read
  --backup FOLDER  save jobs, records and pictures of the data folder, beside a service that runs, in
                   FOLDER, which must not exist, and exit
  --restore FOLDER put what was saved there into the data folder, which must be empty, and exit
  --check-config   check the configuration, say what is wrong with it, and exit
  --verify-audit   look whether the audit trail is whole, name the first record that is not, and exit:
                   with 1 then, and with 2 where that cannot be told
  --version        print the version and exit
  --help           print this text and exit

Each option below can be set in the file, in the environment and, unless it is a secret, by a flag:
WORKER_MAX_WORKERS=5 is --worker-max-workers=5. A flag goes before the environment, the environment
before the file, the file before the default. Durations are written 500ms, 30s, 5m, 1h or 1h30m.

)";

constexpr std::string_view example_head =
    R"(# Example settings for stayler-worker: every option, at its default.
# Use: stayler-worker --config FILE. The environment and flags go before this file.
# Generated from the option table by scripts/update-docs.
)";

}  // namespace

std::string help_text() {
  std::string text{usage};
  for (const option_group& group : option_groups()) {
    text += std::string{group.title} + ":\n\n";
    for (const option& each : group.options) {
      text += std::string{each.names.variable} + "=" + each.print(settings{}) + "\n";
      text += wrapped(description(each), "    ");
    }
    text += "\n";
  }
  return text;
}

std::string markdown_tables() {
  std::string text = "\n" + contents_line();
  for (const option_group& group : option_groups()) {
    text += "\n## " + std::string{group.title} + "\n\n";
    text += "| Variable | Default | Allowed | Meaning | In `/worker/config` | Live |\n";
    text += "| --- | --- | --- | --- | --- | --- |\n";
    for (const option& each : group.options) {
      text += table_row(each);
    }
  }
  return text + "\n";
}

std::string example_file() {
  std::string text{example_head};
  for (const option_group& group : option_groups()) {
    text += "\n#### " + std::string{group.title} + "\n";
    for (const option& each : group.options) {
      text += "\n" + wrapped(description(each), "# ") + std::string{each.names.variable} + "="
              + each.print(settings{}) + "\n";
    }
  }
  return text;
}

}  // namespace stayler::adapters
