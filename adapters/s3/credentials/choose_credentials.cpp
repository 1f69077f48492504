// SPDX-License-Identifier: MIT
#include "adapters/s3/credentials/choose_credentials.hpp"

#include "adapters/http_client/outgoing_calls.hpp"
#include "adapters/s3/credentials/credentials_keeper.hpp"
#include "adapters/s3/credentials/file_credentials.hpp"
#include "adapters/s3/credentials/issued_keys.hpp"
#include "adapters/url/url.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

namespace stayler::adapters {

namespace {

failure unusable(const std::string& why) {
  return {error_class::invalid_input, "S3_CREDENTIALS: " + why};
}

std::string or_empty(const environment_reader& environment, const std::string& name) {
  return environment(name).value_or("");
}

using place_result = result<std::unique_ptr<credentials_place>>;

place_result choose_container(const settings& config, const environment_reader& environment) {
  const std::string path = or_empty(environment, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  container_role role;
  role.url = path.empty() ? or_empty(environment, "AWS_CONTAINER_CREDENTIALS_FULL_URI")
                          : "http://169.254.170.2" + path;
  role.token = or_empty(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN");
  role.token_file = or_empty(environment, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  role.authorities = config.ca_file;
  if (role.url.empty()) {
    return unusable(
        "ecs needs AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or AWS_CONTAINER_CREDENTIALS_FULL_URI, "
        "which ECS and EKS set where the task or the pod has a role"
    );
  }
  if (const std::string flaw = flaw_of_agent_url(role.url); !flaw.empty()) {
    return unusable("AWS_CONTAINER_CREDENTIALS_FULL_URI: " + flaw);
  }
  return make_container_place(std::move(role));
}

place_result choose_instance(const environment_reader& environment) {
  std::string url =
      environment("AWS_EC2_METADATA_SERVICE_ENDPOINT").value_or("http://169.254.169.254");
  if (!parse_url(url)) {
    return unusable("AWS_EC2_METADATA_SERVICE_ENDPOINT is no address");
  }
  while (url.ends_with('/')) {
    url.pop_back();
  }
  return make_instance_place(std::move(url));
}

place_result choose_web_identity(
    const settings& config, const std::string& region, const environment_reader& environment
) {
  web_identity identity;
  identity.role = or_empty(environment, "AWS_ROLE_ARN");
  identity.token_file = or_empty(environment, "AWS_WEB_IDENTITY_TOKEN_FILE");
  identity.session_name = environment("AWS_ROLE_SESSION_NAME").value_or("stayler-worker");
  identity.url =
      environment("AWS_ENDPOINT_URL_STS")
          .value_or(
              "https://sts." + environment("AWS_REGION").value_or(region) + ".amazonaws.com/"
          );
  identity.outgoing = outgoing_calls_from(config);
  if (identity.role.empty() || identity.token_file.empty()) {
    return unusable(
        "web-identity needs AWS_ROLE_ARN and AWS_WEB_IDENTITY_TOKEN_FILE, which EKS sets where the "
        "service account has a role"
    );
  }
  if (!parse_url(identity.url)) {
    return unusable("AWS_ENDPOINT_URL_STS is no address");
  }
  return make_web_identity_place(std::move(identity));
}

place_result choose_place(
    const settings& config, const std::string& region, const environment_reader& environment
) {
  return config.s3_credentials == "ecs"    ? choose_container(config, environment)
         : config.s3_credentials == "imds" ? choose_instance(environment)
                                           : choose_web_identity(config, region, environment);
}

/// ~/.aws/credentials where no file is named.
result<std::string> profile_file_of(const settings& config, const environment_reader& environment) {
  if (!config.s3_profile_file.empty()) {
    return config.s3_profile_file;
  }
  const auto home = environment("HOME");
  return home ? result<std::string>{*home + "/.aws/credentials"}
              : unusable("profile needs S3_PROFILE_FILE");
}

result<std::shared_ptr<credentials_source>> choose_profile(
    const settings& config, const environment_reader& environment
) {
  const auto file = profile_file_of(config, environment);
  if (!file) {
    return file.error();
  }
  return make_file_credentials([file = *file, profile = config.s3_profile] {
    return read_profile_file(file, profile);
  });
}

/// Whether a value was read from a file that can be read again; so is one that there is not.
bool is_in_file(const std::string& value, const std::string& file) {
  std::error_code missing;
  return file.empty() ? value.empty() : std::filesystem::is_regular_file(file, missing);
}

std::shared_ptr<credentials_source> choose_given(const settings& config) {
  const bool is_in_files =
      is_in_file(config.s3_access_key_id, config.s3_access_key_id_file)
      && is_in_file(config.s3_secret_access_key, config.s3_secret_access_key_file)
      && is_in_file(config.s3_session_token, config.s3_session_token_file);
  if (!is_in_files) {
    return make_fixed_credentials(
        {config.s3_access_key_id, config.s3_secret_access_key, config.s3_session_token}
    );
  }
  return make_file_credentials([files = key_files{
                                    config.s3_access_key_id_file, config.s3_secret_access_key_file,
                                    config.s3_session_token_file}] {
    return read_key_files(files);
  });
}

}  // namespace

std::optional<std::string> read_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr || *value == '\0' ? std::nullopt : std::optional<std::string>{value};
}

result<std::shared_ptr<credentials_source>> choose_credentials(
    const settings& config, const std::string& region, const environment_reader& environment
) {
  if (config.s3_credentials == "static") {
    return choose_given(config);
  }
  if (config.s3_credentials == "profile") {
    return choose_profile(config, environment);
  }
  auto place = choose_place(config, region, environment);
  if (!place) {
    return std::move(place).error();
  }
  return make_credentials_keeper(std::move(*place));
}

void_result check_credentials(const settings& config, const environment_reader& environment) {
  if (config.s3_credentials == "static") {
    return ok();
  }
  if (config.s3_credentials != "profile") {
    auto place = choose_place(config, "us-east-1", environment);
    return place ? ok() : void_result{std::move(place).error()};
  }
  const auto file = profile_file_of(config, environment);
  if (!file) {
    return file.error();
  }
  const auto read = read_profile_file(*file, config.s3_profile);
  return read ? ok() : void_result{unusable(read.error().message)};
}

}  // namespace stayler::adapters
