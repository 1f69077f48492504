// SPDX-License-Identifier: MIT
#include "app/cli/doctor/service_checks.hpp"

#include "app/cli/client/certificate.hpp"
#include "app/cli/doctor/work_checks.hpp"
#include "app/cli/output/json_texts.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>

namespace stayler::cli {

namespace {

using adapters::json_value;

constexpr milliseconds clocks_differ{2'000};
constexpr milliseconds clocks_are_wrong{60'000};
constexpr std::chrono::hours certificate_is_near{24 * 21};

/// What to do where a part of GET /health is not well.
struct part_advice {
  std::string_view part;
  std::string_view advice;
};

constexpr std::array<part_advice, 8> part_advices{{
    {"queue",
     "is Redis (REDIS_URL) running, or the disk of WORKER_DATA_DIR full? What its user needs is in "
     "docs/deployment.md"},
    {"storage", "is the disk of WORKER_DATA_DIR full, or S3 (STORAGE_URL) away? Its log says more"},
    {"codec", "is stayler-codec beside stayler-worker? Its log says why it does not run"},
    {"database",
     "is PostgreSQL (DATABASE_URL) running, and do its tables have what docs/deployment.md lists?"},
    {"gemini", "stayler provider shows since when, and until when no calls are made"},
    {"provider_setup",
     "set GEMINI_API_KEY to a key that counts, and GEMINI_MODEL to a model that it may use"},
    {"notifications",
     "stayler notification lists what waits and why; is WORKER_WEBHOOK_URL reachable from there?"},
    {"coordinator", "is the coordinator that NODE_JOIN names running, and the certificate its?"},
}};

finding check_address(command_context& context, milliseconds& took) {
  const auto answer = context.api().send({.path = "/health/live"});
  took = answer.took;
  // A web server of another kind may have a page for every address.
  if (!answer.is_good() || answer.json().as<json_value::object>() == nullptr) {
    return {
        "address", verdict::fail,
        fmt::format(
            "{} answers with {}{}", context.api().how().url, answer.status,
            answer.is_good() ? ", but not as a stayler-worker does" : ""
        ),
        "is it stayler-worker that listens there? Name its address by --url"};
  }
  return {
      "address", verdict::ok,
      fmt::format("{} answers in {} ms", context.api().how().url, answer.took.count()), ""};
}

std::string users_text(const json_value& session) {
  std::string users;
  for (const auto& each : list_of(session, "users")) {
    const auto* name = each.as<std::string>();
    users += (users.empty() ? ", for " : ", ") + (name == nullptr ? std::string{} : *name);
  }
  return users.empty() ? ", for all users" : users;
}

finding judge_key(const connection& how, const json_value& session) {
  const bool is_needed = flag_of(session, "keyNeeded");
  if (flag_of(session, "signedIn")) {
    return {
        "key", verdict::ok,
        is_needed ? fmt::format(
            "{} (from {}): role {}{}", text_of(session, "name"), how.key_source,
            text_of(session, "role"), users_text(session)
        )
                  : "none is needed: whoever reaches it is an admin",
        ""};
  }
  return {
      "key", verdict::fail,
      how.key.empty() ? "the service wants a key, and none is given"
                      : "the key from " + how.key_source + " is not known there",
      "set STAYLER_API_KEY, or key_file in a profile; stayler-worker --new-key makes one for "
      "WORKER_API_KEYS"};
}

finding check_wire(const connection& how) {
  if (how.url.starts_with("http://") && !how.key.empty()
      && how.url.find("//127.") == std::string::npos
      && how.url.find("//localhost") == std::string::npos) {
    return {
        "encryption", verdict::warn, "the key goes over the network as it is",
        "give the service a certificate (WORKER_TLS_CERTIFICATE), and use https"};
  }
  if (!how.url.starts_with("https://")) {
    return {"encryption", verdict::ok, "none, and none is needed on this machine", ""};
  }
  const auto end = certificate_end(how);
  if (!is_set(end)) {
    return {"certificate", verdict::skipped, "its end cannot be read", ""};
  }
  const auto left = end - command_context::now();
  const auto text = fmt::format("good until {}", to_rfc3339(end));
  return {
      "certificate", left < certificate_is_near ? verdict::warn : verdict::ok, text,
      left < certificate_is_near ? "renew it now; the service reads the new file by itself" : ""};
}

void check_parts(command_context& context, std::vector<finding>& into) {
  const auto answer = context.api().send({.path = "/health"});
  const auto health = answer.json();
  for (const auto& [part, check] : members_of(health, "checks")) {
    into.push_back(judge_part(part, text_of(check, "status"), text_of(check, "message")));
  }
  const bool is_ready = flag_of(health, "ready");
  into.push_back(
      {"ready", is_ready ? verdict::ok : verdict::fail,
       is_ready ? "it takes work" : "it takes no work: it starts, drains or is stopped",
       is_ready ? "" : "stayler worker start, if somebody has stopped it; its log says more"}
  );
}

}  // namespace

finding judge_part(std::string_view part, std::string_view state, std::string_view message) {
  const auto result = state == "healthy"     ? verdict::ok
                      : state == "unhealthy" ? verdict::fail
                                             : verdict::warn;
  const auto what = message.empty() ? std::string{state} : fmt::format("{}: {}", state, message);
  const auto advice = std::ranges::find(part_advices, part, &part_advice::part);
  const bool is_known = advice != part_advices.end() && result != verdict::ok;
  return {std::string{part}, result, what, is_known ? std::string{advice->advice} : std::string{}};
}

finding judge_clocks(timestamp here, timestamp there, milliseconds took) {
  // The service has looked at its clock at some time while the question was under way.
  const auto apart = here > there ? here - there : there - here;
  const auto real = apart > took ? apart - took : milliseconds{0};
  const auto what =
      real < milliseconds{1} ? std::string{"alike"} : fmt::format("{} apart", show_duration(real));
  if (real < clocks_differ) {
    return {"clocks", verdict::ok, what, ""};
  }
  return {
      "clocks", real < clocks_are_wrong ? verdict::warn : verdict::fail, what,
      "set both by NTP: signed links, times of jobs and S3 depend on it"};
}

std::vector<finding> check_service(command_context& context) {
  std::vector<finding> found;
  milliseconds took{0};
  try {
    found.push_back(check_address(context, took));
  } catch (const command_error& error) {
    if (error.code != exit_code::unreachable) {
      throw;
    }
    found.push_back(
        {"address", verdict::fail, error.what_failed + ": " + error.why, error.what_to_do}
    );
  }
  if (found.back().result == verdict::fail) {
    found.push_back({"all else", verdict::skipped, "nothing can be asked", ""});
    return found;
  }
  const auto& how = context.api().how();
  const auto answer = context.api().send({.path = "/worker/session"});
  const auto session = answer.json();
  found.push_back(judge_key(how, session));
  if (const auto there = parse_rfc3339(text_of(session, "serverTime"))) {
    found.push_back(judge_clocks(command_context::now(), *there, answer.took));
  }
  found.push_back(check_wire(how));
  check_parts(context, found);
  check_work(context, found);
  return found;
}

}  // namespace stayler::cli
