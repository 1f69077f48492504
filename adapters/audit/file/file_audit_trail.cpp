// SPDX-License-Identifier: MIT
#include "adapters/audit/file/file_audit_trail.hpp"

#include "adapters/audit/file/audit_reading.hpp"
#include "adapters/audit/log_audit_trail.hpp"
#include "adapters/log/log.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

using logs::audit::log;

/// A disk that hangs must not fill the memory.
constexpr std::size_t max_waiting = 10'000;
constexpr std::size_t max_readers = 100;
constexpr std::chrono::hours expiry_pause{1};

timestamp current_time() {
  return to_timestamp(std::chrono::system_clock::now());
}

class file_audit_trail final : public audit_trail {
 public:
  file_audit_trail(
      file_audit_options options, audit_files files, std::unique_ptr<chained_file> file
  )
      : options_(std::move(options)), files_(std::move(files)), file_(std::move(file)) {
    thread_ = std::thread{[this] { run(); }};
  }
  file_audit_trail(const file_audit_trail&) = delete;
  file_audit_trail& operator=(const file_audit_trail&) = delete;

  ~file_audit_trail() override {
    {
      const std::lock_guard lock{mutex_};
      is_ending_ = true;
    }
    news_.notify_one();
    thread_.join();
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

  void read(audit_query query, std::function<void(result<audit_page>)> answer) override {
    std::unique_lock lock{mutex_};
    if (readers_.size() < max_readers && !is_ending_) {
      readers_.push_back({std::move(query), std::move(answer)});
      lock.unlock();
      news_.notify_one();
    } else {
      lock.unlock();
      answer(failure{error_class::unavailable, "too many calls wait for the audit trail"});
    }
  }

  [[nodiscard]] std::uint64_t lost() const noexcept override { return lost_; }

 private:
  struct reader {
    audit_query query;
    std::function<void(result<audit_page>)> answer;
  };
  struct work {
    std::vector<audit_record> records;
    std::vector<reader> readers;
    bool is_last = false;
  };

  void lose(const audit_record& record, std::string_view reason) {
    ++lost_;
    log.error(
        "an audit record is missing in the file",
        {{"action", record.action}, {"requestId", record.request_id}, {"reason", reason}}
    );
  }

  /// What there is to do, or nothing when the pause is over.
  work await_work(std::chrono::milliseconds pause) {
    std::unique_lock lock{mutex_};
    news_.wait_for(lock, pause, [this] {
      return is_ending_ || !waiting_.empty() || !readers_.empty();
    });
    return {std::exchange(waiting_, {}), std::exchange(readers_, {}), is_ending_};
  }

  void run() {
    using clock = std::chrono::steady_clock;
    auto next_signature = clock::now();
    auto next_expiry = clock::now();
    for (bool is_last = false; !is_last;) {
      const auto next = is_signed_ ? next_expiry : std::min(next_signature, next_expiry);
      const auto pause =
          std::chrono::ceil<std::chrono::milliseconds>(std::max(next - clock::now(), {}));
      const work todo = await_work(pause);
      is_last = todo.is_last;
      write(todo.records);
      if (is_last || clock::now() >= next_signature) {
        sign();
        next_signature = clock::now() + options_.signing_pause;
      }
      if (clock::now() >= next_expiry) {
        report("old audit records could not be removed", file_->expire(current_time()));
        next_expiry = clock::now() + expiry_pause;
      }
      for (const reader& each : todo.readers) {
        each.answer(read_audit(files_, options_.key, each.query));
      }
    }
  }

  void write(const std::vector<audit_record>& records) {
    if (records.empty()) {
      return;
    }
    file_->append(records, [this](const audit_record& record, const std::string& reason) {
      lose(record, reason);
    });
    is_signed_ = false;
  }

  void sign() {
    const auto done = file_->sign();
    is_signed_ = done.has_value();
    report("the audit trail could not be signed", done);
  }

  static void report(std::string_view what, const void_result& done) {
    if (!done) {
      log.error(what, {{"reason", done.error().message}});
    }
  }

  std::unique_ptr<audit_trail> log_ = make_log_audit_trail();
  file_audit_options options_;
  audit_files files_;
  std::unique_ptr<chained_file> file_;
  bool is_signed_ = false;
  std::atomic<std::uint64_t> lost_ = 0;
  std::mutex mutex_;
  std::condition_variable news_;
  std::vector<audit_record> waiting_;
  std::vector<reader> readers_;
  bool is_ending_ = false;
  std::thread thread_;
};

}  // namespace

result<std::unique_ptr<audit_trail>> open_file_audit_trail(file_audit_options options) {
  const audit_files files{options.file};
  auto file = chained_file::open(files, options.key, options.retention);
  if (!file) {
    return std::move(file).error();
  }
  return std::unique_ptr<audit_trail>{
      std::make_unique<file_audit_trail>(std::move(options), files, *std::move(file))};
}

}  // namespace stayler::adapters
