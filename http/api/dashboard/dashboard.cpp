// SPDX-License-Identifier: MIT
#include "http/api/dashboard/dashboard.hpp"

#include "http/api/dashboard/dashboard_files.hpp"

#include <algorithm>
#include <cstring>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace stayler::http {

namespace {

constexpr std::string_view pages_prefix = "/ui/";

/// Scripts, styles and calls are this service's own, pictures too, or the page's; nothing makes
/// markup out of text.
constexpr const char* policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

/// What is sent is shared by all answers.
struct sent_file {
  dashboard_file file;
  shared_bytes bytes;
};

shared_bytes copy_of(std::span<const unsigned char> from) {
  auto made = std::make_shared<std::vector<std::byte>>(from.size());
  std::memcpy(made->data(), from.data(), from.size());
  return made;
}

using file_table = std::map<std::string_view, sent_file>;

std::shared_ptr<const file_table> load_files() {
  auto table = std::make_shared<file_table>();
  for (const dashboard_file& each : dashboard_files()) {
    table->emplace(each.name, sent_file{each, copy_of(each.bytes)});
  }
  return table;
}

response answer_with(const sent_file& sent) {
  response answer;
  answer.headers = {{"Content-Type", std::string{sent.file.media_type}}};
  if (sent.file.is_compressed) {
    answer.headers.emplace_back("Content-Encoding", "gzip");
  }
  answer.bytes = sent.bytes;
  answer.byte_count = sent.bytes->size();
  return answer;
}

/// The shell changes with the program, and names the files of its version.
response show_shell(const sent_file& shell) {
  auto answer = answer_with(shell);
  answer.headers.emplace_back("Content-Security-Policy", policy);
  answer.headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
  answer.headers.emplace_back("Cache-Control", "no-store");
  return answer;
}

/// A file's name changes with its content.
response show_file(const sent_file& sent) {
  auto answer = answer_with(sent);
  answer.headers.emplace_back("Cache-Control", "public, max-age=31536000, immutable");
  return answer;
}

response lead_to(std::string path) {
  response answer;
  answer.status = 302;
  answer.headers = {{"Location", std::move(path)}};
  return answer;
}

bool is_for_people(const request& head) {
  return head.header("accept").value_or("").find("text/html") != std::string::npos;
}

/// What is asked for has no page, or is one with something behind its name.
response answer_stray(const sent_file& shell, const exchange& stray) {
  const std::string_view rest = stray.id;
  const auto name = rest.substr(0, std::min(rest.find_last_not_of('/') + 1, rest.size()));
  if (rest.ends_with('/') && !name.empty() && name.find('/') == std::string_view::npos) {
    return lead_to(std::string{pages_prefix}.append(name));
  }
  if (!is_for_people(stray.request)) {
    return make_problem(404, "Not Found", "there is nothing at this path");
  }
  auto answer = show_shell(shell);
  answer.status = 404;
  return answer;
}

}  // namespace

void add_dashboard_routes(router& routes) {
  const auto files = load_files();
  const auto shell = [files](const exchange_ptr& exchange) {
    exchange->send(show_shell(files->at(dashboard_shell)));
  };
  for (const char* entrance : {"/", "/ui", "/ui/"}) {
    routes.add("GET", entrance, [](const exchange_ptr& exchange) {
      exchange->send(lead_to(std::string{pages_prefix} + "now"));
    });
  }
  routes.add("GET", "/ui/{id}", shell);
  routes.add("GET", "/ui/jobs/{id}", shell);
  routes.add("GET", "/ui/files/{id}", [files](const exchange_ptr& exchange) {
    const auto found = files->find(exchange->id);
    exchange->send(
        found == files->end() || found->first == dashboard_shell
            ? make_problem(404, "Not Found", "the dashboard has no such file")
            : show_file(found->second)
    );
  });
  routes.add("GET", "/ui/{rest}", [files](const exchange_ptr& exchange) {
    exchange->send(answer_stray(files->at(dashboard_shell), *exchange));
  });
}

bool is_visit_of_dashboard(const request& head) {
  return only_looks(head.method)
         && (head.path == "/" || head.path == "/ui" || head.path.starts_with(pages_prefix))
         && head.header("sec-fetch-mode") == "navigate"
         && head.header("sec-fetch-dest") == "document";
}

}  // namespace stayler::http
