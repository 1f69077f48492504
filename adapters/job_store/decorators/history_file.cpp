// SPDX-License-Identifier: MIT
#include "adapters/job_store/decorators/history_file.hpp"

#include "adapters/small_file/numbered_files.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

history_file::history_file(std::filesystem::path file, milliseconds retention)
    : file_(std::move(file)), retention_(retention) {}

history_file::~history_file() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
  }
}

result<std::unique_ptr<history_file>> history_file::open(
    const std::filesystem::path& file, milliseconds retention, timestamp now
) {
  std::unique_ptr<history_file> opened{new history_file{file, retention}};
  std::error_code missing;
  if (retention.count() > 0 && std::filesystem::file_size(file, missing) > 0 && !missing) {
    opened->close(now);
  }
  if (auto begun = opened->begin(now); !begun) {
    return std::move(begun).error();
  }
  return opened;
}

void_result history_file::begin(timestamp now) {
  begun_ = now;
  descriptor_ = ::open(file_.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0600);
  if (descriptor_ < 0) {
    return failure{
        error_class::unavailable, "history " + file_.string() + ": " + std::strerror(errno)};
  }
  return ok();
}

void history_file::close(timestamp now) {
  if (descriptor_ >= 0) {
    ::close(std::exchange(descriptor_, -1));
  }
  std::error_code ignored;
  const auto closed = file_.string() + "." + std::to_string(now.time_since_epoch().count());
  std::filesystem::rename(file_, closed, ignored);
  expire(now);
}

void history_file::expire(timestamp now) const {
  std::error_code ignored;
  for (const numbered_file& closed : list_numbered_files(file_)) {
    const bool is_time = std::in_range<milliseconds::rep>(closed.number);
    const timestamp closed_at{milliseconds{static_cast<milliseconds::rep>(closed.number)}};
    if (is_time && closed_at + retention_ < now) {
      std::filesystem::remove(closed.path, ignored);
    }
  }
}

void history_file::write(const std::string& text, timestamp now) {
  if (retention_.count() > 0 && now - begun_ > retention_ / 8) {
    close(now);
    static_cast<void>(begin(now));
  }
  if (!text.empty() && descriptor_ >= 0) {
    [[maybe_unused]] const auto written = ::write(descriptor_, text.data(), text.size());
  }
}

}  // namespace stayler::adapters
