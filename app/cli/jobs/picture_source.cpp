// SPDX-License-Identifier: MIT
#include "app/cli/jobs/picture_source.hpp"

#include "adapters/url/url.hpp"
#include "app/cli/output/json_texts.hpp"
#include "app/cli/output/result_file.hpp"
#include "messages/base/uuid.hpp"

#include <filesystem>
#include <pwd.h>
#include <unistd.h>

namespace stayler::cli {

namespace {

constexpr std::chrono::minutes longest_upload{5};

std::string login_name(const variables& environment) {
  if (const auto name = environment("USER")) {
    return *name;
  }
  const ::passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? "stayler" : entry->pw_name;
}

}  // namespace

api_answer upload_picture(
    command_context& context,
    progress_display& display,
    const std::string& file,
    const std::string& user,
    const std::string& type
) {
  const auto name = std::filesystem::path{file}.filename().string();
  api_request request{
      .method = "POST",
      .path = "/images?type=" + type
              + (user.empty() ? "" : "&userId=" + adapters::encode_percent(user)),
      .body = read_whole_file(file),
      .content_type = "application/octet-stream",
      .timeout = longest_upload};
  request.on_sent = [&](std::uint64_t sent, std::uint64_t total) {
    display.show("sending", static_cast<int>(sent * 100 / total), name);
  };
  auto answer = context.api().ask(request, "cannot upload " + file);
  display.clear();
  return answer;
}

bool is_picture_file(const std::string& given) {
  if (given.starts_with("http://") || given.starts_with("https://") || given.starts_with("id:")) {
    return false;
  }
  std::error_code error;
  if (std::filesystem::is_regular_file(given, error)) {
    return true;
  }
  if (parse_uuid(given)) {
    return false;
  }
  refuse_usage(
      "cannot use the picture " + given, "there is no such file",
      "name a file, the id of a stored picture (as id:ID where it is no UUID), or a URL"
  );
}

std::string picture_source(
    command_context& context,
    progress_display& display,
    const std::string& given,
    const std::string& user
) {
  if (is_picture_file(given)) {
    return text_of(upload_picture(context, display, given, user, "user").json(), "id");
  }
  return given.starts_with("id:") ? given.substr(3) : given;
}

std::string current_user(command_context& context) {
  if (const auto user = context.given.value("user")) {
    return *user;
  }
  if (!context.chosen().user.empty()) {
    return context.chosen().user;
  }
  if (!context.api().how().key.empty()) {
    const auto session = context.api().get("/worker/session", "cannot ask whose the key is");
    const auto& users = list_of(session, "users");
    if (users.size() == 1 && users.front().as<std::string>() != nullptr) {
      return *users.front().as<std::string>();
    }
  }
  return login_name(context.environment());
}

}  // namespace stayler::cli
