// SPDX-License-Identifier: MIT
#include "adapters/s3/s3_url.hpp"

#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <optional>
#include <set>

namespace stayler::adapters {

namespace {

failure refused(std::string why) {
  return {error_class::invalid_input, std::move(why)};
}

bool is_one_of(char c, std::string_view others) {
  return is_lower(c) || is_digit(c) || others.find(c) != std::string_view::npos;
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

/// Parts of characters that are signed and sent as they are. Dots alone would be taken for a way
/// up.
bool is_path(std::string_view text, std::string_view others) {
  const std::string framed = "/" + std::string{text} + "/";
  return text.size() <= 256 && is_alphanumeric(text, others)
         && framed.find("//") == std::string::npos && framed.find("/./") == std::string::npos
         && framed.find("/../") == std::string::npos;
}

/// Parts of a blob key's characters.
bool is_prefix(std::string_view text) {
  return is_path(text, "._-/");
}

bool is_host(std::string_view name) {
  return !name.empty() && name.size() <= 255
         && std::all_of(name.begin(), name.end(), [](char c) { return is_one_of(c, ".-_:"); });
}

struct parameters {
  std::string region = "us-east-1";
  std::string scheme = "https://";
  std::string authority;  ///< empty: AWS's
  std::string base_path;  ///< of the endpoint: "" or "/storage/v1/s3"
  std::optional<bool> is_path_style;
  std::string encryption;
  std::string kms_key;
};

/// Why the endpoint is refused, or "".
std::string flaw_of_endpoint(const result<url>& endpoint) {
  constexpr std::string_view form = "the endpoint must be http[s]://HOST[:PORT][/PATH]";
  if (!endpoint) {
    return std::string{form} + ": " + endpoint.error().message;
  }
  if (endpoint->scheme != "http" && endpoint->scheme != "https") {
    return std::string{form};
  }
  if (endpoint->authority.has_credentials) {
    return "the endpoint must not hold credentials: they go into S3_ACCESS_KEY_ID and "
           "S3_SECRET_ACCESS_KEY";
  }
  if (!is_host(to_lower(endpoint->authority.host))) {
    return "the endpoint's host must be a name or an address";
  }
  if (!endpoint->parameters.empty() || endpoint->has_fragment) {
    return "the endpoint must end with its path";
  }
  return {};
}

std::string read_endpoint(std::string_view text, parameters& into) {
  const auto endpoint = parse_url(text);
  if (std::string flaw = flaw_of_endpoint(endpoint); !flaw.empty()) {
    return flaw;
  }
  into.base_path = endpoint->path;
  if (into.base_path.ends_with('/')) {
    into.base_path.pop_back();
  }
  if (!into.base_path.empty() && !is_path(into.base_path.substr(1), "._-~/")) {
    return "the endpoint's path must be made of letters, digits, . _ - ~ and /";
  }
  // Names of hosts are the same in any case; signed is what is sent.
  const std::string host = to_lower(endpoint->authority.host);
  const std::string& port = endpoint->authority.port;
  into.scheme = endpoint->scheme + "://";
  into.authority = host.find(':') == std::string::npos ? host : "[" + host + "]";
  // The default port is left out of the header Host by every client, and so of what is signed.
  if (!port.empty() && port != (endpoint->scheme == "https" ? "443" : "80")) {
    into.authority += ":" + port;
  }
  return {};
}

/// Why the parameter is refused, or "".
std::string read_parameter(const std::string& name, const std::string& value, parameters& into) {
  if (name == "region") {
    into.region = value;
    return is_region(value) ? "" : "the region must be letters, digits and dashes";
  }
  if (name == "endpoint") {
    return read_endpoint(value, into);
  }
  if (name == "style") {
    into.is_path_style = value == "path";
    return value == "path" || value == "virtual" ? "" : "the style must be path or virtual";
  }
  if (name == "encryption") {
    into.encryption = value;
    return value == "AES256" || value == "aws:kms" ? ""
                                                   : "the encryption must be AES256 or aws:kms";
  }
  if (name == "kmsKey") {
    into.kms_key = value;
    return !value.empty() && is_alphanumeric(value, ":/_-")
               ? ""
               : "the kmsKey must be an id, an alias or an ARN";
  }
  return "the parameters are region, endpoint, style, encryption and kmsKey";
}

s3_location locate(const std::string& bucket, const std::string& prefix, parameters given) {
  const bool is_path_style = given.is_path_style.value_or(!given.authority.empty());
  if (given.authority.empty()) {
    given.authority = "s3." + given.region + ".amazonaws.com";
  }
  s3_location found;
  found.host = is_path_style ? given.authority : bucket + "." + given.authority;
  found.base_url = given.scheme + found.host;
  found.bucket = given.base_path + (is_path_style ? "/" + bucket + "/" : "/");
  found.path = found.bucket + (prefix.empty() ? "" : prefix + "/");
  found.region = given.region;
  found.encryption = given.encryption;
  found.kms_key = given.kms_key;
  return found;
}

}  // namespace

result<s3_location> parse_s3_url(std::string_view text) {
  const auto parsed = parse_url(text);
  if (!parsed || parsed->scheme != "s3") {
    return refused("must begin with s3://");
  }
  if (parsed->has_fragment) {
    return refused("must have nothing behind a #");
  }
  const url_authority& place = parsed->authority;
  const std::string& bucket = place.host;
  std::string prefix = parsed->path.empty() ? "" : parsed->path.substr(1);
  if (prefix.ends_with('/')) {
    prefix.pop_back();
  }
  if (place.has_credentials || !place.port.empty() || !is_bucket(bucket)) {
    return refused(
        "s3:// must be followed by a bucket's name: 3 to 63 of a-z, 0-9, . and -, without "
        "credentials or port"
    );
  }
  if (!prefix.empty() && !is_prefix(prefix)) {
    return refused("the prefix must be made of letters, digits, . _ - and /");
  }
  parameters given;
  std::set<std::string> names;
  for (const auto& [name, value] : parsed->parameters) {
    if (!names.insert(name).second) {
      return refused("each parameter may stand there once");
    }
    if (auto problem = read_parameter(name, value, given); !problem.empty()) {
      return refused(std::move(problem));
    }
  }
  if (!given.kms_key.empty() && given.encryption != "aws:kms") {
    return refused("a kmsKey goes with encryption=aws:kms");
  }
  return locate(bucket, prefix, std::move(given));
}

}  // namespace stayler::adapters
