// SPDX-License-Identifier: MIT
#include "adapters/audit/file/audit_reading.hpp"

#include "adapters/audit/file/audit_head.hpp"
#include "adapters/audit/file/audit_line.hpp"
#include "adapters/audit/file/reverse_lines.hpp"

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
      const bool is_genuine = sealed && (oldest_ == 0 || sealed->sequence < oldest_)
                              && equal_signatures(sealed->signature, sign_hex(key_, sealed->hash));
      if (!is_genuine) {
        continue;
      }
      oldest_ = sealed->sequence;
      if (page_.newest == 0) {
        page_.newest = sealed->sequence;
        page_.newest_hash = sealed->hash;
      }
      const bool is_of_earlier_page = query_.below > 0 && sealed->sequence >= query_.below;
      if (!is_of_earlier_page && !take(*line, sealed->sequence)) {
        return false;
      }
    }
    return true;
  }

  audit_page page() && { return std::move(page_); }

 private:
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
  std::uint64_t oldest_ = 0;  ///< place of the record that was read last; 0: there is none yet
  std::size_t looked_at_ = 0;
};

}  // namespace

audit_page read_audit(const audit_files& files, std::string_view key, const audit_query& query) {
  page_reader reader{key, query};
  const auto head = read_head(files.head(), key);
  const auto start = head ? head->start.sequence : 0;
  const auto closed = files.list_closed();
  bool goes_on = reader.read(files.growing());
  for (auto each = closed.rbegin(); goes_on && each != closed.rend(); ++each) {
    // What begins before the chain is no part of it.
    if (each->first_sequence <= start) {
      break;
    }
    // The file is whole, and none of its records belongs to the page.
    if (query.below == 0 || each->first_sequence < query.below) {
      goes_on = reader.read(each->path);
    }
  }
  return std::move(reader).page();
}

}  // namespace stayler::adapters
