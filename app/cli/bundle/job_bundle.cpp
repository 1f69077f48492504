// SPDX-License-Identifier: MIT
#include "app/cli/bundle/job_bundle.hpp"

#include "app/cli/output/json_texts.hpp"

#include <fmt/core.h>

#include <array>

namespace stayler::cli {

namespace {

constexpr std::string_view hidden = "***";

/// What is asked of the service besides the job itself; {} is the job's id.
struct bundle_question {
  std::string_view name;
  std::string_view path;
};

constexpr std::array<bundle_question, 10> questions{{
    {"audit.json", "/worker/audit?limit=200&target={}"},
    {"notifications.json", "/worker/notifications?state=open,given_up,delivered&job={}"},
    {"health.json", "/health"},
    {"overview.json", "/worker/overview?window=15m"},
    {"stats.json", "/worker/stats"},
    {"workers.json", "/worker/workers"},
    {"tree.json", "/worker/tree"},
    {"provider.json", "/worker/provider"},
    {"config.json", "/worker/config/schema"},
    {"session.json", "/worker/session"},
}};

bundle_part ask_part(command_context& context, std::string name, const std::string& path) {
  const auto answer = context.api().send({.path = path});
  if (answer.is_good()) {
    return {std::move(name), without_secrets(answer.body), ""};
  }
  return {
      std::move(name), "",
      answer.status == 401 || answer.status == 403
          ? std::string{"this key may not see it"}
          : fmt::format("the service answered {}", answer.status)};
}

bundle_part picture_part(
    command_context& context, const std::string& name, const std::string& image, bool is_wanted
) {
  if (image.empty()) {
    return {name, "", "there is none"};
  }
  if (!is_wanted) {
    return {name, "", "pictures show people; --with-images adds them"};
  }
  if (image.find("://") != std::string::npos) {
    return {name, "", "it is elsewhere, and not fetched"};
  }
  const auto answer = context.api().send({.path = "/images/" + image});
  return answer.is_good()
             ? bundle_part{name, answer.body, ""}
             : bundle_part{name, "", fmt::format("the service answered {}", answer.status)};
}

}  // namespace

std::string without_secrets(std::string text) {
  for (auto at = text.find("://"); at != std::string::npos; at = text.find("://", at + 3)) {
    const auto end = text.find_first_of("\" \t\r\n,<>", at);
    auto stop = end == std::string::npos ? text.size() : end;
    if (const auto query = text.find('?', at); query < stop) {
      text.replace(query + 1, stop - query - 1, hidden);
      stop = query + 1 + hidden.size();
    }
    const auto slash = text.find('/', at + 3);
    const auto sign = text.rfind('@', std::min(slash, stop) - 1);
    if (sign != std::string::npos && sign > at) {
      text.replace(at + 3, sign - at - 3, hidden);
    }
  }
  return text;
}

std::vector<bundle_part> collect_bundle(
    command_context& context, const std::string& id, bool with_images
) {
  const auto answer = context.api().ask({.path = "/worker/jobs/" + id}, "cannot read job " + id);
  const auto job = answer.json();
  std::vector<bundle_part> parts{{"job.json", without_secrets(answer.body), ""}};
  for (const auto& [name, path] : questions) {
    parts.push_back(ask_part(context, std::string{name}, fmt::format(fmt::runtime(path), id)));
  }
  const std::array<std::pair<std::string, std::string_view>, 4> pictures{
      {{"person", "payload.userImageId"},
       {"garment", "payload.clothImageId"},
       {"picture", "payload.imageId"},
       {"result", "result.imageId"}}};
  for (const auto& [name, path] : pictures) {
    parts.push_back(picture_part(context, "images/" + name, text_of(job, path), with_images));
  }
  return parts;
}

std::string describe_bundle(const std::string& id, const std::vector<bundle_part>& parts) {
  auto text =
      fmt::format("All that is known of job {}, by stayler " STAYLER_VERSION ".\n\nInside:\n", id);
  for (const auto& part : parts) {
    if (part.missing_because.empty()) {
      text += fmt::format(
          "  {} ({})\n", part.name, show_bytes(static_cast<double>(part.content.size()))
      );
    }
  }
  text +=
      "\nLeft out:\n  secrets: the service shows them as ***; of addresses what stands behind ?\n";
  for (const auto& part : parts) {
    if (!part.missing_because.empty()) {
      text += fmt::format("  {}: {}\n", part.name, part.missing_because);
    }
  }
  return text + "\nIt names users by their ids, and has the wishes that they wrote.\n";
}

}  // namespace stayler::cli
