// SPDX-License-Identifier: MIT
#pragma once

// The places where AWS, and what speaks its protocol, gives out temporary keys.

#include "adapters/http_client/outgoing_calls.hpp"
#include "adapters/s3/credentials/credentials_place.hpp"

#include <memory>
#include <string>

namespace stayler::adapters {

/// The role of a container: ECS, Fargate, EKS Pod Identity.
struct container_role {
  std::string url;            ///< of the agent
  std::string token;          ///< sent as Authorization; or empty
  std::string token_file;     ///< read for each call, where it is named; goes before `token`
  std::string authorities{};  ///< PEM file, for an agent at https://
};

/// Why the key may not be asked for there, or "": in the clear only this machine and the agents'
/// own addresses may be asked, as the token and the key would be read on the way.
std::string flaw_of_agent_url(const std::string& url);

std::unique_ptr<credentials_place> make_container_place(container_role role);

/// The role of an EC2 instance, by version 2 of its metadata service at that URL. Never through a
/// proxy.
std::unique_ptr<credentials_place> make_instance_place(std::string url);

/// A role that is taken by a token of an identity provider (AssumeRoleWithWebIdentity): the service
/// account of a Kubernetes pod (IRSA), or one of MinIO's.
struct web_identity {
  std::string url;           ///< of STS
  std::string role;          ///< its ARN
  std::string session_name;  ///< for AWS's logs
  std::string token_file;    ///< read for each call: it is replaced from time to time
  outgoing_calls outgoing{};
};

std::unique_ptr<credentials_place> make_web_identity_place(web_identity identity);

}  // namespace stayler::adapters
