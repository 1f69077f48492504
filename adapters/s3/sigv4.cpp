// SPDX-License-Identifier: MIT
#include "adapters/s3/sigv4.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/url/url.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <span>

namespace stayler::adapters {

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string hash_of(std::string_view text) {
  return sha256_hex(std::as_bytes(std::span{text}));
}

/// Without blanks at its ends, and each run of blanks inside as one.
std::string trimmed(std::string_view value) {
  std::string text;
  for (const char c : value) {
    const bool is_blank = c == ' ' || c == '\t';
    if (!is_blank) {
      text += c;
    } else if (!text.empty() && text.back() != ' ') {
      text += ' ';
    }
  }
  if (!text.empty() && text.back() == ' ') {
    text.pop_back();
  }
  return text;
}

struct canonical_headers {
  std::string lines;
  std::string names;
};

canonical_headers canonical(name_values headers) {
  std::stable_sort(headers.begin(), headers.end(), [](const auto& a, const auto& b) {
    return a.first < b.first;
  });
  canonical_headers made;
  for (std::size_t i = 0; i < headers.size(); ++i) {
    if (i > 0 && headers[i].first == headers[i - 1].first) {
      made.lines.back() = ',';
      made.lines += trimmed(headers[i].second) + '\n';
    } else {
      made.lines += headers[i].first + ':' + trimmed(headers[i].second) + '\n';
      made.names += (made.names.empty() ? "" : ";") + headers[i].first;
    }
  }
  return made;
}

}  // namespace

std::string canonical_query(name_values query) {
  for (auto& [name, value] : query) {
    name = encode_percent(name);
    value = encode_percent(value);
  }
  std::sort(query.begin(), query.end());
  std::string text;
  for (const auto& [name, value] : query) {
    text.append(text.empty() ? "" : "&").append(name).append("=").append(value);
  }
  return text;
}

std::string amz_date(timestamp at) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(at);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 32> text{};
  return {text.data(), std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc)};
}

std::string sigv4_authorization(
    const sigv4_request& request, const aws_credentials& credentials, const sigv4_scope& scope
) {
  const auto [lines, names] = canonical(request.headers);
  const std::string canonical_request = fmt::format(
      "{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path, canonical_query(request.query), lines,
      names, request.payload_hash
  );
  const std::string time = amz_date(scope.at);
  const std::string day = time.substr(0, 8);
  const std::string range = fmt::format("{}/{}/{}/aws4_request", day, scope.region, scope.service);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", algorithm, time, range, hash_of(canonical_request));
  std::string key = "AWS4" + credentials.secret_access_key;
  for (const std::string_view part :
       {std::string_view{day}, std::string_view{scope.region}, std::string_view{scope.service},
        std::string_view{"aws4_request"}}) {
    key = hmac_sha256(key, part);
  }
  return fmt::format(
      "{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, credentials.access_key_id,
      range, names, hmac_sha256_hex(key, to_sign)
  );
}

}  // namespace stayler::adapters
