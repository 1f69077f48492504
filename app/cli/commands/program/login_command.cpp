// SPDX-License-Identifier: MIT
#include "adapters/json/json_writer.hpp"
#include "app/cli/client/interruption.hpp"
#include "app/cli/command_context.hpp"
#include "app/cli/commands/commands.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/profile/profile_text.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <iostream>
#include <unistd.h>

namespace stayler::cli {

namespace {

constexpr std::string_view name_signs = "_-";

std::string profile_name(const command_context& context) {
  const auto& given = context.given.arguments;
  auto name = !given.empty()                   ? given.front()
              : !context.chosen().name.empty() ? context.chosen().name
                                               : std::string{"default"};
  if (name.empty() || !is_alphanumeric(name, name_signs)) {
    refuse_usage(
        "cannot use the name " + name, "a profile's name has letters, digits, _ and -",
        "stayler login production"
    );
  }
  return name;
}

/// A line that was typed unseen, or the first one of a pipe.
std::string read_key(const command_context& context, const std::string& url) {
  std::string key;
  if (::isatty(STDIN_FILENO) != 1) {
    std::getline(std::cin, key);
  } else if (context.out.options().asks_nothing) {
    refuse_usage(
        "cannot ask for the key", "nobody can be asked here", "give it at stdin, by a pipe"
    );
  } else {
    key = context.out.ask_unseen("API key for " + url + ": ");
    if (was_interrupted()) {
      throw command_error{exit_code::interrupted, "interrupted", "", "nothing was written"};
    }
  }
  key = trim(key, " \t\r\n");
  if (key.empty() || !is_visible(key)) {
    refuse_usage(
        "cannot use that key", key.empty() ? "it is empty" : "it has blanks or control characters",
        "a key is one word, as --new-key of stayler-worker has shown it"
    );
  }
  return key;
}

/// How the service is called: as ever, but with no key but that of --key-file. An old one may be
/// missing, or be what is to be replaced.
connection login_connection(const command_context& context, profile which) {
  which.key_file.clear();
  which.key_command.clear();
  const variables without_keys = [&context](std::string_view name) {
    const bool is_key = name == "STAYLER_API_KEY" || name == "STAYLER_KEY_FILE";
    return is_key ? std::nullopt : context.environment()(name);
  };
  const connection_flags flags{
      .url = context.given.value("url").value_or(""),
      .key_file = context.given.value("key-file").value_or(""),
      .timeout = context.given.value("timeout").value_or(""),
      .is_profile_given = !which.url.empty()};
  return make_connection(which, flags, without_keys);
}

/// The same with that key.
connection connection_with(connection how, const std::string& key) {
  how.key = key;
  return how;
}

/// What the service says of who calls; throws where the key is not known there.
adapters::json_value ask_session(api_client& api) {
  auto session = api.get("/worker/session", "cannot check the key");
  if (session.find("keyNeeded") == nullptr) {
    throw command_error{
        exit_code::refused, "cannot check the key", "what answers is no stayler-worker",
        "name its address by --url"};
  }
  return session;
}

void expect_known(const adapters::json_value& session, const std::string& url) {
  if (!flag_of(session, "signedIn")) {
    throw command_error{
        exit_code::not_allowed, "the key is not known at " + url, "nothing was written",
        "an admin makes one by stayler-worker --new-key, and adds it to WORKER_API_KEYS"};
  }
}

/// A key goes where nobody listens: over TLS, or within this machine.
void warn_of_wire(const command_context& context, const std::string& url) {
  if (url.starts_with("http://") && !is_on_this_machine(url)) {
    context.out.note("the key goes over the network as it is: use https if you can");
  }
}

void report_login(
    const command_context& context,
    const adapters::json_value& session,
    const std::string& name,
    const std::string& url
) {
  if (context.out.is_json()) {
    adapters::json_writer json;
    json.begin_object().field("profile", name).field("url", url);
    json.field("name", text_of(session, "name")).field("role", text_of(session, "role"));
    json.end_object();
    context.print_json(json.text());
    return;
  }
  context.out.note(fmt::format(
      "profile {}: {}, {}", name, url,
      flag_of(session, "keyNeeded")
          ? fmt::format("as {} with role {}", text_of(session, "name"), text_of(session, "role"))
          : std::string{"which needs no key"}
  ));
  context.out.note("stayler -p " + name + " list, or stayler profile use " + name);
}

int run_login(command_context& context) {
  const auto path = profile_path(context.environment());
  const auto name = profile_name(context);
  const auto text = read_profile_text(path);
  const auto profiles = parse_profiles(text, path.string());
  const auto known = profiles.profiles.find(name);
  const auto how =
      login_connection(context, known == profiles.profiles.end() ? profile{} : known->second);
  api_client stranger{connection_with(how, "")};
  auto session = ask_session(stranger);
  std::string key_file;
  if (flag_of(session, "keyNeeded")) {
    warn_of_wire(context, how.url);
    const auto key = how.key.empty() ? read_key(context, how.url) : how.key;
    api_client caller{connection_with(how, key)};
    session = ask_session(caller);
    expect_known(session, how.url);
    key_file = (std::filesystem::absolute(path).parent_path() / (name + ".key")).string();
    // The text is tried before anything is written: no key lies about without a profile.
    static_cast<void>(parse_profiles(with_profile(text, name, how.url, key_file), path.string()));
    write_private_file(key_file, key + "\n");
  }
  auto made = with_profile(text, name, how.url, key_file);
  if (profiles.default_name.empty()) {
    made = with_default_profile(made, name);
  }
  write_profile_text(path, made);
  report_login(context, session, name, how.url);
  return 0;
}

}  // namespace

std::vector<command_spec> login_commands() {
  return {
      {.name = "login",
       .summary = "keep a service's address and key as a profile, after the key was tried",
       .description =
           "The key is asked for unseen, or read from stdin where that is a pipe, and kept in a "
           "file "
           "of its own beside config.toml, which nobody else may read. The first profile becomes "
           "the default.",
       .arguments =
           {{.name = "NAME",
             .meaning = "the profile; usually the one that is chosen, else default",
             .completes = completion::nothing}},
       .examples = {"stayler login production --url https://worker.example.com"},
       .run = &run_login},
  };
}

}  // namespace stayler::cli
