// SPDX-License-Identifier: MIT
#include "adapters/audit/file/audit_reading.hpp"

#include "adapters/audit/file/audit_head.hpp"
#include "adapters/audit/file/audit_line.hpp"
#include "adapters/audit/file/reverse_lines.hpp"
#include "adapters/checksum/checksum.hpp"

#include <optional>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

constexpr std::size_t most_looked_at = 20'000;

class page_reader {
 public:
  page_reader(std::string_view key, const audit_query& query) : key_(key), query_(query) {}

  /// False where the page ends in that file.
  bool read(const std::filesystem::path& file) {
    reverse_lines lines{file};
    while (const auto line = lines.next()) {
      const auto sealed = split_line(*line);
      const bool is_signed =
          sealed && (!newer_ || sealed->sequence < newer_->seal.sequence)
          && equal_in_constant_time(sealed->signature, hmac_sha256_hex(key_, sealed->hash));
      if (!is_signed) {
        continue;
      }
      if (!take_newer({sealed->sequence, sealed->hash})) {
        return false;
      }
      newer_ = {*line, *sealed};
    }
    return true;
  }

  /// The oldest record goes on from `start`.
  void finish(const audit_link& start) { take_newer(start); }

  audit_page page() && { return std::move(page_); }

 private:
  struct signed_record {
    std::string line;
    sealed_line seal;
  };

  /// Takes the record that was read last, now that the one before it is known: the signature is of
  /// the hash, and the hash has to be that of the record behind `before`.
  bool take_newer(const audit_link& before) {
    if (!newer_) {
      return true;
    }
    const auto& [line, seal] = *newer_;
    if (seal.sequence == before.sequence + 1 && seal.hash != seal.hash_behind(before.hash)) {
      return true;
    }
    if (page_.newest == 0) {
      page_.newest = seal.sequence;
      page_.newest_hash = seal.hash;
    }
    const bool is_of_earlier_page = query_.below > 0 && seal.sequence >= query_.below;
    return is_of_earlier_page || take(line, seal.sequence);
  }

  bool take(const std::string& line, std::uint64_t sequence) {
    if (page_.records.size() == query_.limit || looked_at_ == most_looked_at) {
      page_.next = sequence + 1;
      return false;
    }
    ++looked_at_;
    auto record = read_record(line);
    if (record && is_set(query_.since) && record->at < query_.since) {
      return false;
    }
    if (record && query_.wants(*record)) {
      page_.records.push_back(*std::move(record));
    }
    return true;
  }

  std::string_view key_;
  const audit_query& query_;
  audit_page page_;
  std::optional<signed_record> newer_;  ///< was read last, and is not taken yet
  std::size_t looked_at_ = 0;
};

}  // namespace

audit_page read_audit(const audit_files& files, std::string_view key, const audit_query& query) {
  page_reader reader{key, query};
  const auto head = read_head(files.head(), key);
  const auto start = head ? head->start : audit_link{};
  const auto closed = files.list_closed();
  bool goes_on = reader.read(files.growing());
  for (auto each = closed.rbegin(); goes_on && each != closed.rend(); ++each) {
    // What begins before the chain is no part of it.
    if (each->number <= start.sequence) {
      break;
    }
    // The file is whole, and none of its records belongs to the page.
    if (query.below == 0 || each->number < query.below) {
      goes_on = reader.read(each->path);
    }
  }
  if (goes_on) {
    reader.finish(start);
  }
  return std::move(reader).page();
}

}  // namespace stayler::adapters
