// SPDX-License-Identifier: MIT
#include "adapters/blob_store/blob_store_schemes.hpp"

#include "adapters/blob_store/s3_blob_store.hpp"
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
  options.where = std::move(*where);
  options.credentials = {config.s3_access_key_id, config.s3_secret_access_key};
  return make_s3_blob_store(std::move(options));
}

constexpr std::string_view s3_needs[] = {"S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"};

constexpr blob_store_scheme schemes[] = {
    {.prefix = "s3://",
     .form = "s3://BUCKET[/PREFIX][?region=REGION&endpoint=URL&style=STYLE]",
     .is_valid = [](std::string_view url) { return parse_s3_url(url).has_value(); },
     .needs = s3_needs,
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
  return scheme != nullptr && scheme->is_valid(url);
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
