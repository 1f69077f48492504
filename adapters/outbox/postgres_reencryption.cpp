// SPDX-License-Identifier: MIT
#include "adapters/base64/base64.hpp"
#include "adapters/checksum/checksum.hpp"
#include "adapters/encryption/row_cipher.hpp"
#include "adapters/outbox/outbox_rows.hpp"
#include "adapters/outbox/postgres_outbox.hpp"
#include "adapters/postgres/postgres_database.hpp"

#include <optional>
#include <string>
#include <utility>

namespace stayler::adapters {

namespace {

const std::string entries_behind_sql =
    "SELECT event_id, translate(encode(body, 'base64'), E'\\n', ''), error FROM stayler_outbox"
    " WHERE event_id > $1 ORDER BY event_id LIMIT 200";

// Only what is still as it was read.
const std::string replace_entry_sql =
    "UPDATE stayler_outbox SET body = decode($3, 'base64'), error = $5"
    " WHERE event_id = $1 AND body = decode($2, 'base64') AND error = $4";

class postgres_reencryption {
 public:
  postgres_reencryption(
      const postgres_outbox_options& options,
      const std::function<void(const failure& why)>& on_failure
  )
      : database_(options.server),
        cipher_(row_cipher::for_contents(options.keys)),
        rows_(cipher_),
        on_failure_(on_failure) {}

  result<row_report> run() {
    if (auto connected = database_.connect(); !connected) {
      return std::move(connected).error();
    }
    for (std::string last;;) {
      const auto rows = database_.query(entries_behind_sql, {last});
      if (!rows) {
        return rows.error();
      }
      for (std::size_t row = 0; row < rows->size(); ++row) {
        last = rows->text(row, 0);
        if (auto done = look_at(last, rows->text(row, 1), rows->text(row, 2)); !done) {
          return std::move(done).error();
        }
      }
      if (rows->size() == 0) {
        return report_;
      }
    }
  }

 private:
  void_result look_at(const std::string& id, const std::string& body, const std::string& error) {
    ++report_.seen;
    const auto bytes = base64_decode(body);
    const std::string stored =
        bytes ? std::string{reinterpret_cast<const char*>(bytes->data()), bytes->size()}
              : std::string{};
    const auto content = cipher_.decrypt(place_of_notification(id), stored);
    if (!content) {
      ++report_.failed;
      on_failure_(content.error());
      return ok();
    }
    if (cipher_.is_current(stored)) {
      return ok();
    }
    ++report_.encrypted;
    const std::string anew = base64_encode(cipher_.encrypt(place_of_notification(id), *content));
    const std::string hidden = rows_.hidden_error_text(id, rows_.read_error_text(id, error));
    auto replaced = database_.query(replace_entry_sql, {id, body, anew, error, hidden});
    return replaced ? ok() : void_result{std::move(replaced).error()};
  }

  postgres_database database_;
  row_cipher cipher_;
  outbox_rows rows_;
  const std::function<void(const failure& why)>& on_failure_;
  row_report report_;
};

}  // namespace

result<row_report> reencrypt_postgres_outbox(
    const postgres_outbox_options& options,
    const std::function<void(const failure& why)>& on_failure
) {
  return postgres_reencryption{options, on_failure}.run();
}

}  // namespace stayler::adapters
