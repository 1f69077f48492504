// SPDX-License-Identifier: MIT
#include "app/cli/client/certificate.hpp"

#include <curl/curl.h>

#include <ctime>
#include <memory>
#include <string_view>

namespace stayler::cli {

namespace {

constexpr std::string_view end_mark = "Expire date:";

std::size_t drop_bytes(char*, std::size_t, std::size_t size, void*) {
  return size;
}

/// The end of the first certificate, the service's own.
timestamp end_of_first(CURL* curl) {
  ::curl_certinfo* chain = nullptr;
  if (::curl_easy_getinfo(curl, CURLINFO_CERTINFO, &chain) != CURLE_OK || chain == nullptr
      || chain->num_of_certs < 1) {
    return {};
  }
  for (const auto* each = chain->certinfo[0]; each != nullptr; each = each->next) {
    const std::string_view line = each->data;
    if (line.starts_with(end_mark)) {
      return parse_certificate_time(std::string{line.substr(end_mark.size())});
    }
  }
  return {};
}

}  // namespace

timestamp parse_certificate_time(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%b %d %H:%M:%S %Y", &parts) == nullptr) {
    return {};
  }
  return to_timestamp(std::chrono::system_clock::from_time_t(::timegm(&parts)));
}

timestamp certificate_end(const connection& how) {
  const std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)> curl{
      ::curl_easy_init(), &::curl_easy_cleanup};
  const auto set = [&curl](CURLoption option, auto value) {
    ::curl_easy_setopt(curl.get(), option, value);
  };
  set(CURLOPT_URL, (how.url + "/health/live").c_str());
  set(CURLOPT_CERTINFO, 1L);
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(how.timeout.count()));
  set(CURLOPT_WRITEFUNCTION, &drop_bytes);
  if (!how.ca_file.empty()) {
    set(CURLOPT_CAINFO, how.ca_file.c_str());
  }
  return ::curl_easy_perform(curl.get()) == CURLE_OK ? end_of_first(curl.get()) : timestamp{};
}

}  // namespace stayler::cli
