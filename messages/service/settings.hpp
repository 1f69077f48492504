// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/error.hpp"
#include "messages/base/time.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace stayler {

/// Re-sends and delays between the attempts of a job (RETRY_*).
struct retry_settings {
  std::uint32_t max_retries = 3;  ///< ceiling of a job's own maxRetries
  milliseconds initial_delay{5'000};
  milliseconds max_delay{300'000};
  double backoff_factor = 2.0;
  bool jitter = true;

  friend bool operator==(const retry_settings&, const retry_settings&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, retry_settings& x) {
  return f(x.max_retries, x.initial_delay, x.max_delay, x.backoff_factor, x.jitter);
}

/// The provider (GEMINI_*).
struct gemini_settings {
  std::string api_key;  ///< one or several; a secret: shown as "***" everywhere
  std::string base_url = "https://generativelanguage.googleapis.com";
  std::string model = "gemini-nano-banana-2.1";
  std::uint32_t max_retries = 3;      ///< quick re-sends inside one attempt, connection faults only
  milliseconds timeout{60'000};       ///< for one call
  std::uint32_t max_concurrency = 0;  ///< calls in flight; 0: found out
  std::uint32_t breaker_percent =
      50;  ///< of failed calls that open the circuit breaker; 0: none do
  std::uint32_t requests_per_minute = 0;  ///< of each key; 0: found out
  std::uint32_t requests_per_day = 0;     ///< of each key; 0: no bound
  double budget_per_day = 0;              ///< US dollars; 0: none
  double budget_per_user = 0;             ///< US dollars a day; 0: none
  std::string prices;                     ///< beside the known ones
  std::string fallback_models;            ///< in the order in which they take the model's place
  milliseconds flex_timeout{600'000};     ///< for one call of a job that can wait
  bool sends_traceparent = false;         ///< the provider is told the trace of each call

  friend bool operator==(const gemini_settings&, const gemini_settings&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, gemini_settings& x) {
  // The key is left out: what inspect shows ends up in logs and on the wire to other nodes.
  return f(
      x.base_url, x.model, x.max_retries, x.timeout, x.max_concurrency, x.breaker_percent,
      x.requests_per_minute, x.requests_per_day, x.budget_per_day, x.budget_per_user, x.prices,
      x.fallback_models, x.flex_timeout, x.sends_traceparent
  );
}

/// Spans of jobs, and where they go (OTEL_*).
struct tracing_settings {
  std::string endpoint;         ///< of a collector of all kinds of signals; empty: none
  std::string traces_endpoint;  ///< of one for traces alone, as it is; empty: endpoint
  std::string headers;          ///< of each call to it; a secret
  std::string service_name = "stayler-worker";
  std::string sampler = "parentbased_always_on";
  double sampler_ratio = 1.0;  ///< the part of traces that a ratio's sampler takes

  friend bool operator==(const tracing_settings&, const tracing_settings&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, tracing_settings& x) {
  return f(x.endpoint, x.traces_endpoint, x.service_name, x.sampler, x.sampler_ratio);
}

/// The effective configuration. Secrets do not survive serialization: each node has its own.
/// Defaults are here; meaning and range of each field are in the option table
/// (adapters/config/options/), from which --help and docs/configuration.md are made.
struct settings {
  std::uint32_t max_workers = 5;
  milliseconds job_timeout{600'000};
  milliseconds retry_delay{30'000};  ///< pause before a job whose worker was lost is tried again
  std::uint32_t max_retries = 3;     ///< default of a job's own maxRetries
  milliseconds poll_interval{5'000};
  milliseconds cleanup_interval{3'600'000};
  std::uint16_t health_check_port = 8081;
  bool enable_metrics = true;
  bool enable_health_check = true;
  retry_settings retry;
  gemini_settings gemini;
  tracing_settings tracing;

  std::string http_address = "127.0.0.1";
  std::uint16_t http_port = 8080;
  std::uint64_t http_memory = 256ULL << 20U;  ///< bytes, of all bodies and answers at a time
  milliseconds http_read_timeout{15'000};     ///< for a head; of a body, until its rate counts
  std::uint64_t http_min_rate = 16'384;       ///< bytes of a body in a second
  milliseconds http_idle_timeout{75'000};     ///< between two requests of one connection
  std::string tls_certificate;                ///< a file; empty: the API speaks plain HTTP
  std::string tls_key;                        ///< a file
  milliseconds hsts_max_age{365LL * 24 * 3'600'000};  ///< told to browsers over TLS; 0: not
  std::string cors_origins;          ///< of pages that may use the API; empty: of none
  std::uint32_t rate_burst = 400;    ///< calls at once, after a pause
  std::string health_check_address;  ///< empty: http_address
  std::string api_keys;              ///< hashes of them; treated as a secret; empty: loopback only
  std::string link_secret;           ///< a secret; signs links; empty: one of this process
  std::string api_keys_file;         ///< where they were read from; empty: they were given as such
  double rate_limit = 200;           ///< calls a second of one caller of the API; 0: no bound
  std::string trusted_proxies;       ///< addresses and networks of them; empty: none
  bool proxy_protocol = false;       ///< they begin each connection with a PROXY header
  milliseconds shutdown_timeout{30'000};
  std::string data_dir = "data";
  std::string queue_backend = "sqlite";      ///< "sqlite", "redis" or "memory"
  std::string queue_name = "stayler";        ///< Redis: whose jobs are whose
  std::uint64_t max_jobs = 100'000;          ///< that may wait; 0: no bound
  std::uint64_t max_jobs_per_user = 50'000;  ///< the same, of each user; 0: no bound
  std::uint32_t max_ambiguous_calls =
      1;                            ///< provider calls of unknown fate before a job is given up
  std::uint32_t max_restarts = 10;  ///< of actors within the window; one more ends the service
  std::string sqlite_synchronous = "full";  ///< "full" or "normal"
  std::string redis_url;                    ///< a secret: it may hold a password
  std::string storage_url;                  ///< empty: images are in a folder of data_dir
  std::string s3_access_key_id;             ///< a secret
  std::string s3_secret_access_key;         ///< a secret
  std::string s3_session_token;             ///< a secret; empty: the key is a lasting one
  std::string s3_access_key_id_file;        ///< where these three were read from,
  std::string s3_secret_access_key_file;    ///< to be read again;
  std::string s3_session_token_file;        ///< empty: they were given as such
  std::string s3_credentials = "static";   ///< "static", "profile", "ecs", "imds" or "web-identity"
  std::string s3_profile_file;             ///< in the format of AWS's shared credentials
  std::string s3_profile = "default";      ///< which part of it
  std::string image_url_allow;             ///< hosts of image URLs; empty: none
  bool image_url_allow_private = false;    ///< also at addresses that are not public
  std::string database_url;                ///< a secret too; empty: records are in SQLite
  std::string webhook_url;                 ///< empty: notifications go to the log
  std::string webhook_secret;              ///< one or several; a secret
  milliseconds webhook_timeout{15'000};    ///< for one delivery
  std::uint32_t webhook_concurrency = 16;  ///< deliveries to one receiver at a time
  std::string webhook_url_allow;           ///< hosts of jobs' own web hooks; empty: none
  bool webhook_url_allow_private = false;  ///< also at addresses that are not public
  bool alerts = true;                      ///< are notifications, too
  std::string notify_channel;              ///< of Redis, for notifications; empty: none
  milliseconds notify_max_pause{3'600'000};             ///< between two deliveries of one
  milliseconds notify_give_up{72LL * 3'600'000};        ///< how long one is delivered again
  milliseconds notify_retention{7LL * 24 * 3'600'000};  ///< of those that were given up
  std::uint64_t max_image_bytes = 20ULL * 1024 * 1024;
  std::uint64_t max_image_pixels = 64'000'000;  ///< of all formats but JPEG, which is scaled
  std::uint64_t max_jpeg_pixels = 220'000'000;
  std::uint32_t max_image_side = 20'000;
  std::uint32_t codec_processes = 0;  ///< at work at a time; 0: one a core, 8 at most
  std::string codec_sandbox = "on";   ///< "on", "off" or "trap"
  std::uint64_t codec_cache_bytes = 32ULL * 1024 * 1024;  ///< of prepared pictures; 0: none
  milliseconds retention{24 * 3'600'000};                 ///< of completed and cancelled jobs
  milliseconds dead_letter_retention{14LL * 24 * 3'600'000};
  std::uint64_t max_finished = 100'000;  ///< of each: finished jobs, dead letters; 0: no bound
  std::uint64_t result_cache_max_bytes = 1ULL << 30U;  ///< 0: off
  milliseconds result_cache_max_age{24 * 3'600'000};
  std::string result_cache_scope = "all";  ///< "all" or "user"
  milliseconds restart_window{60'000};
  milliseconds ping_timeout{10'000};  ///< an actor that is silent for so long is replaced
  std::string history_file;           ///< empty: no history is written
  std::string log_level = "info";     ///< for all, then exceptions: "info,gemini=debug"
  std::string log_format = "text";    ///< "text" or "json"
  std::string audit_file;             ///< empty: audit.jsonl in data_dir
  std::string audit_key;  ///< a secret; empty: one that is made and kept beside the file
  milliseconds audit_retention{365LL * 24 * 3'600'000};
  milliseconds history_retention{0};  ///< of history_file; 0: without end
  milliseconds upload_retention{0};   ///< of pictures that users have uploaded; 0: without end
  milliseconds result_retention{0};   ///< of pictures that jobs have made; 0: without end
  milliseconds record_retention{0};   ///< of final conversions in SQLite; 0: without end
  std::string log_user_ids = "none";  ///< "none", "hashed" or "plain"
  bool enable_chaos = false;          ///< fault injection by API, for tests
  std::string role = "all";           ///< "all", "coordinator" or "worker"
  std::string node_listen;            ///< address and port for nodes; empty: none are taken in
  std::string node_join;              ///< worker: the coordinators, separated by commas
  std::string node_name;              ///< empty: the host's
  std::string node_tls_certificate;   ///< files: of this process,
  std::string node_tls_key;           ///< its key,
  std::string node_tls_ca;            ///< and the authority of both sides
  std::string node_tls_crl;           ///< file of what that authority has revoked; empty: nothing
  std::string redis_tls_ca;           ///< file; empty: the system's authorities
  bool core_files = false;            ///< a crash may leave one, and debuggers may attach
  std::string encryption_keys;        ///< a secret; for what is stored; empty: it stays as it is
  std::string ca_file;                ///< authorities beside the system's; empty: none
  std::string https_proxy;            ///< for calls to https://; a secret; empty: none
  std::string http_proxy;             ///< for calls to http://; a secret; empty: none
  std::string no_proxy;               ///< hosts that are called directly all the same
  std::string instance_name;          ///< how people tell this service from others; may be empty

  friend bool operator==(const settings&, const settings&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, settings& x) {
  return f(
      x.max_workers, x.job_timeout, x.retry_delay, x.max_retries, x.poll_interval,
      x.cleanup_interval, x.health_check_port, x.enable_metrics, x.enable_health_check, x.retry,
      x.gemini, x.http_address, x.http_port, x.health_check_address, x.rate_limit, x.rate_burst,
      x.trusted_proxies, x.proxy_protocol, x.shutdown_timeout, x.data_dir, x.queue_backend,
      x.queue_name, x.max_jobs, x.max_ambiguous_calls, x.sqlite_synchronous, x.storage_url,
      x.image_url_allow, x.image_url_allow_private, x.webhook_url, x.max_image_bytes,
      x.max_image_pixels, x.retention, x.dead_letter_retention, x.max_finished,
      x.result_cache_max_bytes, x.result_cache_max_age, x.max_restarts, x.restart_window,
      x.ping_timeout, x.history_file, x.log_level, x.log_format, x.audit_file, x.enable_chaos,
      x.role, x.node_listen, x.node_join, x.node_name, x.node_tls_certificate, x.node_tls_key,
      x.node_tls_ca, x.notify_channel, x.max_jpeg_pixels, x.max_image_side, x.codec_processes,
      x.codec_sandbox, x.codec_cache_bytes, x.tls_certificate, x.tls_key, x.hsts_max_age,
      x.cors_origins, x.max_jobs_per_user, x.node_tls_crl, x.redis_tls_ca, x.core_files,
      x.result_cache_scope, x.http_memory, x.http_read_timeout, x.http_min_rate,
      x.http_idle_timeout, x.s3_credentials, x.s3_profile_file, x.s3_profile, x.ca_file, x.no_proxy,
      x.webhook_timeout, x.webhook_concurrency, x.webhook_url_allow, x.webhook_url_allow_private,
      x.notify_max_pause, x.notify_give_up, x.notify_retention, x.instance_name, x.audit_retention,
      x.history_retention, x.upload_retention, x.result_retention, x.record_retention,
      x.log_user_ids, x.alerts, x.tracing
  );
}

/// One wanted change of the configuration: the option's JSON name ("retry.maxDelay") and the new
/// value as text, in the form that the environment variable takes.
struct settings_change {
  std::string name;
  std::string value;

  friend bool operator==(const settings_change&, const settings_change&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, settings_change& x) {
  return f(x.name, x.value);
}

/// The answer to a change: what is in force now, or why nothing was applied.
struct settings_update {
  settings effective;
  std::vector<field_problem> problems;  ///< not empty: nothing was applied

  friend bool operator==(const settings_update&, const settings_update&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, settings_update& x) {
  return f(x.effective, x.problems);
}

}  // namespace stayler
