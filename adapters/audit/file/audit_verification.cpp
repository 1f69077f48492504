// SPDX-License-Identifier: MIT
#include "adapters/audit/file/audit_verification.hpp"

#include "adapters/audit/file/audit_head.hpp"
#include "adapters/checksum/checksum.hpp"

#include <fstream>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

/// A file as it was when the look began.
struct open_file {
  std::filesystem::path path;
  std::ifstream content;
  std::uint64_t left = 0;  ///< bytes to be read

  std::optional<std::string> next() {
    std::string line;
    if (left == 0 || !std::getline(content, line) || line.size() + 1 > left) {
      return std::nullopt;  // or the line is not whole yet
    }
    left -= line.size() + 1;
    return line;
  }
};

open_file open_now(const std::filesystem::path& path) {
  std::error_code missing;
  const auto size = std::filesystem::file_size(path, missing);
  return {path, std::ifstream{path, std::ios::binary}, missing ? 0 : size};
}

std::vector<open_file> open_all(const audit_files& files, const result<audit_head>& head) {
  std::vector<open_file> opened;
  for (const auto& each : files.list_closed()) {
    // What begins before the chain has had its time, and is left over from its removal; but no file
    // of the service begins with record 0.
    if (!head || each.number == 0 || each.number > head->start.sequence) {
      opened.push_back(open_now(each.path));
    }
  }
  opened.push_back(open_now(files.growing()));
  return opened;
}

std::string record_name(std::uint64_t sequence) {
  return "record " + std::to_string(sequence);
}

class verification {
 public:
  verification(std::vector<open_file> files, result<audit_head> head, std::string_view key)
      : files_(std::move(files)), head_(std::move(head)), key_(key) {}

  audit_verdict run() {
    verdict_.last = head_ ? head_->start : audit_link{};
    for (at_ = 0; at_ < files_.size() && verdict_.flaw.empty(); ++at_) {
      for (line_ = 1; verdict_.flaw.empty(); ++line_) {
        const auto line = files_[at_].next();
        if (!line) {
          break;
        }
        check(*line);
      }
    }
    if (verdict_.flaw.empty()) {
      check_end();
    }
    if (verdict_.flaw.empty()) {
      verdict_.flaw = finding_;
    }
    return verdict_;
  }

 private:
  void check(const std::string& line) {
    const std::uint64_t expected = verdict_.last.sequence + 1;
    const auto record = split_line(line);
    if (!record) {
      blame(expected, "is not readable");
    } else if (record->sequence < expected) {
      blame(record->sequence, "stands behind " + record_name(verdict_.last.sequence));
    } else if (record->sequence > expected) {
      const bool is_later = comes_later(expected);
      blame(
          expected, (is_later ? "is in another place: " : "is missing: ")
                        + record_name(record->sequence) + " is where it should be"
      );
    } else if (!equal_in_constant_time(record->signature, hmac_sha256_hex(key_, record->hash))) {
      blame(expected, "was changed, or signed with another key");
    } else if (record->hash != record->hash_behind(verdict_.last.hash)) {
      blame(expected, "was changed, or what it follows");
    } else if (head_ && expected == head_->last.sequence && record->hash != head_->last.hash) {
      blame(expected, "is not what the signed head says");
    } else {
      verdict_.last = {expected, record->hash};
      ++verdict_.records;
      note_finding(line);
    }
  }

  /// What the service has found stays a flaw, when the files look whole again, too.
  void note_finding(const std::string& line) {
    const auto record = finding_.empty() ? read_record(line) : std::nullopt;
    if (record && record->action == finding_action) {
      finding_ = place(record->sequence)
                 + "tells that the service found the trail not whole: " + record->details;
    }
  }

  void check_end() {
    if (!head_) {
      verdict_.flaw = "the signed head cannot be used: " + head_.error().message;
    } else if (verdict_.last.sequence < head_->last.sequence) {
      verdict_.flaw = record_name(verdict_.last.sequence + 1)
                      + " is missing: the trail is cut off there; its signed head ends with "
                      + record_name(head_->last.sequence);
    }
  }

  void blame(std::uint64_t sequence, const std::string& what) {
    verdict_.flaw = place(sequence) + what;
  }

  [[nodiscard]] std::string place(std::uint64_t sequence) const {
    return record_name(sequence) + " (" + files_[at_].path.string() + ", line "
           + std::to_string(line_) + ") ";
  }

  bool comes_later(std::uint64_t sequence) {
    for (auto at = at_; at < files_.size(); ++at) {
      while (const auto line = files_[at].next()) {
        const auto record = split_line(*line);
        if (record && record->sequence == sequence) {
          return true;
        }
      }
    }
    return false;
  }

  std::vector<open_file> files_;
  result<audit_head> head_;
  std::string_view key_;
  audit_verdict verdict_;
  std::string finding_;  ///< the first that the service has recorded
  std::size_t at_ = 0;
  std::uint64_t line_ = 1;
};

}  // namespace

result<audit_verdict> verify_audit(const audit_files& files, std::string_view key) {
  std::error_code ignored;
  if (!std::filesystem::exists(files.growing(), ignored)
      && !std::filesystem::exists(files.head(), ignored) && files.list_closed().empty()) {
    return failure{
        error_class::not_found, "there is no audit trail at " + files.growing().string()};
  }
  auto lock = audit_lock::open(files);
  if (!lock) {
    return std::move(lock).error();
  }
  lock->lock();
  auto head = read_head(files.head(), key);
  auto opened = open_all(files, head);
  lock->unlock();
  return verification{std::move(opened), std::move(head), key}.run();
}

}  // namespace stayler::adapters
