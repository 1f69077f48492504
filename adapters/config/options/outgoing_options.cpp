// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace text_formats;

constexpr option outgoing_rows[] = {
    {.names = {"WORKER_CA_FILE", "caFile", {"SSL_CERT_FILE"}},
     .value = text{&settings::ca_file, or_empty(file_name)},
     .meaning = "PEM file of authorities that are trusted beside the system's, in all calls that "
                "leave over TLS: to the provider, the web hook, S3, image URLs and rediss:// "
                "(PostgreSQL: sslrootcert in DATABASE_URL). It is read anew for each connection."},
    {.names = {"WORKER_HTTPS_PROXY", "httpsProxy", {"HTTPS_PROXY", "https_proxy"}},
     .is_secret = true,
     .value = text{&settings::https_proxy, or_empty(proxy_url)},
     .meaning = "Proxy for the calls to https:// addresses of the provider, the web hook and S3; a "
                "secret, as it may hold a password. Images at URLs are always fetched directly."},
    {.names = {"WORKER_HTTP_PROXY", "httpProxy", {"http_proxy"}},
     .is_secret = true,
     .value = text{&settings::http_proxy, or_empty(proxy_url)},
     .meaning = "The same for http:// addresses."},
    {.names = {"WORKER_NO_PROXY", "noProxy", {"NO_PROXY", "no_proxy"}},
     .value = text{&settings::no_proxy, or_empty(proxy_exceptions)},
     .meaning = "Hosts that are called directly all the same: a name stands for itself and all "
                "names below it. localhost, 127.0.0.1 and ::1 always are."},
};

}  // namespace

option_group outgoing_options() noexcept {
  return {"Outgoing calls", outgoing_rows};
}

}  // namespace stayler::adapters
