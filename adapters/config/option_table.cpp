// SPDX-License-Identifier: MIT

// The rows. A new option is one of them and one field in messages/service/settings.hpp, which the
// `inspect` there names as well.

#include "adapters/config/option_table.hpp"

#include "adapters/config/kinds/text_formats.hpp"

#include <algorithm>
#include <chrono>

namespace stayler::adapters {

namespace {

using namespace option_kinds;
using namespace std::chrono_literals;
using namespace text_formats;

constexpr option rows[] = {
    {.names = {"WORKER_MAX_WORKERS", "maxWorkers"},
     .is_live = true,
     .value = integer{&settings::max_workers, 1, 10'000},
     .meaning = "How many jobs are worked on at the same time."},
    {.names = {"WORKER_JOB_TIMEOUT", "jobTimeout"},
     .is_live = true,
     .value = duration{&settings::job_timeout, 100ms, 24h},
     .meaning = "Longest time for one attempt at a job, unless the job sets its own."},
    {.names = {"WORKER_RETRY_DELAY", "retryDelay"},
     .is_live = true,
     .value = duration{&settings::retry_delay, 0ms, 24h},
     .meaning = "Pause before a job whose worker was lost is tried again."},
    {.names = {"WORKER_MAX_RETRIES", "maxRetries"},
     .is_live = true,
     .value = integer{&settings::max_retries, 0, 100},
     .remark = "at most RETRY_MAX_RETRIES",
     .meaning = "How often a failed job is tried again, unless the job sets its own maxRetries."},
    {.names = {"WORKER_POLL_INTERVAL", "pollInterval"},
     .is_live = true,
     .value = duration{&settings::poll_interval, 10ms, 1h},
     .meaning = "How often the queue looks for due jobs and expired leases by itself. Jobs are "
                "pushed to free workers at once; this is only the safety net."},
    {.names = {"WORKER_CLEANUP_INTERVAL", "cleanupInterval"},
     .is_live = true,
     .value = duration{&settings::cleanup_interval, 100ms, 24h},
     .meaning = "How often final jobs past their retention are removed."},
    {.names = {"WORKER_HEALTH_CHECK_PORT", "healthCheckPort"},
     .value = integer{&settings::health_check_port, 0, 65'535},
     .remark = "0 for any free port; not the port of the API",
     .meaning = "Port of the health probes and of /metrics, separate from the API."},
    {.names = {"WORKER_ENABLE_METRICS", "enableMetrics"},
     .value = boolean{&settings::enable_metrics},
     .meaning = "Whether /metrics answers."},
    {.names = {"WORKER_ENABLE_HEALTH_CHECK", "enableHealthCheck"},
     .value = boolean{&settings::enable_health_check},
     .meaning = "Whether the port of the health probes is opened."},
    {.names = {"GEMINI_API_KEY", "gemini.apiKey"},
     .is_secret = true,
     .is_live = true,
     .value = text{&gemini_settings::api_key, provider_keys},
     .meaning = "The key for the Gemini API, or several keys of different projects, separated by "
                "commas."},
    {.names = {"GEMINI_BASE_URL", "gemini.baseUrl"},
     .is_live = true,
     .value = text{&gemini_settings::base_url, gemini_address},
     .meaning = "Where the Gemini API is; gemini-sim in demo and tests. A version or /models at "
                "its end is taken off: the service speaks v1beta."},
    {.names = {"GEMINI_MODEL", "gemini.model"},
     .is_live = true,
     .value = text{&gemini_settings::model, model_name},
     .meaning = "The model that makes the pictures. It has to be one that answers with images."},
    {.names = {"GEMINI_MAX_RETRIES", "gemini.maxRetries"},
     .is_live = true,
     .value = integer{&gemini_settings::max_retries, 0, 20},
     .meaning = "Quick re-sends of one call inside one attempt, after connection faults only."},
    {.names = {"GEMINI_TIMEOUT", "gemini.timeout"},
     .is_live = true,
     .value = seconds{&gemini_settings::timeout, 100ms, 1h},
     .meaning = "Longest time for one call."},
    {.names = {"GEMINI_MAX_CONCURRENCY", "gemini.maxConcurrency"},
     .is_live = true,
     .value = integer{&gemini_settings::max_concurrency, 0, 10'000},
     .remark = "0 for as many as the provider accepts",
     .meaning = "Most calls at a time. Below this limit the service finds out by itself how many "
                "the provider accepts."},
    {.names = {"GEMINI_BREAKER_PERCENT", "gemini.breakerPercent"},
     .is_live = true,
     .value = integer{&gemini_settings::breaker_percent, 0, 100},
     .remark = "0 for no circuit breaker",
     .meaning = "Share of failed calls within half a minute that stops all calls until probes "
                "succeed."},
    {.names = {"GEMINI_REQUESTS_PER_MINUTE", "gemini.requestsPerMinute"},
     .is_live = true,
     .value = integer{&gemini_settings::requests_per_minute, 0, 1'000'000},
     .remark = "0 where not known",
     .meaning = "Quota of each key and model. Where it is not known the service learns it from the "
                "provider's refusals."},
    {.names = {"GEMINI_REQUESTS_PER_DAY", "gemini.requestsPerDay"},
     .is_live = true,
     .value = integer{&gemini_settings::requests_per_day, 0, 1'000'000'000},
     .remark = "0 for no limit",
     .meaning = "Most calls with each key, of each model, on one of the provider's days, which end "
                "at midnight Pacific time."},
    {.names = {"GEMINI_BUDGET_PER_DAY", "gemini.budgetPerDay"},
     .is_live = true,
     .value = decimal{&gemini_settings::budget_per_day, 0, 1'000'000, "US dollars"},
     .remark = "0 for none",
     .meaning = "What calls may cost on one of the provider's days; then jobs wait for the next."},
    {.names = {"GEMINI_BUDGET_PER_USER", "gemini.budgetPerUser"},
     .is_live = true,
     .value = decimal{&gemini_settings::budget_per_user, 0, 1'000'000, "US dollars"},
     .remark = "0 for none",
     .meaning = "The same for the jobs of each user."},
    {.names = {"GEMINI_PRICES", "gemini.prices"},
     .is_live = true,
     .value = text{&gemini_settings::prices, price_list},
     .meaning = "Prices of models that the service does not know, or that have changed."},
    {.names = {"GEMINI_FALLBACK_MODELS", "gemini.fallbackModels"},
     .is_live = true,
     .value = text{&gemini_settings::fallback_models, or_empty(model_names)},
     .meaning = "Models that make the pictures, in this order, while the provider does not know "
                "GEMINI_MODEL any more or its circuit breaker is open."},
    {.names = {"GEMINI_FLEX_TIMEOUT", "gemini.flexTimeout"},
     .is_live = true,
     .value = seconds{&gemini_settings::flex_timeout, 100ms, 1h},
     .meaning = "Longest time for one call of a job of low urgency, which the provider takes when "
                "it has room; the job's own timeout bounds it too."},
    {.names = {"RETRY_MAX_RETRIES", "retry.maxRetries"},
     .is_live = true,
     .value = integer{&retry_settings::max_retries, 0, 100},
     .meaning = "Ceiling of every job's maxRetries."},
    {.names = {"RETRY_INITIAL_DELAY", "retry.initialDelay"},
     .is_live = true,
     .value = duration{&retry_settings::initial_delay, 1ms, 24h},
     .remark = "at most RETRY_MAX_DELAY",
     .meaning =
         "Longest pause before the first retry of a job; RETRY_JITTER shortens it by chance."},
    {.names = {"RETRY_MAX_DELAY", "retry.maxDelay"},
     .is_live = true,
     .value = duration{&retry_settings::max_delay, 1ms, 24h},
     .meaning = "Longest back-off. A pause that the provider asks for may be longer."},
    {.names = {"RETRY_BACKOFF_FACTOR", "retry.backoffFactor"},
     .is_live = true,
     .value = decimal{&retry_settings::backoff_factor, 1, 100},
     .meaning = "By how much the pause grows with each attempt."},
    {.names = {"RETRY_JITTER", "retry.jitter"},
     .is_live = true,
     .value = boolean{&retry_settings::jitter},
     .meaning = "Whether pauses are spread at random, so that jobs that failed together don't "
                "return together."},
    {.names = {"WORKER_HTTP_ADDRESS", "httpAddress"},
     .value = text{&settings::http_address, ip_address},
     .remark = "loopback only (127.0.0.1 or ::1) without WORKER_API_KEYS",
     .meaning =
         "Address on which the API listens; 0.0.0.0 or :: for all addresses of the machine."},
    {.names = {"WORKER_HEALTH_CHECK_ADDRESS", "healthCheckAddress"},
     .value = text{&settings::health_check_address, or_empty(ip_address)},
     .meaning = "Address of the health probes and of /metrics, which need no key. Empty: that of "
                "the API."},
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
    {.names = {"WORKER_SHUTDOWN_TIMEOUT", "shutdownTimeout"},
     .value = duration{&settings::shutdown_timeout, 0ms, 1h},
     .meaning = "How long running jobs may take to finish when the service stops; then they are "
                "handed back."},
    {.names = {"WORKER_DATA_DIR", "dataDir"},
     .value = text{&settings::data_dir, folder_name},
     .meaning = "Folder of the database file and the images; created where it is missing."},
    {.names = {"QUEUE_BACKEND", "queueBackend"},
     .value = choice{&settings::queue_backend, {"sqlite", "redis", "memory"}},
     .meaning = "Where jobs are kept: in jobs.db in WORKER_DATA_DIR; in Redis, which several "
                "processes may share; or in memory, where they end with the process."},
    {.names = {"QUEUE_NAME", "queueName"},
     .value = text{&settings::queue_name, short_name},
     .meaning = "Which queue in Redis: processes with the same name share its jobs."},
    {.names = {"QUEUE_MAX_JOBS", "queueMaxJobs"},
     .is_live = true,
     .value = integer{&settings::max_jobs, 0, 100'000'000},
     .meaning = "How many jobs may wait, pending or scheduled; more are refused with 429. 0: no "
                "limit."},
    {.names = {"QUEUE_MAX_JOBS_PER_USER", "queueMaxJobsPerUser"},
     .is_live = true,
     .value = integer{&settings::max_jobs_per_user, 0, 100'000'000},
     .meaning = "How many of them may be one user's; more of that user's are refused with 429. 0: "
                "no limit."},
    {.names = {"QUEUE_MAX_FINISHED", "queueMaxFinished"},
     .is_live = true,
     .value = integer{&settings::max_finished, 0, 100'000'000},
     .meaning = "How many finished jobs, and how many dead letters, are kept at most, whatever "
                "their age; the oldest go first. 0: no limit."},
    {.names = {"WORKER_MAX_AMBIGUOUS_CALLS", "maxAmbiguousCalls"},
     .is_live = true,
     .value = integer{&settings::max_ambiguous_calls, 0, 100},
     .meaning = "How often a job is tried again after its worker was lost during a call to the "
                "provider: nobody knows then whether the call was paid for."},
    {.names = {"WORKER_MAX_RESTARTS", "maxRestarts"},
     .value = integer{&settings::max_restarts, 1, 1'000},
     .meaning =
         "Restarts of failed actors within WORKER_RESTART_WINDOW; one more ends the service."},
    {.names = {"WORKER_RESTART_WINDOW", "restartWindow"},
     .value = duration{&settings::restart_window, 1s, 24h},
     .meaning = "The time in which restarts are counted."},
    {.names = {"WORKER_PING_TIMEOUT", "pingTimeout"},
     .value = duration{&settings::ping_timeout, 500ms, 1h},
     .meaning = "An actor that has not answered the supervisor for this long is replaced; those "
                "that wait for disks get a minute at least."},
    {.names = {"WORKER_HISTORY_FILE", "historyFile"},
     .value = text{&settings::history_file, or_empty(file_name)},
     .meaning = "A file to which one JSON line is appended for each change of a job: for audits "
                "and tests. Empty: none."},
    {.names = {"WORKER_HISTORY_RETENTION", "historyRetention"},
     .value = duration{&settings::history_retention, 0s, 87'600h},
     .remark = "0s for no end",
     .meaning =
         "How long that history is kept; up to an eighth longer, as it goes by files. The file "
         "is one process's then."},
    {.names = {"REDIS_URL", "redisUrl"},
     .is_secret = true,
     .value = text{&settings::redis_url, or_empty(redis_url)},
     .meaning = "The Redis of QUEUE_BACKEND=redis and WORKER_NOTIFY_CHANNEL: a server, nodes of a "
                "cluster, or Sentinels; a secret, as it may hold a password."},
    {.names = {"REDIS_TLS_CA", "redisTlsCa"},
     .value = text{&settings::redis_tls_ca, or_empty(file_name)},
     .meaning = "PEM file of the authorities whose certificates a server at rediss:// may have. "
                "Empty: those that this system trusts."},
    {.names = {"DATABASE_URL", "databaseUrl"},
     .is_secret = true,
     .value = text{&settings::database_url, or_empty(postgres_url)},
     .meaning = "The PostgreSQL database of the records and notifications, with the application's "
                "tables. Empty: they are in stayler.db in WORKER_DATA_DIR."},
    {.names = {"SQLITE_SYNCHRONOUS", "sqliteSynchronous"},
     .value = choice{&settings::sqlite_synchronous, {"full", "normal"}},
     .meaning = "What accepted jobs survive: full, also the loss of power, as each batch waits "
                "for the disk; normal, the end of the process, also by kill -9."},
    {.names = {"WORKER_WEBHOOK_URL", "webhookUrl"},
     .is_secret = true,
     .value = text{&settings::webhook_url, or_empty(web_url)},
     .meaning =
         "Where notifications of finished jobs are posted; empty: they go to the log. Its path "
         "may be what lets one post there: it is shown to nobody."},
    {.names = {"WORKER_WEBHOOK_SECRET", "webhookSecret"},
     .is_secret = true,
     .value = text{&settings::webhook_secret, or_empty(web_hook_secrets)},
     .meaning = "Signs web hooks in the Standard Webhooks form; with several secrets once by each, "
                "so that receivers can change theirs one after the other. Empty: unsigned."},
    {.names = {"WORKER_WEBHOOK_TIMEOUT", "webhookTimeout"},
     .value = duration{&settings::webhook_timeout, 1s, 60s},
     .meaning =
         "Longest time for one delivery to a web hook, from connecting to the whole answer."},
    {.names = {"WORKER_WEBHOOK_CONCURRENCY", "webhookConcurrency"},
     .is_live = true,
     .value = integer{&settings::webhook_concurrency, 1, 256},
     .meaning = "Most deliveries to one receiver at a time, of 256 in all; one, where the last has "
                "failed."},
    {.names = {"WORKER_WEBHOOK_URL_ALLOW", "webhookUrlAllow"},
     .value = text{&settings::webhook_url_allow, or_empty(url_hosts)},
     .meaning = "Hosts to which an admin's job may have its own notifications posted, by its "
                "webhookUrl. Empty: jobs that name one are refused."},
    {.names = {"WORKER_WEBHOOK_URL_ALLOW_PRIVATE", "webhookUrlAllowPrivate"},
     .value = boolean{&settings::webhook_url_allow_private},
     .meaning = "Whether these hosts may have private and other addresses that are not public."},
    {.names = {"WORKER_NOTIFY_CHANNEL", "notifyChannel"},
     .value = text{&settings::notify_channel, or_empty(token)},
     .meaning = "The Redis channel (of REDIS_URL) to which notifications of finished jobs are "
                "published, instead of a web hook."},
    {.names = {"WORKER_ALERTS", "alerts"},
     .is_live = true,
     .value = boolean{&settings::alerts},
     .meaning = "Whether the application hears of what fails for good where notifications go, too, "
                "as alert.firing and alert.resolved; the log says it in any case."},
    {.names = {"WORKER_NOTIFY_MAX_PAUSE", "notifyMaxPause"},
     .is_live = true,
     .value = duration{&settings::notify_max_pause, 100ms, 24h},
     .meaning = "Longest pause between two deliveries of one notification, also where the receiver "
                "asks for a longer one. Pauses begin with a second and double."},
    {.names = {"WORKER_NOTIFY_GIVE_UP", "notifyGiveUp"},
     .is_live = true,
     .value = duration{&settings::notify_give_up, 1s, 720h},
     .meaning = "How long a notification is delivered again until it is given up."},
    {.names = {"WORKER_NOTIFY_RETENTION", "notifyRetention"},
     .is_live = true,
     .value = duration{&settings::notify_retention, 1s, 8'760h},
     .meaning =
         "How long given-up notifications are kept, to be delivered by hand; 100,000 of them "
         "at most."},
    {.names = {"STORAGE_URL", "storageUrl"},
     .value = text{&settings::storage_url, or_empty(storage_url)},
     .meaning = "An S3-compatible store for the images. Empty: a folder in WORKER_DATA_DIR."},
    {.names = {"WORKER_ENCRYPTION_KEYS", "encryptionKeys"},
     .is_secret = true,
     .value = text{&settings::encryption_keys, or_empty(encryption_key_list)},
     .meaning =
         "Keys for images, results, the result cache, jobs, records and notifications, which "
         "are then stored encrypted (AES-256-GCM), with the first key; those behind it "
         "decrypt what was stored with them. With plain at the end what was stored without "
         "encryption is read, too; jobs, records and notifications become encrypted. The "
         "same for all coordinators and nodes. stayler-worker --new-encryption-key ID makes "
         "a key, --rekey encrypts what is stored anew. Empty: nothing is encrypted."},
    {.names = {"S3_CREDENTIALS", "s3Credentials"},
     .value =
         choice{&settings::s3_credentials, {"static", "profile", "ecs", "imds", "web-identity"}},
     .meaning = "Whose key signs the calls to that store: that of S3_ACCESS_KEY_ID; that of a file "
                "of AWS's shared credentials (S3_PROFILE_FILE); the role of the container (ECS, "
                "EKS Pod Identity), of the EC2 instance, or of the service account (IRSA), whose "
                "keys are renewed before they end."},
    {.names = {"S3_ACCESS_KEY_ID", "s3AccessKeyId"},
     .is_secret = true,
     .file = &settings::s3_access_key_id_file,
     .value = text{&settings::s3_access_key_id, token},
     .meaning = "Id of the key that signs the calls to that store. The files of this one and the "
                "next two are read again while the service runs."},
    {.names = {"S3_SECRET_ACCESS_KEY", "s3SecretAccessKey"},
     .is_secret = true,
     .file = &settings::s3_secret_access_key_file,
     .value = text{&settings::s3_secret_access_key, token},
     .meaning = "The key itself; it is never sent."},
    {.names = {"S3_SESSION_TOKEN", "s3SessionToken"},
     .is_secret = true,
     .file = &settings::s3_session_token_file,
     .value = text{&settings::s3_session_token, token},
     .meaning = "The session token that belongs to a temporary key. Empty: the key is a lasting "
                "one."},
    {.names = {"S3_PROFILE_FILE", "s3ProfileFile", {"AWS_SHARED_CREDENTIALS_FILE"}},
     .value = text{&settings::s3_profile_file, or_empty(file_name)},
     .meaning = "A file in the format of ~/.aws/credentials, for S3_CREDENTIALS=profile; it is "
                "read again while the service runs."},
    {.names = {"S3_PROFILE", "s3Profile", {"AWS_PROFILE"}},
     .value = text{&settings::s3_profile, profile_name},
     .meaning = "Which of the profiles in that file."},
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
    {.names = {"IMAGE_URL_ALLOW", "imageUrlAllow"},
     .value = text{&settings::image_url_allow, or_empty(url_hosts)},
     .meaning = "Hosts from which jobs may have images fetched by http(s) URL. Empty: URLs are "
                "refused."},
    {.names = {"IMAGE_URL_ALLOW_PRIVATE", "imageUrlAllowPrivate"},
     .value = boolean{&settings::image_url_allow_private},
     .meaning = "Whether these hosts may have private and other addresses that are not public."},
    {.names = {"WORKER_MAX_IMAGE_BYTES", "maxImageBytes"},
     .value = integer{&settings::max_image_bytes, 1'024, 1'073'741'824},
     .meaning = "Largest image file that is accepted."},
    {.names = {"WORKER_MAX_IMAGE_PIXELS", "maxImagePixels"},
     .value = integer{&settings::max_image_pixels, 1, 1'000'000'000},
     .meaning =
         "Most pixels (width times height) of an image that is no JPEG, checked before it is "
         "decoded: it is decoded whole. GIF, BMP and TIFF have at most 50 million."},
    {.names = {"WORKER_MAX_JPEG_PIXELS", "maxJpegPixels"},
     .value = integer{&settings::max_jpeg_pixels, 1, 1'000'000'000},
     .meaning = "Most pixels of a JPEG, which is scaled down while it is decoded."},
    {.names = {"WORKER_MAX_IMAGE_SIDE", "maxImageSide"},
     .value = integer{&settings::max_image_side, 1, 65'535},
     .meaning = "Longest side of an image, in pixels."},
    {.names = {"CODEC_PROCESSES", "codecProcesses"},
     .value = integer{&settings::codec_processes, 0, 256},
     .remark = "0 for one a core, 8 at most",
     .meaning = "How many processes decode and encode pictures at a time; one more is kept ready. "
                "Each may take 1 GiB."},
    {.names = {"CODEC_SANDBOX", "codecSandbox"},
     .value = choice{&settings::codec_sandbox, {"on", "off", "trap"}},
     .meaning = "Whether these processes are kept from files, networks and all system calls that "
                "they do not need; with \"trap\" a forbidden call is named on stderr."},
    {.names = {"CODEC_CACHE_BYTES", "codecCacheBytes"},
     .value = integer{&settings::codec_cache_bytes, 0, 1'073'741'824},
     .remark = "0 for none",
     .meaning = "Memory for pictures that are ready for the provider, so that a garment that many "
                "users try on is decoded and scaled once. The least recently used go first."},
    {.names = {"WORKER_RETENTION", "retention"},
     .is_live = true,
     .value = duration{&settings::retention, 1s, 8'760h},
     .meaning = "How long completed and cancelled jobs are kept."},
    {.names = {"WORKER_DEAD_LETTER_RETENTION", "deadLetterRetention"},
     .is_live = true,
     .value = duration{&settings::dead_letter_retention, 1s, 8'760h},
     .meaning = "How long failed jobs are kept."},
    {.names = {"WORKER_UPLOAD_RETENTION", "uploadRetention"},
     .is_live = true,
     .value = duration{&settings::upload_retention, 0s, 87'600h},
     .remark = "0s for no end",
     .meaning = "How long pictures of users (type user) are kept; those of vendors stay."},
    {.names = {"WORKER_RESULT_RETENTION", "resultRetention"},
     .is_live = true,
     .value = duration{&settings::result_retention, 0s, 87'600h},
     .remark = "0s for no end",
     .meaning = "How long pictures that jobs have made (type result) are kept."},
    {.names = {"WORKER_RECORD_RETENTION", "recordRetention"},
     .is_live = true,
     .value = duration{&settings::record_retention, 0s, 87'600h},
     .remark = "0s for no end",
     .meaning = "How long final conversions are kept among the records, where these are in SQLite: "
                "in PostgreSQL they are the application's."},
    {.names = {"RESULT_CACHE_MAX_BYTES", "resultCacheMaxBytes"},
     .is_live = true,
     .value = integer{&settings::result_cache_max_bytes, 0, 1'099'511'627'776},
     .meaning = "Disk for pictures that may serve another job with the same images and options; "
                "the least recently used go first. 0: every job makes a call to the provider."},
    {.names = {"RESULT_CACHE_MAX_AGE", "resultCacheMaxAge"},
     .is_live = true,
     .value = duration{&settings::result_cache_max_age, 1s, 8'760h},
     .meaning = "How long such a picture may serve other jobs after it was made."},
    {.names = {"RESULT_CACHE_SCOPE", "resultCacheScope"},
     .is_live = true,
     .value = choice{&settings::result_cache_scope, {"all", "user"}},
     .meaning = "Whose jobs such a picture may serve: everybody's, or only those of the user that "
                "it was made for. With all, a job that is served tells its user that somebody has "
                "used the same files before."},
    {.names = {"WORKER_LOG_LEVEL", "logLevel"},
     .is_live = true,
     .value = text{&settings::log_level, levels},
     .meaning = "Least severe lines that are logged, for all subsystems or for each."},
    {.names = {"WORKER_LOG_FORMAT", "logFormat"},
     .value = choice{&settings::log_format, {"text", "json"}},
     .meaning = "Form of the log lines."},
    {.names = {"WORKER_AUDIT_FILE", "auditFile"},
     .value = text{&settings::audit_file, or_empty(file_name)},
     .meaning = "The file of the audit trail: one JSON line for each call of the API that changes "
                "something, chained and signed; closed parts of it, its signed head and its lock "
                "lie beside it. Empty: audit.jsonl in WORKER_DATA_DIR."},
    {.names = {"WORKER_AUDIT_KEY", "auditKey"},
     .is_secret = true,
     .value = text{&settings::audit_key, or_empty(long_secret)},
     .meaning = "Signs the audit trail, and hashes users' ids in it and in the log: at least 32 "
                "characters. Empty: a key that is made once and lies beside the trail, where it "
                "stops nobody who may write there."},
    {.names = {"WORKER_AUDIT_RETENTION", "auditRetention"},
     .value = duration{&settings::audit_retention, 1s, 87'600h},
     .meaning = "How long audit records are kept; up to an eighth longer, as they go by files."},
    {.names = {"WORKER_LOG_USER_IDS", "logUserIds"},
     .value = choice{&settings::log_user_ids, {"none", "hashed", "plain"}},
     .meaning = "How users stand in the log, in lines about their jobs: not at all; by a hash that "
                "is the same for the same user as long as WORKER_AUDIT_KEY stays; by their ids."},
    {.names = {"WORKER_ENABLE_CHAOS", "enableChaos"},
     .value = boolean{&settings::enable_chaos},
     .meaning = "Whether actors can be made to fail through the API; for tests only."},
    {.names = {"WORKER_CORE_FILES", "coreFiles"},
     .value = boolean{&settings::core_files},
     .meaning = "Whether a crash may leave a core file, and debuggers of the same user may look "
                "in: both show keys and pictures."},
    {.names = {"WORKER_ROLE", "role"},
     .value = choice{&settings::role, {"all", "coordinator", "worker"}},
     .meaning = "What this process is: everything; a coordinator, which leaves the work to worker "
                "nodes; or such a node, without API, queue and records. Also --role."},
    {.names = {"NODE_LISTEN", "nodeListen"},
     .value = text{&settings::node_listen, or_empty(listen_address)},
     .meaning = "Where worker nodes may join, by mutual TLS only; port 0 is any free one. Empty: "
                "nowhere."},
    {.names = {"NODE_JOIN", "nodeJoin"},
     .value = text{&settings::node_join, or_empty(coordinators)},
     .meaning = "The coordinators of a worker node: it belongs to one at a time, and goes to the "
                "next when that one is lost. Also --join HOST:PORT, once for each."},
    {.names = {"NODE_NAME", "nodeName"},
     .value = text{&settings::node_name, or_empty(short_name)},
     .meaning = "The name of this node, which no other may have. Empty: the host's name."},
    {.names = {"NODE_TLS_CERTIFICATE", "nodeTlsCertificate"},
     .value = text{&settings::node_tls_certificate, or_empty(file_name)},
     .meaning = "PEM file of the certificate that this process shows to nodes or coordinators."},
    {.names = {"NODE_TLS_KEY", "nodeTlsKey"},
     .value = text{&settings::node_tls_key, or_empty(file_name)},
     .meaning = "PEM file of that certificate's key."},
    {.names = {"NODE_TLS_CA", "nodeTlsCa"},
     .value = text{&settings::node_tls_ca, or_empty(file_name)},
     .meaning = "PEM file of the authority that has signed the certificates of both sides. A "
                "coordinator's certificate is for the host in NODE_JOIN, a node's for NODE_NAME."},
    {.names = {"NODE_TLS_CRL", "nodeTlsCrl"},
     .value = text{&settings::node_tls_crl, or_empty(file_name)},
     .meaning = "PEM file of the certificates that this authority has revoked. When it is out of "
                "date, no certificate is accepted. Empty: none are revoked."},
};

/// The first option that is the one, or null.
template <class Predicate>
const option* find_option(Predicate is_one) {
  const auto found = std::ranges::find_if(all_options(), is_one);
  return found == all_options().end() ? nullptr : &*found;
}

}  // namespace

std::span<const option> all_options() noexcept {
  return {rows};
}

const option* find_option_by_variable(std::string_view variable) {
  return find_option([variable](const option& each) { return each.names.variable == variable; });
}

const option* find_option_by_json_name(std::string_view json_name) {
  return find_option([json_name](const option& each) { return each.names.json == json_name; });
}

}  // namespace stayler::adapters
