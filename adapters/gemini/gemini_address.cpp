// SPDX-License-Identifier: MIT
#include "adapters/gemini/gemini_address.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace stayler::adapters {

namespace {

/// All published samples speak it, and it is certain to know imageConfig.
constexpr std::string_view api_version = "v1beta";

constexpr std::string_view models_collection = "models";

failure no_address(std::string reason) {
  return {error_class::invalid_input, std::move(reason), {}};
}

std::string_view without_slashes(std::string_view text) {
  while (text.ends_with('/')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string_view last_segment(std::string_view path) {
  return path.substr(path.rfind('/') + 1);
}

/// Takes the last segment off the path if it is one of those.
template <std::size_t Count>
void take_last(std::string_view& path, const std::array<std::string_view, Count>& names) {
  const std::string_view last = last_segment(path);
  const bool is_one = std::ranges::any_of(names, [last](std::string_view name) {
    return equals_ignoring_case(last, name);
  });
  if (is_one) {
    path = without_slashes(path.substr(0, path.size() - last.size()));
  }
}

/// "v1alpha" and the like: a version of the API that is not the one spoken here.
bool is_other_version(std::string_view segment) {
  return segment.size() > 2 && to_lower(segment.front()) == 'v' && is_digit(segment[1])
         && is_alphanumeric(segment) && !consists_of(segment.substr(1), "0123456789");
}

/// What is wrong with a path from which version and collection have been taken; nothing where it is
/// a gateway's own.
std::optional<std::string> problem_of_path(std::string_view path) {
  const std::string_view last = last_segment(path);
  const std::string_view before = last_segment(path.substr(0, path.size() - last.size() - 1));
  if (last.find(':') != std::string_view::npos || before == models_collection) {
    return "it names a model or a method: the model belongs in GEMINI_MODEL";
  }
  if (equals_ignoring_case(last, "openai")) {
    return "it leads to the API in OpenAI's form: leave \"/openai\" out";
  }
  if (is_other_version(last)) {
    return "version " + std::string{api_version} + " of the API is spoken here: leave \"/"
           + std::string{last} + "\" out";
  }
  return std::nullopt;
}

std::optional<std::string> problem_of_parts(const url& parsed, std::string_view text) {
  if (parsed.scheme != "http" && parsed.scheme != "https") {
    return "it does not begin with http:// or https://";
  }
  if (parsed.authority.has_credentials) {
    return "it holds credentials, which would be shown with it: the key belongs in "
           "GEMINI_API_KEY";
  }
  if (parsed.authority.host.empty()) {
    return "it has no host";
  }
  if (text.find('?') != std::string_view::npos || parsed.has_fragment) {
    return "it has a part behind \"?\" or \"#\": the key belongs in GEMINI_API_KEY";
  }
  return std::nullopt;
}

}  // namespace

result<std::string> read_gemini_address(std::string_view text) {
  if (!text.empty() && !is_visible(text)) {
    return no_address("it holds blanks, control characters, or others beyond ASCII");
  }
  const auto parsed = parse_url(text);
  if (!parsed) {
    return no_address(parsed.error().message);
  }
  if (auto problem = problem_of_parts(*parsed, text)) {
    return no_address(std::move(*problem));
  }
  const auto host = text.find("://") + 3;
  const auto host_end = std::min(text.find('/', host), text.size());
  std::string_view path = without_slashes(text.substr(host_end));
  take_last(path, std::array{models_collection});
  take_last(path, std::array{api_version, std::string_view{"v1"}});
  if (!path.empty()) {
    if (auto problem = problem_of_path(path)) {
      return no_address(std::move(*problem));
    }
  }
  return to_lower(text.substr(0, host_end)) + std::string{path};
}

std::string model_url(std::string_view base_url, std::string_view model) {
  if (constexpr std::string_view prefix = "models/"; model.starts_with(prefix)) {
    model.remove_prefix(prefix.size());
  }
  std::string url{without_slashes(base_url)};
  url.append("/").append(api_version).append("/").append(models_collection).append("/");
  return url + encode_percent(model);
}

}  // namespace stayler::adapters
