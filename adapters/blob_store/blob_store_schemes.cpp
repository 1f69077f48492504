// SPDX-License-Identifier: MIT
#include "adapters/blob_store/blob_store_schemes.hpp"

#include "adapters/blob_store/s3_blob_store.hpp"
#include "adapters/s3/credentials/choose_credentials.hpp"
#include "adapters/s3/s3_url.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace stayler::adapters {

namespace {

result<std::unique_ptr<blob_store>> open_s3(const settings& config) {
  auto where = parse_s3_url(config.storage_url);
  if (!where) {
    return std::move(where).error();
  }
  s3_options options;
  auto credentials = choose_credentials(config, where->region);
  if (!credentials) {
    return std::move(credentials).error();
  }
  options.where = std::move(*where);
  options.credentials = std::move(*credentials);
  options.outgoing = outgoing_calls_from(config);
  return make_s3_blob_store(std::move(options));
}

constexpr std::string_view s3_key[] = {"S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"};

std::span<const std::string_view> needs_of_s3(const settings& config) {
  const std::span<const std::string_view> key{s3_key};
  return config.s3_credentials == "static" ? key : key.first(0);
}

std::string flaw_of_s3(std::string_view url) {
  const auto parsed = parse_s3_url(url);
  return parsed ? std::string{} : parsed.error().message;
}

void_result check_s3(const settings& config) {
  return check_credentials(config);
}

constexpr blob_store_scheme schemes[] = {
    {.prefix = "s3://",
     .form = "s3://BUCKET[/PREFIX][?region=REGION&endpoint=URL&style=STYLE&encryption=HOW]",
     .flaw_of = flaw_of_s3,
     .needs = needs_of_s3,
     .check = check_s3,
     .open = open_s3},
};

}  // namespace

std::span<const blob_store_scheme> blob_store_schemes() noexcept {
  return {schemes};
}

const blob_store_scheme* find_blob_store_scheme(std::string_view url) {
  const auto has_its_prefix = [url](const blob_store_scheme& each) {
    return url.starts_with(each.prefix);
  };
  const auto found = std::ranges::find_if(blob_store_schemes(), has_its_prefix);
  return found == blob_store_schemes().end() ? nullptr : &*found;
}

bool is_blob_store_url(std::string_view url) {
  const blob_store_scheme* scheme = find_blob_store_scheme(url);
  return scheme != nullptr && scheme->flaw_of(url).empty();
}

std::string blob_store_url_flaw(std::string_view url) {
  const blob_store_scheme* scheme = find_blob_store_scheme(url);
  return scheme == nullptr ? std::string{} : scheme->flaw_of(url);
}

std::string_view blob_store_url_forms() {
  static const std::string forms = [] {
    std::string list;
    for (const blob_store_scheme& each : blob_store_schemes()) {
      list.append(list.empty() ? "" : " or ").append(each.form);
    }
    return list;
  }();
  return forms;
}

}  // namespace stayler::adapters
