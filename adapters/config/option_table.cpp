// SPDX-License-Identifier: MIT
#include "adapters/config/option_table.hpp"

#include "adapters/caller_keys/caller_keys.hpp"
#include "adapters/config/option_kinds.hpp"
#include "adapters/gemini/price_table.hpp"
#include "adapters/image_source/image_url.hpp"
#include "adapters/log/log_levels.hpp"
#include "adapters/node_tls/node_address.hpp"
#include "adapters/postgres/postgres_url.hpp"
#include "adapters/redis/redis_url.hpp"
#include "adapters/s3/s3_url.hpp"
#include "messages/service/node.hpp"

#include <chrono>
#include <utility>

namespace stayler::adapters {

namespace {

using namespace std::chrono_literals;

bool is_queue_name(std::string_view value) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !value.empty() && value.size() <= 64
         && value.find_first_not_of(allowed) == std::string_view::npos;
}

/// What is said of an option beside its kind.
struct option_traits {
  bool is_secret = false;
  bool is_live = false;
};

constexpr option_traits fixed{};
constexpr option_traits live{false, true};
constexpr option_traits fixed_secret{true, false};
constexpr option_traits live_secret{true, true};

option make(
    std::string_view variable,
    std::string_view json_name,
    std::string_view allowed,
    option_traits traits,
    option_kind kind,
    std::string_view meaning
) {
  const auto parse = [allowed, traits, read = std::move(kind.parse)](
                         settings& into, std::string_view text
                     ) -> std::string {
    if (read(into, text)) {
      return {};
    }
    const std::string value = traits.is_secret ? "this value" : in_quotes(text);
    return value + " is not allowed; use " + std::string{allowed};
  };
  return {
      variable,
      json_name,
      allowed,
      meaning,
      traits.is_secret,
      traits.is_live,
      kind.json,
      parse,
      std::move(kind.print)};
}

void add_worker_options(std::vector<option>& to) {
  to.push_back(make(
      "WORKER_MAX_WORKERS", "maxWorkers", "1 to 10000", live,
      whole_number<std::uint32_t>(
          1, 10'000, [](auto& s) -> auto& { return s.max_workers; }
      ),
      "How many jobs are worked on at the same time."
  ));
  to.push_back(make(
      "WORKER_JOB_TIMEOUT", "jobTimeout", "100ms to 24h", live,
      duration(
          100ms, 24h, [](auto& s) -> auto& { return s.job_timeout; }
      ),
      "Longest time for one attempt at a job, unless the job brings its own."
  ));
  to.push_back(make(
      "WORKER_RETRY_DELAY", "retryDelay", "0s to 24h", live,
      duration(
          0ms, 24h, [](auto& s) -> auto& { return s.retry_delay; }
      ),
      "Pause before a job whose worker was lost is tried again."
  ));
  to.push_back(make(
      "WORKER_MAX_RETRIES", "maxRetries", "0 to 100, at most RETRY_MAX_RETRIES", live,
      whole_number<std::uint32_t>(
          0, 100, [](auto& s) -> auto& { return s.max_retries; }
      ),
      "How often a failed job is tried again, unless the job brings its own maxRetries."
  ));
  to.push_back(make(
      "WORKER_POLL_INTERVAL", "pollInterval", "10ms to 1h", live,
      duration(
          10ms, 1h, [](auto& s) -> auto& { return s.poll_interval; }
      ),
      "How often the queue looks for due jobs and expired leases by itself. Jobs are pushed to "
      "free "
      "workers at once; this is only the safety net."
  ));
  to.push_back(make(
      "WORKER_CLEANUP_INTERVAL", "cleanupInterval", "100ms to 24h", live,
      duration(
          100ms, 24h, [](auto& s) -> auto& { return s.cleanup_interval; }
      ),
      "How often final jobs past their retention are removed."
  ));
  to.push_back(make(
      "WORKER_HEALTH_CHECK_PORT", "healthCheckPort",
      "0 to 65535, 0 for any free port; not the port of the API", fixed,
      whole_number<std::uint16_t>(
          0, 65'535, [](auto& s) -> auto& { return s.health_check_port; }
      ),
      "Port of the probes and of /metrics, apart from the API."
  ));
  to.push_back(make(
      "WORKER_ENABLE_METRICS", "enableMetrics", "true or false", fixed,
      flag([](auto& s) -> auto& { return s.enable_metrics; }), "Whether /metrics answers."
  ));
  to.push_back(make(
      "WORKER_ENABLE_HEALTH_CHECK", "enableHealthCheck", "true or false", fixed,
      flag([](auto& s) -> auto& { return s.enable_health_check; }),
      "Whether the port of the probes is opened."
  ));
}

void add_gemini_options(std::vector<option>& to) {
  to.push_back(make(
      "GEMINI_API_KEY", "gemini.apiKey", "printable ASCII without blanks", live_secret,
      text(
          is_token_text, [](auto& s) -> auto& { return s.gemini.api_key; }
      ),
      "The key for the Gemini API, or several of different projects, separated by commas."
  ));
  to.push_back(make(
      "GEMINI_BASE_URL", "gemini.baseUrl", "an http:// or https:// address without credentials",
      live,
      text(
          is_web_url, [](auto& s) -> auto& { return s.gemini.base_url; }
      ),
      "Where the Gemini API is; gemini-sim in demo and tests."
  ));
  to.push_back(make(
      "GEMINI_MODEL", "gemini.model", "a model's name: letters, digits, and . _ -", live,
      text(
          is_model_name, [](auto& s) -> auto& { return s.gemini.model; }
      ),
      "The model that makes the pictures. It has to be one that answers with images."
  ));
  to.push_back(make(
      "GEMINI_MAX_RETRIES", "gemini.maxRetries", "0 to 20", live,
      whole_number<std::uint32_t>(
          0, 20, [](auto& s) -> auto& { return s.gemini.max_retries; }
      ),
      "Quick re-sends of one call inside one attempt, after connection faults only."
  ));
  to.push_back(make(
      "GEMINI_TIMEOUT", "gemini.timeout", "seconds, or a duration such as 90s: 0.1 to 3600", live,
      seconds_number(
          100ms, 1h, [](auto& s) -> auto& { return s.gemini.timeout; }
      ),
      "Longest time for one call."
  ));
  to.push_back(make(
      "GEMINI_MAX_CONCURRENCY", "gemini.maxConcurrency", "0 to 10000, 0 for as many as it takes",
      live,
      whole_number<std::uint32_t>(
          0, 10'000, [](auto& s) -> auto& { return s.gemini.max_concurrency; }
      ),
      "Most calls at a time. Below it the service finds out by itself how many the provider takes."
  ));
  to.push_back(make(
      "GEMINI_BREAKER_PERCENT", "gemini.breakerPercent", "0 to 100, 0 for no circuit breaker", live,
      whole_number<std::uint32_t>(
          0, 100, [](auto& s) -> auto& { return s.gemini.breaker_percent; }
      ),
      "Share of failed calls within half a minute that stops all calls until probes succeed."
  ));
  to.push_back(make(
      "GEMINI_REQUESTS_PER_MINUTE", "gemini.requestsPerMinute", "0 to 1000000, 0 where not known",
      live,
      whole_number<std::uint32_t>(
          0, 1'000'000, [](auto& s) -> auto& { return s.gemini.requests_per_minute; }
      ),
      "Quota of each key. Without it the service finds it out from the provider's refusals."
  ));
  to.push_back(make(
      "GEMINI_REQUESTS_PER_DAY", "gemini.requestsPerDay", "0 to 1000000000, 0 for no bound", live,
      whole_number<std::uint32_t>(
          0, 1'000'000'000, [](auto& s) -> auto& { return s.gemini.requests_per_day; }
      ),
      "Most calls with each key on one of the provider's days, which end at midnight Pacific time."
  ));
  to.push_back(make(
      "GEMINI_BUDGET_PER_DAY", "gemini.budgetPerDay", "US dollars, 0 to 1000000, 0 for none", live,
      decimal_number(
          0, 1'000'000, [](auto& s) -> auto& { return s.gemini.budget_per_day; }
      ),
      "What calls may cost on one of the provider's days; then jobs wait for the next."
  ));
  to.push_back(make(
      "GEMINI_BUDGET_PER_USER", "gemini.budgetPerUser", "US dollars, 0 to 1000000, 0 for none",
      live,
      decimal_number(
          0, 1'000'000, [](auto& s) -> auto& { return s.gemini.budget_per_user; }
      ),
      "The same for the jobs of each user."
  ));
  to.push_back(make(
      "GEMINI_PRICES", "gemini.prices",
      "MODEL=INPUT/TEXT/IMAGE,... in US dollars for a million tokens", live,
      text(
          [](std::string_view value) { return read_prices(value).has_value(); },
          [](auto& s) -> auto& { return s.gemini.prices; }
      ),
      "Prices of models that the service does not know, or that have changed."
  ));
}

void add_retry_options(std::vector<option>& to) {
  to.push_back(make(
      "RETRY_MAX_RETRIES", "retry.maxRetries", "0 to 100", live,
      whole_number<std::uint32_t>(
          0, 100, [](auto& s) -> auto& { return s.retry.max_retries; }
      ),
      "Ceiling of every job's maxRetries."
  ));
  to.push_back(make(
      "RETRY_INITIAL_DELAY", "retry.initialDelay", "1ms to 24h, at most RETRY_MAX_DELAY", live,
      duration(
          1ms, 24h, [](auto& s) -> auto& { return s.retry.initial_delay; }
      ),
      "Pause before the first retry of a job."
  ));
  to.push_back(make(
      "RETRY_MAX_DELAY", "retry.maxDelay", "1ms to 24h", live,
      duration(
          1ms, 24h, [](auto& s) -> auto& { return s.retry.max_delay; }
      ),
      "Longest pause between two attempts."
  ));
  to.push_back(make(
      "RETRY_BACKOFF_FACTOR", "retry.backoffFactor", "1 to 100", live,
      decimal_number(
          1, 100, [](auto& s) -> auto& { return s.retry.backoff_factor; }
      ),
      "By how much the pause grows with each attempt."
  ));
  to.push_back(make(
      "RETRY_JITTER", "retry.jitter", "true or false", live,
      flag([](auto& s) -> auto& { return s.retry.jitter; }),
      "Whether pauses are spread at random, so that jobs that failed together don't return "
      "together."
  ));
}

void add_service_options(std::vector<option>& to) {
  to.push_back(make(
      "WORKER_HTTP_ADDRESS", "httpAddress",
      "an address in figures; without WORKER_API_KEYS of loopback: 127.0.0.1 or ::1", fixed,
      text(
          is_ip_address, [](auto& s) -> auto& { return s.http_address; }
      ),
      "Address on which the API listens; 0.0.0.0 or :: for all that the machine has."
  ));
  to.push_back(make(
      "WORKER_HEALTH_CHECK_ADDRESS", "healthCheckAddress", "an address in figures, or empty", fixed,
      text(
          [](std::string_view value) { return value.empty() || is_ip_address(value); },
          [](auto& s) -> auto& { return s.health_check_address; }
      ),
      "Address of the probes and of /metrics, which take no key. Empty: that of the API."
  ));
  to.push_back(make(
      "WORKER_API_KEYS", "apiKeys", "NAME:ROLE:SHA256[:USER[+USER...]],... or one a line, or empty",
      fixed_secret,
      text(
          [](std::string_view value) { return parse_caller_keys(value).has_value(); },
          [](auto& s) -> auto& { return s.api_keys; }
      ),
      "Keys of the API, each by its SHA-256 in hex; roles: viewer, submitter, admin; users whose "
      "jobs and images alone it is for. Empty: no key is asked for, on loopback only."
  ));
  to.push_back(make(
      "WORKER_RATE_LIMIT", "rateLimit", "0 to 1000000, 0 for no bound", fixed,
      decimal_number(
          0, 1'000'000, [](auto& s) -> auto& { return s.rate_limit; }
      ),
      "Calls a second that each API key may make, and each address without one; 429 beyond. Where "
      "there are keys."
  ));
  to.push_back(make(
      "WORKER_RATE_BURST", "rateBurst", "1 to 1000000", fixed,
      whole_number<std::uint32_t>(
          1, 1'000'000, [](auto& s) -> auto& { return s.rate_burst; }
      ),
      "Calls that it may make at once after a pause."
  ));
  to.push_back(make(
      "WORKER_HTTP_PORT", "httpPort", "0 to 65535, 0 for any free port", fixed,
      whole_number<std::uint16_t>(
          0, 65'535, [](auto& s) -> auto& { return s.http_port; }
      ),
      "Port of the API."
  ));
  to.push_back(make(
      "WORKER_SHUTDOWN_TIMEOUT", "shutdownTimeout", "0s to 1h", fixed,
      duration(
          0ms, 1h, [](auto& s) -> auto& { return s.shutdown_timeout; }
      ),
      "How long running jobs may take to finish when the service stops; then they are handed back."
  ));
  to.push_back(make(
      "WORKER_DATA_DIR", "dataDir", "a folder's name", fixed,
      text(
          [](std::string_view value) { return !value.empty() && is_plain_text(value); },
          [](auto& s) -> auto& { return s.data_dir; }
      ),
      "Folder of the database file and the images; made where it is missing."
  ));
  to.push_back(make(
      "QUEUE_BACKEND", "queueBackend", "sqlite, redis or memory", fixed,
      one_of(
          {"sqlite", "redis", "memory"}, [](auto& s) -> auto& { return s.queue_backend; }
      ),
      "Where jobs are kept: in jobs.db in WORKER_DATA_DIR; in Redis, which several processes may "
      "share; or in memory, where they end with the process."
  ));
  to.push_back(make(
      "QUEUE_NAME", "queueName", "1 to 64 letters, digits, dots, dashes or underscores", fixed,
      text(
          is_queue_name, [](auto& s) -> auto& { return s.queue_name; }
      ),
      "Which queue in Redis: processes with the same name share its jobs."
  ));
  to.push_back(make(
      "QUEUE_MAX_JOBS", "queueMaxJobs", "0 to 100000000", live,
      whole_number<std::uint64_t>(
          0, 100'000'000, [](auto& s) -> auto& { return s.max_jobs; }
      ),
      "How many jobs may wait, pending or scheduled; more are refused with 429. 0: no bound."
  ));
  to.push_back(make(
      "QUEUE_MAX_FINISHED", "queueMaxFinished", "0 to 100000000", live,
      whole_number<std::uint64_t>(
          0, 100'000'000, [](auto& s) -> auto& { return s.max_finished; }
      ),
      "How many finished jobs, and how many dead letters, are kept at most, whatever their age; "
      "the "
      "oldest go first. 0: no bound."
  ));
  to.push_back(make(
      "WORKER_MAX_AMBIGUOUS_CALLS", "maxAmbiguousCalls", "0 to 100", live,
      whole_number<std::uint32_t>(
          0, 100, [](auto& s) -> auto& { return s.max_ambiguous_calls; }
      ),
      "How often a job is tried again whose worker was lost during a call to the provider: nobody "
      "knows then whether the call was paid for."
  ));
  to.push_back(make(
      "WORKER_MAX_RESTARTS", "maxRestarts", "1 to 1000", fixed,
      whole_number<std::uint32_t>(
          1, 1'000, [](auto& s) -> auto& { return s.max_restarts; }
      ),
      "Restarts of failed actors within WORKER_RESTART_WINDOW; one more ends the service."
  ));
  to.push_back(make(
      "WORKER_RESTART_WINDOW", "restartWindow", "1s to 24h", fixed,
      duration(
          1s, 24h, [](auto& s) -> auto& { return s.restart_window; }
      ),
      "The time in which restarts are counted."
  ));
  to.push_back(make(
      "WORKER_PING_TIMEOUT", "pingTimeout", "500ms to 1h", fixed,
      duration(
          500ms, 1h, [](auto& s) -> auto& { return s.ping_timeout; }
      ),
      "An actor that has not answered the supervisor for so long is given up and replaced; those "
      "that wait for disks get a minute at least."
  ));
  to.push_back(make(
      "WORKER_HISTORY_FILE", "historyFile", "a file's name, or empty", fixed,
      text(
          is_plain_text, [](auto& s) -> auto& { return s.history_file; }
      ),
      "A file to which one JSON line is appended for each change of a job: for audits and tests; "
      "it grows without end. Empty: none."
  ));
  to.push_back(make(
      "REDIS_URL", "redisUrl",
      "redis://[[user]:password@]host[:port][/database], rediss://... or unix:///path",
      fixed_secret,
      text(
          [](std::string_view value) {
            return value.empty() || parse_redis_url(value).has_value();
          },
          [](auto& s) -> auto& { return s.redis_url; }
      ),
      "The Redis server of QUEUE_BACKEND=redis and WORKER_NOTIFY_CHANNEL; a secret, as it may hold "
      "a password."
  ));
  to.push_back(make(
      "DATABASE_URL", "databaseUrl",
      "postgres://[user[:password]@][host][:port][/database][?option=value&...], or empty",
      fixed_secret,
      text(
          [](std::string_view value) {
            return value.empty() || parse_postgres_url(value).has_value();
          },
          [](auto& s) -> auto& { return s.database_url; }
      ),
      "The PostgreSQL database of the records and notifications, with the application's tables. "
      "Empty: they are in stayler.db in WORKER_DATA_DIR."
  ));
  to.push_back(make(
      "SQLITE_SYNCHRONOUS", "sqliteSynchronous", "full or normal", fixed,
      one_of(
          {"full", "normal"}, [](auto& s) -> auto& { return s.sqlite_synchronous; }
      ),
      "What jobs that were accepted survive: full, also the loss of power, as each batch waits for "
      "the disk; normal, the end of the process, also by kill -9."
  ));
  to.push_back(make(
      "WORKER_WEBHOOK_URL", "webhookUrl",
      "an http:// or https:// address without credentials, or empty", fixed,
      text(
          [](std::string_view value) { return value.empty() || is_web_url(value); },
          [](auto& s) -> auto& { return s.webhook_url; }
      ),
      "Where notifications of finished jobs are posted; empty: they go to the log."
  ));
  to.push_back(make(
      "WORKER_WEBHOOK_SECRET", "webhookSecret", "text without control characters", fixed_secret,
      text(
          is_plain_text, [](auto& s) -> auto& { return s.webhook_secret; }
      ),
      "Signs web hooks in the Standard Webhooks form; empty: unsigned."
  ));
  to.push_back(make(
      "WORKER_NOTIFY_CHANNEL", "notifyChannel", "printable characters without blanks, or empty",
      fixed,
      text(
          is_token_text, [](auto& s) -> auto& { return s.notify_channel; }
      ),
      "The Redis channel (of REDIS_URL) to which notifications of finished jobs are published, in "
      "the place of a web hook."
  ));
}

void add_image_options(std::vector<option>& to) {
  to.push_back(make(
      "STORAGE_URL", "storageUrl",
      "s3://BUCKET[/PREFIX][?region=REGION&endpoint=URL&style=STYLE], or empty", fixed,
      text(
          [](std::string_view value) { return value.empty() || parse_s3_url(value).has_value(); },
          [](auto& s) -> auto& { return s.storage_url; }
      ),
      "An S3-compatible store for the images. Empty: a folder in WORKER_DATA_DIR."
  ));
  to.push_back(make(
      "S3_ACCESS_KEY_ID", "s3AccessKeyId", "printable characters without blanks", fixed_secret,
      text(
          is_token_text, [](auto& s) -> auto& { return s.s3_access_key_id; }
      ),
      "Id of the key that signs the calls to that store."
  ));
  to.push_back(make(
      "S3_SECRET_ACCESS_KEY", "s3SecretAccessKey", "printable characters without blanks",
      fixed_secret,
      text(
          is_token_text, [](auto& s) -> auto& { return s.s3_secret_access_key; }
      ),
      "The key itself; it is never sent."
  ));
  to.push_back(make(
      "IMAGE_URL_ALLOW", "imageUrlAllow", "HOST[:PORT] or *.DOMAIN[:PORT],..., or empty", fixed,
      text(
          [](std::string_view value) { return parse_host_patterns(value).has_value(); },
          [](auto& s) -> auto& { return s.image_url_allow; }
      ),
      "Hosts from which jobs may have images fetched by http(s) URL. Empty: URLs are refused."
  ));
  to.push_back(make(
      "IMAGE_URL_ALLOW_PRIVATE", "imageUrlAllowPrivate", "true or false", fixed,
      flag([](auto& s) -> auto& { return s.image_url_allow_private; }),
      "Whether these hosts may have private and other addresses that are not public."
  ));
}

void add_limit_options(std::vector<option>& to) {
  to.push_back(make(
      "WORKER_MAX_IMAGE_BYTES", "maxImageBytes", "1024 to 1073741824", fixed,
      whole_number<std::uint64_t>(
          1024, 1'073'741'824, [](auto& s) -> auto& { return s.max_image_bytes; }
      ),
      "Largest image file that is taken in."
  ));
  to.push_back(make(
      "WORKER_MAX_IMAGE_PIXELS", "maxImagePixels", "1 to 1000000000", fixed,
      whole_number<std::uint64_t>(
          1, 1'000'000'000, [](auto& s) -> auto& { return s.max_image_pixels; }
      ),
      "Most pixels (width times height) of an image, checked before it is decoded."
  ));
  to.push_back(make(
      "WORKER_RETENTION", "retention", "1s to 8760h", live,
      duration(
          1s, 8760h, [](auto& s) -> auto& { return s.retention; }
      ),
      "How long completed and cancelled jobs are kept."
  ));
  to.push_back(make(
      "WORKER_DEAD_LETTER_RETENTION", "deadLetterRetention", "1s to 8760h", live,
      duration(
          1s, 8760h, [](auto& s) -> auto& { return s.dead_letter_retention; }
      ),
      "How long failed jobs are kept."
  ));
  to.push_back(make(
      "RESULT_CACHE_MAX_BYTES", "resultCacheMaxBytes", "0 to 1099511627776", live,
      whole_number<std::uint64_t>(
          0, 1'099'511'627'776, [](auto& s) -> auto& { return s.result_cache_max_bytes; }
      ),
      "Disk for pictures that may serve another job with the same images and options; the least "
      "recently used go first. 0: every job makes a call to the provider."
  ));
  to.push_back(make(
      "RESULT_CACHE_MAX_AGE", "resultCacheMaxAge", "1s to 8760h", live,
      duration(
          1s, 8760h, [](auto& s) -> auto& { return s.result_cache_max_age; }
      ),
      "How long such a picture may serve other jobs after it was made."
  ));
  to.push_back(make(
      "WORKER_LOG_LEVEL", "logLevel", allowed_log_levels(), live,
      text(
          [](std::string_view value) { return parse_log_levels(value).has_value(); },
          [](auto& s) -> auto& { return s.log_level; }
      ),
      "Least severe lines that are logged, for all subsystems or for each."
  ));
  to.push_back(make(
      "WORKER_LOG_FORMAT", "logFormat", "text, json", fixed,
      one_of(
          {"text", "json"}, [](auto& s) -> auto& { return s.log_format; }
      ),
      "Form of the log lines."
  ));
  to.push_back(make(
      "WORKER_AUDIT_FILE", "auditFile", "a file's name, or empty", fixed,
      text(
          is_plain_text, [](auto& s) -> auto& { return s.audit_file; }
      ),
      "A file to which one JSON line is appended for each call of the API that changes something. "
      "Empty: such calls are only in the log."
  ));
  to.push_back(make(
      "WORKER_ENABLE_CHAOS", "enableChaos", "true or false", fixed,
      flag([](auto& s) -> auto& { return s.enable_chaos; }),
      "Whether actors can be made to fail through the API; for tests only."
  ));
}

void add_node_options(std::vector<option>& to) {
  to.push_back(make(
      "WORKER_ROLE", "role", "all, coordinator, worker", fixed,
      one_of(
          {"all", "coordinator", "worker"}, [](auto& s) -> auto& { return s.role; }
      ),
      "What this process is: everything; a coordinator, which leaves the work to worker nodes; or "
      "such a node, without API, queue and records. Also --role."
  ));
  to.push_back(make(
      "NODE_LISTEN", "nodeListen", "ADDRESS:PORT, an address in figures, or empty", fixed,
      text(
          [](std::string_view value) {
            return value.empty() || parse_listen_address(value).has_value();
          },
          [](auto& s) -> auto& { return s.node_listen; }
      ),
      "Where worker nodes may join, by mutual TLS only; port 0 is any free one. Empty: nowhere."
  ));
  to.push_back(make(
      "NODE_JOIN", "nodeJoin", "HOST:PORT[,HOST:PORT...], or empty", fixed,
      text(
          [](std::string_view value) {
            return value.empty() || parse_join_addresses(value).has_value();
          },
          [](auto& s) -> auto& { return s.node_join; }
      ),
      "The coordinators of a worker node: it belongs to one at a time, and goes to the next when "
      "that one is lost. Also --join HOST:PORT, once for each."
  ));
  to.push_back(make(
      "NODE_NAME", "nodeName", "1 to 64 letters, digits, dots, dashes or underscores, or empty",
      fixed,
      text(
          [](std::string_view value) { return value.empty() || is_node_name(value); },
          [](auto& s) -> auto& { return s.node_name; }
      ),
      "The name of this node, of which no other may have the same. Empty: the host's name."
  ));
  const auto add_file = [&to](
                            std::string_view variable, std::string_view json_name, auto field,
                            std::string_view meaning
                        ) {
    to.push_back(make(
        variable, json_name, "a file's name, or empty", fixed, text(is_plain_text, field), meaning
    ));
  };
  add_file(
      "NODE_TLS_CERTIFICATE", "nodeTlsCertificate",
      [](auto& s) -> auto& { return s.node_tls_certificate; },
      "PEM file of the certificate that this process shows to nodes or coordinators."
  );
  add_file(
      "NODE_TLS_KEY", "nodeTlsKey", [](auto& s) -> auto& { return s.node_tls_key; },
      "PEM file of that certificate's key."
  );
  add_file(
      "NODE_TLS_CA", "nodeTlsCa", [](auto& s) -> auto& { return s.node_tls_ca; },
      "PEM file of the authority that has signed the certificates of both sides; whoever has one "
      "of "
      "its certificates belongs to the service."
  );
}

std::vector<option> make_table() {
  std::vector<option> table;
  add_worker_options(table);
  add_gemini_options(table);
  add_retry_options(table);
  add_service_options(table);
  add_image_options(table);
  add_limit_options(table);
  add_node_options(table);
  return table;
}

}  // namespace

std::span<const option> all_options() {
  static const std::vector<option> table = make_table();
  return table;
}

const option* find_option_by_variable(std::string_view variable) {
  for (const option& each : all_options()) {
    if (each.variable == variable) {
      return &each;
    }
  }
  return nullptr;
}

const option* find_option_by_json_name(std::string_view json_name) {
  for (const option& each : all_options()) {
    if (each.json_name == json_name) {
      return &each;
    }
  }
  return nullptr;
}

std::string shown_value(const option& which, const settings& from) {
  const std::string value = which.print(from);
  return which.is_secret && !value.empty() ? std::string{hidden_secret} : value;
}

}  // namespace stayler::adapters
