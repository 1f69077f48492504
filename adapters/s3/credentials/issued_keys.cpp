// SPDX-License-Identifier: MIT
#include "adapters/s3/credentials/issued_keys.hpp"

#include "adapters/s3/credentials/credentials_call.hpp"
#include "adapters/s3/s3_xml.hpp"
#include "adapters/small_file/small_file.hpp"
#include "adapters/url/url.hpp"
#include "messages/base/text.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace stayler::adapters {

namespace {

/// A token in a file, as it can stand in a header or a form.
result<std::string> read_token(const credentials_call& call, const std::string& file) {
  auto token = read_value_file(file);
  if (!token) {
    return call.failed("cannot read the token in " + file + ": " + token.error().message);
  }
  if (token->empty() || !is_visible(*token)) {
    return call.failed("there is no token in " + file);
  }
  return token;
}

class container_place final : public credentials_place {
 public:
  explicit container_place(container_role role) : role_(std::move(role)) {}

  result<issued_credentials> fetch(const std::stop_token& stop) override {
    credentials_call call{"the key of the container's role", {role_.authorities, {}, {}, {}}, stop};
    http_request request;
    request.url = role_.url;
    std::string token = role_.token;
    if (!role_.token_file.empty()) {
      auto read = read_token(call, role_.token_file);
      if (!read) {
        return std::move(read).error();
      }
      token = std::move(*read);
    }
    if (!token.empty()) {
      request.headers.emplace_back("authorization", std::move(token));
    }
    const auto body = call.body_of(std::move(request));
    return body ? call.read_json(*body) : body.error();
  }

 private:
  container_role role_;
};

class instance_place final : public credentials_place {
 public:
  explicit instance_place(std::string url) : url_(std::move(url)) {}

  result<issued_credentials> fetch(const std::stop_token& stop) override {
    credentials_call call{"the key of the instance's role", {}, stop};
    http_request session;
    session.method = "PUT";
    session.url = url_ + "/latest/api/token";
    session.headers = {{"x-aws-ec2-metadata-token-ttl-seconds", "60"}};
    const auto token = call.body_of(std::move(session));
    if (!token) {
      return token.error();
    }
    const auto read = [&](const std::string& path) {
      http_request request;
      request.url = url_ + "/latest/meta-data/iam/security-credentials/" + path;
      request.headers = {{"x-aws-ec2-metadata-token", std::string{trim(*token, " \t\r\n")}}};
      return call.body_of(std::move(request));
    };
    const auto roles = read("");
    if (!roles) {
      return roles.error();
    }
    std::string_view list = *roles;
    const std::string role{trim(take_until(list, "\n"), " \t\r")};
    if (role.empty()) {
      return call.failed("no role is attached to it");
    }
    const auto body = read(encode_percent(role));
    return body ? call.read_json(*body) : body.error();
  }

 private:
  std::string url_;
};

class web_identity_place final : public credentials_place {
 public:
  explicit web_identity_place(web_identity identity) : identity_(std::move(identity)) {}

  result<issued_credentials> fetch(const std::stop_token& stop) override {
    credentials_call call{"the key of the role " + identity_.role, identity_.outgoing, stop};
    const auto token = read_token(call, identity_.token_file);
    if (!token) {
      return token.error();
    }
    http_request request;
    request.method = "POST";
    request.url = identity_.url;
    request.headers = {{"content-type", "application/x-www-form-urlencoded"}};
    request.body = make_string_body(
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn="
        + encode_percent(identity_.role) + "&RoleSessionName="
        + encode_percent(identity_.session_name) + "&WebIdentityToken=" + encode_percent(*token)
    );
    const auto body = call.body_of(std::move(request));
    if (!body) {
      return body.error();
    }
    return call.checked(
        {xml_text(*body, "AccessKeyId"), xml_text(*body, "SecretAccessKey"),
         xml_text(*body, "SessionToken")},
        xml_text(*body, "Expiration")
    );
  }

 private:
  web_identity identity_;
};

}  // namespace

std::string flaw_of_agent_url(const std::string& url) {
  // ECS; EKS Pod Identity over IPv4 and IPv6.
  constexpr std::array<std::string_view, 4> agents{
      "169.254.170.2", "169.254.170.23", "fd00:ec2::23", "localhost"};
  const auto parsed = parse_url(url);
  if (!parsed || parsed->authority.has_credentials) {
    return "it is no address";
  }
  const std::string& host = parsed->authority.host;
  const bool is_near = host == "::1" || (parsed->authority.is_address && host.starts_with("127."))
                       || std::ranges::find(agents, host) != agents.end();
  return parsed->scheme == "https" || (parsed->scheme == "http" && is_near)
             ? ""
             : "it must be https://, or at an address of this machine or of the agents of ECS and "
               "EKS";
}

std::unique_ptr<credentials_place> make_container_place(container_role role) {
  return std::make_unique<container_place>(std::move(role));
}

std::unique_ptr<credentials_place> make_instance_place(std::string url) {
  return std::make_unique<instance_place>(std::move(url));
}

std::unique_ptr<credentials_place> make_web_identity_place(web_identity identity) {
  return std::make_unique<web_identity_place>(std::move(identity));
}

}  // namespace stayler::adapters
