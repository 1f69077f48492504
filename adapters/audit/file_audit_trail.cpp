// SPDX-License-Identifier: MIT
#include "adapters/audit/file_audit_trail.hpp"

#include "adapters/audit/log_audit_trail.hpp"
#include "adapters/json/json_writer.hpp"
#include "adapters/log/log.hpp"

#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <fcntl.h>
#include <mutex>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

using logs::audit::log;

/// A disk that hangs must not fill the memory.
constexpr std::size_t max_waiting = 10'000;

std::string render(const audit_record& record) {
  json_writer json;
  json.begin_object().field("time", to_rfc3339(record.at)).field("who", record.who);
  if (!record.key.empty()) {
    json.field("key", record.key);
  }
  json.field("action", record.action)
      .field("target", record.target)
      .field("requestId", record.request_id)
      .field("status", record.status);
  if (!record.details.empty()) {
    json.field("details", record.details);
  }
  if (record.calls > 0) {
    json.field("calls", record.calls);
  }
  json.end_object();
  return std::move(json).text() + "\n";
}

class file_audit_trail final : public audit_trail {
 public:
  explicit file_audit_trail(int file) : file_(file), thread_([this] { run(); }) {}
  file_audit_trail(const file_audit_trail&) = delete;
  file_audit_trail& operator=(const file_audit_trail&) = delete;

  ~file_audit_trail() override {
    {
      const std::lock_guard lock{mutex_};
      is_ending_ = true;
    }
    news_.notify_one();
    thread_.join();
    ::close(file_);
  }

  void add(const audit_record& record) override {
    log_->add(record);
    std::unique_lock lock{mutex_};
    if (waiting_.size() < max_waiting) {
      waiting_.push_back(record);
      lock.unlock();
      news_.notify_one();
    } else {
      lock.unlock();
      lose(record, "too many records wait to be written");
    }
  }

  [[nodiscard]] std::uint64_t lost() const noexcept override { return lost_; }

 private:
  void lose(const audit_record& record, std::string_view reason) {
    ++lost_;
    log.error(
        "an audit record is missing in the file",
        {{"action", record.action}, {"requestId", record.request_id}, {"reason", reason}}
    );
  }

  void run() {
    for (bool is_last = false; !is_last;) {
      std::vector<audit_record> records;
      {
        std::unique_lock lock{mutex_};
        news_.wait(lock, [this] { return is_ending_ || !waiting_.empty(); });
        records.swap(waiting_);
        is_last = is_ending_;
      }
      for (const audit_record& record : records) {
        write(record);
      }
    }
  }

  void write(const audit_record& record) {
    // What a full disk has cut off must not spoil the line after it.
    const std::string line = (is_cut_ ? "\n" : "") + render(record);
    const ssize_t written = ::write(file_, line.data(), line.size());
    if (written < 0) {
      lose(record, std::strerror(errno));
      return;
    }
    is_cut_ = static_cast<std::size_t>(written) < line.size();
    if (is_cut_) {
      lose(record, "only a part of it could be written");
    }
  }

  std::unique_ptr<audit_trail> log_ = make_log_audit_trail();
  int file_;
  bool is_cut_ = false;  ///< the file ends in the middle of a line
  std::atomic<std::uint64_t> lost_ = 0;
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<audit_record> waiting_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace

result<std::unique_ptr<audit_trail>> open_file_audit_trail(const std::filesystem::path& file) {
  const int opened = ::open(file.c_str(), O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0640);
  if (opened < 0) {
    return failure{
        error_class::unavailable, "audit file " + file.string() + ": " + std::strerror(errno)};
  }
  return std::unique_ptr<audit_trail>{std::make_unique<file_audit_trail>(opened)};
}

}  // namespace stayler::adapters
