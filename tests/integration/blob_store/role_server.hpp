// SPDX-License-Identifier: MIT
#pragma once

// What gives out temporary keys, as a program meets it in AWS: the agent of a container, the
// metadata service of an instance, and STS.

#include "http/server/server.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/servers/s3_server.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace stayler::test {

/// All three on one port of loopback. Refuses whoever does not follow their protocols.
class role_server {
 public:
  static constexpr const char* agent_token = "agent-token";
  static constexpr const char* identity_token = "identity-token/+=";
  static constexpr const char* role = "arn:aws:iam::1:role/pictures";

  explicit role_server(s3_key key) : key_(std::move(key)) {
    auto started =
        http::server::start({}, [this](const http::request& req, const http::responder_ptr& to) {
          to->send(answer(req));
        });
    REQUIRE(started);
    server_ = std::move(*started);
  }

  [[nodiscard]] std::string url(const std::string& path = "") const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + path;
  }

  /// The key that is given out from now on.
  void change_key(s3_key key) {
    const std::scoped_lock lock{mutex_};
    key_ = std::move(key);
  }

  /// Each request, as "METHOD /path".
  [[nodiscard]] std::vector<std::string> calls() const {
    const std::scoped_lock lock{mutex_};
    return calls_;
  }

 private:
  http::response answer(const http::request& req) {
    const std::scoped_lock lock{mutex_};
    calls_.push_back(req.method + " " + req.path);
    const auto header = [&req](std::string_view name) {
      return std::string{req.header(name).value_or("")};
    };
    const std::string roles = "/latest/meta-data/iam/security-credentials/";
    if (req.path == "/container") {
      return header("authorization") == agent_token ? text(as_json()) : refusal(401);
    }
    if (req.path == "/latest/api/token") {
      const bool is_well =
          req.method == "PUT" && !header("x-aws-ec2-metadata-token-ttl-seconds").empty();
      return is_well ? text("session-token") : refusal(400);
    }
    if (req.path.starts_with(roles)) {
      const bool is_list = req.path == roles;
      return header("x-aws-ec2-metadata-token") != "session-token" ? refusal(401)
             : is_list                                             ? text("pictures\n")
             : req.path == roles + "pictures"                      ? text(as_json())
                                                                   : refusal(404);
    }
    return req.path == "/sts" ? assume_role(std::string{req.body.view()}) : refusal(404);
  }

  [[nodiscard]] http::response assume_role(const std::string& form) const {
    const bool is_well =
        form
        == "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn="
           "arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fpictures&RoleSessionName=stayler-worker&"
           "WebIdentityToken=identity-token%2F%2B%3D";
    return is_well ? text(
               "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult><Credentials>"
               "<AccessKeyId>"
               + key_.id + "</AccessKeyId><SecretAccessKey>" + key_.secret
               + "</SecretAccessKey><SessionToken>" + key_.token
               + "</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
                 "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>"
           )
                   : refusal(400);
  }

  [[nodiscard]] std::string as_json() const {
    return R"({"Code":"Success","AccessKeyId":")" + key_.id + R"(","SecretAccessKey":")"
           + key_.secret + R"(","Token":")" + key_.token
           + R"(","Expiration":"2099-01-01T00:00:00Z"})";
  }

  static http::response text(std::string body) {
    http::response made;
    made.body = std::move(body);
    return made;
  }

  static http::response refusal(unsigned status) {
    http::response made;
    made.status = status;
    return made;
  }

  mutable std::mutex mutex_;
  s3_key key_;
  std::vector<std::string> calls_;
  std::unique_ptr<http::server> server_;
};

}  // namespace stayler::test
