// SPDX-License-Identifier: MIT
#include "app/cli/batch/batch_rows.hpp"

#include "adapters/checksum/checksum.hpp"
#include "adapters/config/wording.hpp"
#include "adapters/json/json_reader.hpp"
#include "app/cli/batch/csv_records.hpp"
#include "app/cli/command_error.hpp"
#include "app/cli/output/json_texts.hpp"
#include "messages/base/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>

namespace stayler::cli {

namespace {

using adapters::json_value;

[[noreturn]] void refuse_line(
    const std::string& file, std::size_t line, const std::string& why, std::string advice = {}
) {
  refuse_usage(
      fmt::format("cannot use {}, line {}", file, line), why,
      advice.empty() ? "mend that line; nothing has been submitted" : std::move(advice)
  );
}

template <class Texts>
std::string in_one_line(const Texts& texts) {
  std::string line;
  for (const auto& text : texts) {
    line += (line.empty() ? "" : ", ") + std::string{text};
  }
  return line;
}

/// Puts values into rows, as far as the flags take them.
class row_reader {
 public:
  row_reader(const std::string& file, std::span<const flag_spec> flags)
      : file_(file), flags_(flags) {}

  void put(batch_row& row, const std::string& name, const std::string& value) const {
    const auto& flag = flag_of_name(row, name);
    if (flag.value.empty()) {
      put_switch(row, flag, value);
      return;
    }
    if (value.empty()) {
      return;
    }
    if (!flag.choices.empty() && std::ranges::count(flag.choices, std::string_view{value}) == 0) {
      refuse_line(
          file_, row.line, fmt::format("{} is no {}", value, name),
          fmt::format("{} may be {}", name, in_one_line(flag.choices))
      );
    }
    auto& values = row.fields[name];
    if (!flag.may_repeat) {
      values.push_back(value);
      return;
    }
    for (std::string_view rest = value; !rest.empty();) {
      if (const auto word = trim(take_until(rest, " ")); !word.empty()) {
        values.emplace_back(word);
      }
    }
  }

 private:
  [[nodiscard]] const flag_spec& flag_of_name(const batch_row& row, const std::string& name) const {
    const auto found = std::ranges::find(flags_, name, &flag_spec::name);
    if (found == flags_.end()) {
      std::vector<std::string> names;
      for (const auto& flag : flags_) {
        names.emplace_back(flag.name());
      }
      refuse_line(
          file_, row.line, "there is no column " + name,
          fmt::format(
              "the nearest is {}; there are {}", adapters::nearest_name(name, names),
              in_one_line(names)
          )
      );
    }
    return *found;
  }

  void put_switch(batch_row& row, const flag_spec& flag, const std::string& value) const {
    const auto word = to_lower(value);
    if (word == "true" || word == "yes" || word == "1") {
      row.fields[std::string{flag.name()}] = {""};
    } else if (!word.empty() && word != "false" && word != "no" && word != "0") {
      refuse_line(
          file_, row.line, fmt::format("{} is no {}", value, flag.name()), "say true or false"
      );
    }
  }

  const std::string& file_;
  std::span<const flag_spec> flags_;
};

void put_json(const row_reader& reader, batch_row& row, const json_value::member& member) {
  const auto& [name, value] = member;
  if (const auto* list = value.as<json_value::array>()) {
    for (const auto& each : *list) {
      reader.put(row, name, text_of(each, ""));
    }
  } else {
    reader.put(row, name, text_of(value, ""));
  }
}

std::vector<batch_row> read_json_lines(
    std::string_view text, const std::string& file, const row_reader& reader
) {
  std::vector<batch_row> rows;
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto content = trim(take_until(text, "\n"), " \t\r");
    if (content.empty()) {
      continue;
    }
    const auto parsed = adapters::parse_json(content);
    const auto* members = parsed ? parsed->as<json_value::object>() : nullptr;
    if (members == nullptr) {
      refuse_line(file, line, parsed ? "it is no JSON object" : parsed.error().message);
    }
    batch_row row{.number = rows.size() + 1, .line = line, .fields = {}};
    for (const auto& member : *members) {
      put_json(reader, row, member);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

/// The last of two columns of one name would win, and a wrong picture be paid for.
void check_columns(const std::vector<csv_record>& records, const std::string& file) {
  std::set<std::string_view> names;
  if (records.empty()) {
    return;
  }
  for (const std::string& name : records.front().cells) {
    if (!names.insert(trim(name)).second) {
      refuse_line(
          file, records.front().line, fmt::format("the column {} is there twice", trim(name))
      );
    }
  }
}

std::vector<batch_row> read_csv(
    std::string_view text, const std::string& file, const row_reader& reader
) {
  const auto records = read_csv_records(text, file);
  check_columns(records, file);
  std::vector<batch_row> rows;
  for (std::size_t i = 1; i < records.size(); ++i) {
    const auto& names = records.front().cells;
    const auto& record = records[i];
    if (record.cells.size() != names.size()) {
      refuse_line(
          file, record.line,
          fmt::format("it has {} cells, and the header {}", record.cells.size(), names.size()),
          "put a cell with a comma into quotation marks"
      );
    }
    batch_row row{.number = rows.size() + 1, .line = record.line, .fields = {}};
    for (std::size_t column = 0; column < names.size(); ++column) {
      reader.put(row, std::string{trim(names[column])}, record.cells[column]);
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

std::vector<batch_row> read_batch_rows(
    std::string_view text, const std::string& file, std::span<const flag_spec> flags
) {
  constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
  if (text.starts_with(byte_order_mark)) {
    text.remove_prefix(byte_order_mark.size());
  }
  const row_reader reader{file, flags};
  const bool is_json = trim(text, " \t\r\n").starts_with('{');
  auto rows = is_json ? read_json_lines(text, file, reader) : read_csv(text, file, reader);
  if (rows.empty()) {
    refuse_usage("cannot use " + file, "it has no rows", "a header and a line for each job");
  }
  return rows;
}

std::string fingerprint_of(const batch_fields& fields) {
  std::string text;
  for (const auto& [name, values] : fields) {
    if (name == "output") {
      continue;
    }
    // Lengths, so that no two rows give the same text.
    text += fmt::format("{}:{}", name, values.size());
    for (const auto& value : values) {
      text += fmt::format(":{}:{}", value.size(), value);
    }
    text += "\n";
  }
  return adapters::sha256_hex(std::as_bytes(std::span{text}));
}

}  // namespace stayler::cli
