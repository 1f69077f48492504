// SPDX-License-Identifier: MIT
#include "adapters/audit/file/chained_file.hpp"

#include "adapters/audit/file/reverse_lines.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/log/log.hpp"

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

using logs::audit::log;

failure cannot(const std::filesystem::path& file) {
  return {error_class::unavailable, "audit file " + file.string() + ": " + std::strerror(errno)};
}

/// The last record of a file; nothing where it has none.
std::optional<sealed_line> last_record(const std::filesystem::path& file) {
  reverse_lines lines{file};
  while (auto line = lines.next()) {
    if (auto record = split_line(*line)) {
      return record;
    }
  }
  return std::nullopt;
}

std::string first_line(const std::filesystem::path& file) {
  std::ifstream in{file};
  std::string line;
  std::getline(in, line);
  return line;
}

/// When the last record of a file was made.
std::optional<timestamp> last_time(const std::filesystem::path& file) {
  reverse_lines lines{file};
  while (auto line = lines.next()) {
    if (const auto record = read_record(*line)) {
      return record->at;
    }
  }
  return std::nullopt;
}

/// Where the chain stands behind a file whose records go on from `link`; nothing where one does
/// not.
std::optional<audit_link> follow(
    const std::filesystem::path& file, audit_link link, std::string_view key
) {
  std::ifstream in{file, std::ios::binary};
  for (std::string line; std::getline(in, line);) {
    const auto record = split_line(line);
    if (!record || record->sequence != link.sequence + 1
        || record->hash != record->hash_behind(link.hash)
        || !equal_in_constant_time(record->signature, hmac_sha256_hex(key, record->hash))) {
      return std::nullopt;
    }
    link = {record->sequence, record->hash};
  }
  return link;
}

audit_record finding_record(const std::string& finding) {
  audit_record record;
  record.at = to_timestamp(std::chrono::system_clock::now());
  record.who = "stayler-worker";
  record.action = finding_action;
  record.details = finding;
  record.status = 500;
  return record;
}

/// A name that no file has yet.
std::filesystem::path unused_name(const std::filesystem::path& wanted) {
  auto name = wanted;
  std::error_code ignored;
  for (int number = 2; std::filesystem::exists(name, ignored); ++number) {
    name = wanted.string() + "." + std::to_string(number);
  }
  return name;
}

}  // namespace

chained_file::chained_file(
    audit_files files, std::string key, audit_retention retention, audit_lock lock
)
    : files_(std::move(files)),
      key_(std::move(key)),
      retention_(retention),
      lock_(std::move(lock)) {}

chained_file::~chained_file() {
  if (file_ >= 0) {
    ::close(file_);
  }
}

result<std::unique_ptr<chained_file>> chained_file::open(
    audit_files files, std::string key, audit_retention retention
) {
  struct stat about {};
  if (::stat(files.growing().c_str(), &about) == 0 && !S_ISREG(about.st_mode)) {
    return failure{
        error_class::invalid_input,
        "audit file " + files.growing().string() + ": it is no regular file"};
  }
  auto lock = audit_lock::open(files);
  if (!lock) {
    return std::move(lock).error();
  }
  std::unique_ptr<chained_file> opened{
      new chained_file{std::move(files), std::move(key), retention, *std::move(lock)}};
  const std::scoped_lock held{opened->lock_};
  if (auto loaded = opened->load(); !loaded) {
    return std::move(loaded).error();
  }
  return opened;
}

void_result chained_file::catch_up() {
  struct stat about {};
  const bool is_as_it_was = ::stat(files_.growing().c_str(), &about) == 0
                            && std::uint64_t{about.st_ino} == inode_
                            && static_cast<std::uint64_t>(about.st_size) == size_;
  auto head = read_head(files_.head(), key_);
  if (!is_as_it_was || !head || head->last.sequence < signed_.last.sequence) {
    return load();
  }
  start_ = head->start;  // another process may have removed files
  signed_ = *std::move(head);
  return ok();
}

void_result chained_file::load() {
  // A head that only cannot be read now, for want of descriptors for instance, is no finding.
  std::error_code ignored;
  if (const auto head = read_head(files_.head(), key_);
      !head && head.error().kind == error_class::not_found
      && std::filesystem::exists(files_.head(), ignored)) {
    return failure{error_class::unavailable, files_.head().string() + ": " + head.error().message};
  }
  if (auto opened = open_growing(); !opened) {
    return opened;
  }
  if (is_unchained()) {
    const auto aside = unused_name(files_.unchained());
    log.warning("an audit file without a chain is put aside", {{"file", aside.string()}});
    if (std::rename(files_.growing().c_str(), aside.c_str()) != 0) {
      return cannot(files_.growing());
    }
    if (auto opened = open_growing(); !opened) {
      return opened;
    }
  }
  find_end();
  compare_with_head();
  if (!finding_.empty()) {
    return record_finding();
  }
  // From the first record on, a head that is missing was removed.
  return last_.sequence == 0 && !is_signed_ ? write_head() : ok();
}

void_result chained_file::record_finding() {
  log.error("the audit trail is not whole", {{"reason", finding_}});
  if (auto recorded = append_one(finding_record(finding_)); !recorded) {
    return recorded;
  }
  return write_head();
}

/// A trail with a chain has a head or, where that was removed, sealed records.
bool chained_file::is_unchained() const {
  std::error_code ignored;
  return size_ > 0 && signed_.last.sequence == 0 && !std::filesystem::exists(files_.head(), ignored)
         && files_.list_closed().empty() && !last_record(files_.growing());
}

void_result chained_file::open_growing() {
  if (file_ >= 0) {
    ::close(file_);
  }
  const auto& path = files_.growing();
  file_ = ::open(path.c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
  struct stat about {};
  if (file_ < 0 || ::fstat(file_, &about) != 0) {
    return cannot(path);
  }
  inode_ = about.st_ino;
  size_ = static_cast<std::uint64_t>(about.st_size);
  // A write that a crash has cut off; it was never answered for.
  if (const auto torn = reverse_lines{path}.torn_bytes(); torn > 0) {
    log.warning("the audit file ends in the middle of a record, which is dropped");
    size_ -= torn;
    if (::ftruncate(file_, static_cast<off_t>(size_)) != 0) {
      return cannot(path);
    }
  }
  return ok();
}

void chained_file::find_end() {
  const auto first = read_record(first_line(files_.growing()));
  first_sequence_ = first ? first->sequence : 0;
  first_at_ = first ? first->at : timestamp{};
  last_ = {};
  const auto closed = files_.list_closed();
  auto end = last_record(files_.growing());
  for (auto at = closed.rbegin(); !end && at != closed.rend(); ++at) {
    end = last_record(at->path);
  }
  if (end) {
    last_ = {end->sequence, std::move(end->hash)};
  }
}

void chained_file::compare_with_head() {
  finding_.clear();
  const auto head = read_head(files_.head(), key_);
  const bool is_behind = head && head->last.sequence < signed_.last.sequence;
  const bool is_new = last_.sequence == 0 && signed_.last.sequence == 0;
  if (!head && !(is_new && head.error().kind == error_class::not_found)) {
    finding_ = "its signed head: " + head.error().message;
  } else if (is_behind) {
    finding_ = "its signed head is that of an earlier time";
  }
  if (head && !is_behind) {
    signed_ = *head;
  }
  start_ = signed_.start;
  is_signed_ = head && signed_.last == last_;
  if (signed_.last.sequence > last_.sequence) {
    finding_ += (finding_.empty() ? "" : "; ") + std::string{"records "}
                + std::to_string(last_.sequence + 1) + " to "
                + std::to_string(signed_.last.sequence) + " are missing";
    last_ = signed_.last;
  }
}

void chained_file::append(std::span<const audit_record> records, const loss_function& lose) {
  const std::scoped_lock held{lock_};
  const auto ready = catch_up();
  for (const audit_record& record : records) {
    auto written = ready ? close_if_due(record.at) : ready;
    if (written) {
      written = append_one(record);
    }
    if (!written) {
      lose(record, written.error().message);
    }
  }
}

void_result chained_file::append_one(const audit_record& record) {
  audit_link next = last_;
  const std::string line = seal(record, next, key_) + "\n";
  const ssize_t written = ::write(file_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) {
    const failure why = written < 0
                            ? cannot(files_.growing())
                            : failure{error_class::unavailable, "there is no room for all of it"};
    // A part of a record must not spoil the next one.
    if (written > 0 && ::ftruncate(file_, static_cast<off_t>(size_)) != 0) {
      size_ = 0;  // look at the file anew
    }
    return why;
  }
  size_ += line.size();
  if (first_sequence_ == 0) {
    first_sequence_ = next.sequence;
    first_at_ = record.at;
  }
  last_ = std::move(next);
  is_signed_ = false;
  return ok();
}

void_result chained_file::close_if_due(timestamp now) {
  const bool is_due =
      first_sequence_ > 0
      && (size_ >= retention_.file_bytes || now - first_at_ > retention_.file_age());
  if (!is_due) {
    return ok();
  }
  if (::fdatasync(file_) != 0
      || std::rename(files_.growing().c_str(), files_.closed(first_sequence_).c_str()) != 0) {
    return cannot(files_.growing());
  }
  first_sequence_ = 0;
  return open_growing();
}

void_result chained_file::sign() {
  if (is_signed_) {
    return ok();
  }
  const std::scoped_lock held{lock_};
  if (auto ready = catch_up(); !ready) {
    return ready;
  }
  return write_head();
}

void_result chained_file::write_head() {
  if (::fdatasync(file_) != 0) {
    return cannot(files_.growing());
  }
  auto written = adapters::write_head(files_.head(), {start_, last_}, key_);
  is_signed_ = written.has_value();
  if (is_signed_) {
    signed_ = {start_, last_};
  }
  return written;
}

void_result chained_file::expire(timestamp now) {
  const std::scoped_lock held{lock_};
  if (auto ready = catch_up(); !ready) {
    return ready;
  }
  if (auto closed = close_if_due(now); !closed) {
    return closed;
  }
  auto done = ok();
  for (const auto& each : files_.list_closed()) {
    const bool is_stray = each.number == 0;
    const bool is_left_over = !is_stray && each.number <= start_.sequence;
    const auto ended = last_time(each.path);
    if (!is_stray && !is_left_over && ended && now - *ended <= retention_.kept) {
      break;
    }
    if (!is_left_over) {
      auto end = is_stray ? std::nullopt : follow(each.path, start_, key_);
      if (!end || !ended) {
        done = failure{
            error_class::invalid_input, "audit file " + each.path.string()
                                            + " is kept: its records do not go on from record "
                                            + std::to_string(start_.sequence) + " as they should"};
        continue;
      }
      // First what the chain begins with: a file that is left over then is no flaw.
      start_ = *std::move(end);
      if (auto written = write_head(); !written) {
        return written;
      }
    }
    if (::unlink(each.path.c_str()) != 0) {
      return cannot(each.path);
    }
  }
  return done;
}

}  // namespace stayler::adapters
