// SPDX-License-Identifier: MIT
#include "app/worker/process/watched_files/certificate_watch.hpp"

#include "adapters/log/log.hpp"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace stayler::app {

namespace {

using adapters::logs::service::log;

using std::chrono::days;

/// Two looks that find the same make a change.
constexpr std::chrono::seconds look_pause{2};

constexpr days expiry_notice{14};

}  // namespace

certificate_watch::certificate_watch(
    std::string certificate,
    adapters::file_changes changes,
    std::shared_ptr<http::server_tls> tls,
    std::function<void(timestamp)> report
)
    : certificate_(std::move(certificate)),
      changes_(std::move(changes)),
      tls_(std::move(tls)),
      report_(std::move(report)),
      thread_([this](const std::stop_token& stopped) { run(stopped); }) {}

void certificate_watch::run(const std::stop_token& stopped) {
  std::mutex mutex;
  std::unique_lock lock{mutex};
  std::condition_variable_any pause;
  do {
    if (changes_.look()) {
      reload();
    }
    report_(tls_->expiry());
    warn_of_expiry(to_timestamp(std::chrono::system_clock::now()));
    pause.wait_for(lock, stopped, look_pause, [] { return false; });
  } while (!stopped.stop_requested());
}

void certificate_watch::reload() {
  if (auto done = tls_->reload(); !done) {
    log.error(
        "the changed certificate cannot be used: the API goes on with the one it has",
        {{"reason", done.error().message}}
    );
    return;
  }
  warned_ = {};
  log.info(
      "the API has a new certificate",
      {{"file", certificate_}, {"expires", to_rfc3339(tls_->expiry())}}
  );
}

void certificate_watch::warn_of_expiry(timestamp now) {
  const timestamp expiry = tls_->expiry();
  if (expiry - now > expiry_notice || now - warned_ < days{1}) {
    return;
  }
  warned_ = now;
  log.warning(
      expiry > now ? "the API's certificate expires soon" : "the API's certificate has expired",
      {{"file", certificate_}, {"expires", to_rfc3339(expiry)}}
  );
}

}  // namespace stayler::app
