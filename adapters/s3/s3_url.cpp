// SPDX-License-Identifier: MIT
#include "adapters/s3/s3_url.hpp"

#include <algorithm>
#include <optional>

namespace stayler::adapters {

namespace {

constexpr std::string_view url_scheme = "s3://";

failure refused(std::string why) {
  return {error_class::invalid_input, std::move(why), {}};
}

bool is_one_of(char c, std::string_view others) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')
         || others.find(c) != std::string_view::npos;
}

bool is_bucket(std::string_view name) {
  return name.size() >= 3 && name.size() <= 63 && is_one_of(name.front(), "")
         && is_one_of(name.back(), "") && name.find("..") == std::string_view::npos
         && std::all_of(name.begin(), name.end(), [](char c) { return is_one_of(c, ".-"); });
}

bool is_region(std::string_view name) {
  return !name.empty() && name.size() <= 64
         && std::all_of(name.begin(), name.end(), [](char c) { return is_one_of(c, "-_"); });
}

/// Parts of a blob key's characters. Dots alone would be taken for a way up.
bool is_prefix(std::string_view text) {
  const auto is_allowed = [](char c) { return (c >= 'A' && c <= 'Z') || is_one_of(c, "._-/"); };
  const std::string framed = "/" + std::string{text} + "/";
  return text.size() <= 256 && std::all_of(text.begin(), text.end(), is_allowed)
         && framed.find("//") == std::string::npos && framed.find("/./") == std::string::npos
         && framed.find("/../") == std::string::npos;
}

/// HOST[:PORT] in lower case, or an IPv6 address in brackets.
bool is_authority(std::string_view text) {
  return !text.empty() && text.front() != ':' && text.size() <= 255
         && std::all_of(text.begin(), text.end(), [](char c) { return is_one_of(c, ".-_:[]"); });
}

struct parameters {
  std::string region = "us-east-1";
  std::string scheme = "https://";
  std::string authority;  ///< empty: AWS's
  std::optional<bool> is_path_style;
};

bool read_endpoint(std::string_view text, parameters& into) {
  for (const auto& [scheme, default_port] :
       {std::pair<std::string_view, std::string_view>{"https://", ":443"}, {"http://", ":80"}}) {
    if (text.starts_with(scheme)) {
      into.scheme = scheme;
      into.authority = text.substr(scheme.size());
      if (into.authority.ends_with('/')) {
        into.authority.pop_back();
      }
      const bool has_default = into.authority.ends_with(default_port);
      // Left out of the header Host by every client, and so of what is signed.
      into.authority.resize(into.authority.size() - (has_default ? default_port.size() : 0));
      return is_authority(into.authority);
    }
  }
  return false;
}

/// Why the parameter is refused, or "".
std::string read_parameter(std::string_view text, parameters& into) {
  const auto equals = text.find('=');
  const auto name = text.substr(0, equals);
  const auto value =
      equals == std::string_view::npos ? std::string_view{} : text.substr(equals + 1);
  if (name == "region") {
    into.region = value;
    return is_region(value) ? "" : "the region must be letters, digits and dashes";
  }
  if (name == "endpoint") {
    return read_endpoint(value, into) ? "" : "the endpoint must be http[s]://HOST[:PORT]";
  }
  if (name == "style") {
    into.is_path_style = value == "path";
    return value == "path" || value == "virtual" ? "" : "the style must be path or virtual";
  }
  return "the parameters are region, endpoint and style";
}

s3_location locate(const std::string& bucket, const std::string& prefix, parameters given) {
  const bool is_path_style = given.is_path_style.value_or(!given.authority.empty());
  if (given.authority.empty()) {
    given.authority = "s3." + given.region + ".amazonaws.com";
  }
  s3_location found;
  found.host = is_path_style ? given.authority : bucket + "." + given.authority;
  found.base_url = given.scheme + found.host;
  found.path = is_path_style ? "/" + bucket + "/" : "/";
  found.path += prefix.empty() ? "" : prefix + "/";
  found.region = given.region;
  return found;
}

}  // namespace

result<s3_location> parse_s3_url(std::string_view url) {
  if (!url.starts_with(url_scheme)) {
    return refused("must begin with s3://");
  }
  url.remove_prefix(url_scheme.size());
  const auto question = url.find('?');
  std::string_view place = url.substr(0, question);
  std::string_view query =
      question == std::string_view::npos ? std::string_view{} : url.substr(question + 1);
  const auto slash = place.find('/');
  const std::string bucket{place.substr(0, slash)};
  std::string prefix{slash == std::string_view::npos ? "" : place.substr(slash + 1)};
  if (prefix.ends_with('/')) {
    prefix.pop_back();
  }
  if (!is_bucket(bucket)) {
    return refused("s3:// must be followed by a bucket: 3 to 63 of a-z, 0-9, . and -");
  }
  if (!prefix.empty() && !is_prefix(prefix)) {
    return refused("the prefix must be made of letters, digits, . _ - and /");
  }
  parameters given;
  while (!query.empty()) {
    const auto end = std::min(query.find('&'), query.size());
    if (auto problem = read_parameter(query.substr(0, end), given); !problem.empty()) {
      return refused(std::move(problem));
    }
    query.remove_prefix(std::min(end + 1, query.size()));
  }
  return locate(bucket, prefix, std::move(given));
}

}  // namespace stayler::adapters
