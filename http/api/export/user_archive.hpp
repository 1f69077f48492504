// SPDX-License-Identifier: MIT
#pragma once

#include "http/api/access/access.hpp"
#include "http/api/bridge.hpp"
#include "http/server/message.hpp"
#include "messages/service/user_data.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::http {

/// All that is kept of a user as a tar archive: jobs/, conversions/ and images/ with pages of JSON,
/// the pictures, and at last manifest.json. It is made while it is sent, a page or a part of a
/// picture at a time. One that cannot be completed is cut off, as every program for archives will
/// say.
class user_archive final : public body_stream, public std::enable_shared_from_this<user_archive> {
 public:
  /// `ticket`: held as long as the archive is being sent.
  user_archive(
      bridge actors,
      http::caller caller,
      std::string user_id,
      timestamp now,
      std::shared_ptr<void> ticket
  );

  void begin(std::function<void()> wake) override;
  piece next() override;
  std::string heartbeat() override { return {}; }
  [[nodiscard]] milliseconds heartbeat_interval() const override { return milliseconds{15'000}; }

 private:
  enum class phase : std::uint8_t { jobs, conversions, images, pictures, manifest };

  /// Asks for what comes next; the answer is added to what is to be sent.
  void fetch();
  void fetch_jobs();
  void fetch_records(user_records_query::kind what);
  void fetch_picture();
  void take_jobs(const job_page& page);
  void take_records(user_records& some);
  void take_picture(const result<blob_part>& part);
  void end_picture();
  void end();
  void fail(const failure& why);

  void add_file(const std::string& name, std::string_view content);
  void add(std::string_view bytes);
  /// What was added may be sent.
  void wake();

  bridge actors_;
  http::caller caller_;
  std::string user_id_;
  timestamp now_;
  std::shared_ptr<void> ticket_;
  std::function<void()> wake_;

  // Of the bridge's actor, one answer at a time.
  phase phase_ = phase::jobs;
  job_id before_;      ///< the next page of jobs
  std::string after_;  ///< the next page of records
  std::uint32_t pages_ = 0;
  std::deque<image_record> pictures_;  ///< of this page, that are to be sent
  std::uint64_t offset_ = 0;           ///< in the first of them
  std::uint64_t picture_bytes_ = 0;
  std::string picture_version_;
  std::uint64_t jobs_ = 0;
  std::uint64_t conversions_ = 0;
  std::uint64_t images_ = 0;
  std::vector<std::string> missing_;  ///< images without their bytes

  std::mutex mutex_;
  std::string ready_;
  bool is_fetching_ = false;
  bool is_complete_ = false;
};

}  // namespace stayler::http
