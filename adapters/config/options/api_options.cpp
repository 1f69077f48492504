// SPDX-License-Identifier: MIT
#include "adapters/config/kinds/text_formats.hpp"
#include "adapters/config/options/option_groups.hpp"

#include <chrono>

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace std::chrono_literals;
using namespace text_formats;

constexpr option api_rows[] = {
    {.names = {"WORKER_HTTP_ADDRESS", "httpAddress"},
     .value = text{&settings::http_address, ip_address},
     .remark = "loopback only (127.0.0.1 or ::1) without WORKER_API_KEYS",
     .meaning =
         "Address on which the API listens; 0.0.0.0 or :: for all addresses of the machine."},
    {.names = {"WORKER_API_KEYS", "apiKeys"},
     .is_secret = true,
     .file = &settings::api_keys_file,
     .value = text{&settings::api_keys, or_empty(caller_keys)},
     .meaning = "Keys of the API, each by its SHA-256 in hex; roles: viewer, submitter, admin; a "
                "key with users is for their jobs and images alone, one with a rate has it instead "
                "of WORKER_RATE_LIMIT. Empty: no key is needed, on loopback only. The file is read "
                "again when it changes, and on SIGHUP."},
    {.names = {"WORKER_INSTANCE_NAME", "instanceName"},
     .value = text{&settings::instance_name, or_empty(short_name)},
     .meaning = "What this service is called where people could take it for another one of theirs: "
                "\"staging\". The sign-in page shows it to everybody."},
    {.names = {"WORKER_LINK_SECRET", "linkSecret"},
     .is_secret = true,
     .value = text{&settings::link_secret, or_empty(long_secret)},
     .meaning =
         "Signs the links of POST /images/{id}/links and POST /worker/events/tickets, and the "
         "sessions of browsers: at least 32 characters, the same for all coordinators behind "
         "one address. Empty: they are good at the process that made them, until it "
         "restarts."},
    {.names = {"WORKER_RATE_LIMIT", "rateLimit"},
     .value = decimal{&settings::rate_limit, 0, 1'000'000},
     .remark = "0 for no limit",
     .meaning = "Calls per second that each API key may make, and each address without one; 429 "
                "beyond. Only where there are keys."},
    {.names = {"WORKER_RATE_BURST", "rateBurst"},
     .value = integer{&settings::rate_burst, 1, 1'000'000},
     .meaning = "Calls that each may make at once after a pause."},
    {.names = {"WORKER_TRUSTED_PROXIES", "trustedProxies"},
     .value = text{&settings::trusted_proxies, or_empty(ip_networks)},
     .remark = "only with WORKER_API_KEYS",
     .meaning = "Addresses and networks of proxies whose X-Forwarded-For is believed, so that "
                "limits, log and audit trail see who calls through them."},
    {.names = {"WORKER_PROXY_PROTOCOL", "proxyProtocol"},
     .value = boolean{&settings::proxy_protocol},
     .remark = "only with WORKER_TRUSTED_PROXIES",
     .meaning = "Whether these proxies begin each connection with a PROXY header (version 1 or 2), "
                "which they then have to."},
    {.names = {"WORKER_HTTP_PORT", "httpPort"},
     .value = integer{&settings::http_port, 0, 65'535},
     .remark = "0 for any free port",
     .meaning = "Port of the API."},
    {.names = {"WORKER_HTTP_MEMORY", "httpMemory"},
     .value = integer{&settings::http_memory, 33'554'432, 68'719'476'736},
     .remark = "bytes, at least three times WORKER_MAX_IMAGE_BYTES",
     .meaning = "Memory that the bodies of requests and answers may take, of all connections of "
                "the API together; calls beyond it wait, or get 503. A body of more than 64 KiB "
                "arrives in a file in WORKER_DATA_DIR first."},
    {.names = {"WORKER_HTTP_READ_TIMEOUT", "httpReadTimeout"},
     .value = duration{&settings::http_read_timeout, 1s, 10min},
     .meaning = "How long the head of a request may take, and how long its body before "
                "WORKER_HTTP_MIN_RATE counts, or without a byte; 408 beyond."},
    {.names = {"WORKER_HTTP_MIN_RATE", "httpMinRate"},
     .value = integer{&settings::http_min_rate, 1, 1'048'576},
     .remark = "bytes a second",
     .meaning =
         "How fast a body has to come, on the average of its time. Who is faster may take as "
         "long as the body is large."},
    {.names = {"WORKER_HTTP_IDLE_TIMEOUT", "httpIdleTimeout"},
     .value = duration{&settings::http_idle_timeout, 1s, 1h},
     .meaning = "How long a connection may wait for its next request. It has to be longer than the "
                "idle time of a balancer in front, which is 60 s with most."},
    {.names = {"WORKER_TLS_CERTIFICATE", "tlsCertificate"},
     .value = text{&settings::tls_certificate, or_empty(file_name)},
     .meaning = "PEM file of the certificate that the API shows, followed by those that it was "
                "signed by: the port of the API then speaks HTTPS alone. Read anew when it "
                "changes. Empty: plain HTTP."},
    {.names = {"WORKER_TLS_KEY", "tlsKey"},
     .value = text{&settings::tls_key, or_empty(file_name)},
     .meaning = "PEM file of that certificate's key, without a passphrase."},
    {.names = {"WORKER_HSTS_MAX_AGE", "hstsMaxAge"},
     .value = duration{&settings::hsts_max_age, 0s, 17'520h},
     .remark = "0 for not at all",
     .meaning = "How long browsers are told to use nothing but HTTPS with this host, on all its "
                "ports; over TLS only."},
    {.names = {"WORKER_CORS_ORIGINS", "corsOrigins"},
     .value = text{&settings::cors_origins, or_empty(web_origins)},
     .meaning = "Origins of web pages that may call the API from a browser. Empty: only pages of "
                "its own origin may."},
};

}  // namespace

option_group api_options() noexcept {
  return {"API", api_rows};
}

}  // namespace stayler::adapters
