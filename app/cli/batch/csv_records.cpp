// SPDX-License-Identifier: MIT
#include "app/cli/batch/csv_records.hpp"

#include "app/cli/command_error.hpp"

#include <algorithm>
#include <utility>

namespace stayler::cli {

namespace {

/// Reads from front to back.
class csv_reader {
 public:
  csv_reader(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  [[nodiscard]] bool has_more() const noexcept { return !text_.empty(); }

  csv_record next_record() {
    csv_record record{.line = line_, .cells = {}};
    do {
      record.cells.push_back(next_cell());
    } while (take(","));
    static_cast<void>(take("\r\n") || take("\n"));
    ++line_;
    return record;
  }

 private:
  bool take(std::string_view sign) {
    if (!text_.starts_with(sign)) {
      return false;
    }
    text_.remove_prefix(sign.size());
    return true;
  }

  std::string next_cell() {
    if (take("\"")) {
      return quoted_cell();
    }
    const auto end = std::min(text_.find_first_of(",\n"), text_.size());
    auto cell = text_.substr(0, end);
    text_.remove_prefix(end);
    if (cell.ends_with('\r') && !text_.starts_with(',')) {
      cell.remove_suffix(1);
    }
    return std::string{cell};
  }

  std::string quoted_cell() {
    const auto begin = line_;
    std::string cell;
    for (;;) {
      const auto end = text_.find('"');
      if (end == std::string_view::npos) {
        refuse_usage(
            "cannot use " + file_ + ", line " + std::to_string(begin),
            "a cell begins with a quotation mark, and none ends it", "mend that line"
        );
      }
      cell += text_.substr(0, end);
      line_ += static_cast<std::size_t>(std::ranges::count(text_.substr(0, end), '\n'));
      text_.remove_prefix(end + 1);
      if (!take("\"")) {
        break;
      }
      cell += '"';
    }
    // What stands between the closing mark and the comma belongs to no cell, but is not lost.
    return cell + next_rest();
  }

  std::string next_rest() {
    return text_.empty() || text_.starts_with(',') || text_.starts_with('\n')
                   || text_.starts_with("\r\n")
               ? std::string{}
               : next_cell();
  }

  std::string_view text_;
  const std::string& file_;
  std::size_t line_ = 1;
};

}  // namespace

std::vector<csv_record> read_csv_records(std::string_view text, const std::string& file) {
  std::vector<csv_record> records;
  csv_reader reader{text, file};
  while (reader.has_more()) {
    auto record = reader.next_record();
    if (record.cells.size() > 1 || !record.cells.front().empty()) {
      records.push_back(std::move(record));
    }
  }
  return records;
}

}  // namespace stayler::cli
