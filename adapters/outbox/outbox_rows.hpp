// SPDX-License-Identifier: MIT
#pragma once

#include "adapters/encryption/row_cipher.hpp"
#include "messages/jobs/conversion.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

// What of a notification is encrypted: its body, and what was wrong with its delivery, each for the
// event's id. In the clear stay that id, the job's, the kind of event, state and times.
namespace stayler::adapters {

inline std::string place_of_notification(std::string_view event_id) {
  return "notification " + std::string{event_id};
}

inline std::string place_of_notification_error(std::string_view event_id) {
  return "error of notification " + std::string{event_id};
}

/// How notifications become rows, and rows notifications.
class outbox_rows {
 public:
  explicit outbox_rows(row_cipher cipher) : cipher_(std::move(cipher)) {}

  [[nodiscard]] std::string body_of(const notification& event) const;
  [[nodiscard]] std::string hidden_error(std::string_view event_id, const std::string& error) const;

  /// Nothing where the bytes are of a version that is newer: they stay for the one that wrote them;
  /// and, with a line in the log, where they were changed from outside.
  [[nodiscard]] std::optional<notification> read_body(
      std::string_view event_id, std::string_view body
  ) const;
  [[nodiscard]] std::string read_error(std::string_view event_id, std::string_view stored) const;

  // The same for a column that takes no bytes.
  [[nodiscard]] std::string hidden_error_text(std::string_view event_id, const std::string& error)
      const;
  [[nodiscard]] std::string read_error_text(std::string_view event_id, const std::string& stored)
      const;

 private:
  row_cipher cipher_;
};

}  // namespace stayler::adapters
