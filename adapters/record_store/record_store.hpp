// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"
#include "messages/jobs/conversion.hpp"
#include "messages/jobs/ownership.hpp"
#include "messages/provider/found_limit.hpp"
#include "messages/provider/spending.hpp"

#include <span>
#include <string>
#include <vector>

namespace stayler::adapters {

/// A conversion as the records hold it.
struct conversion_record {
  conversion_update last;  ///< the fields as last written
  timestamp created_at;
  timestamp updated_at;
  timestamp completed_at;  ///< not set unless final
};

/// The application's records: conversions and images. Calls block; they may come from any thread,
/// one at a time is served. What has been answered is durable. Every call can fail with
/// `unavailable` (the database is away, locked or full) and `internal_bug`.
class record_store {
 public:
  virtual ~record_store() = default;

  /// Creates or changes a conversion. Refused with `conflict` where the record belongs to a newer
  /// attempt of the same job (greater token), or where it is final and the update is not a
  /// repetition of what it says. Another, newer job of the same user takes a conversion over; an
  /// older one is refused, and so is any job of another user.
  virtual void_result record(const conversion_update& update) = 0;

  /// The same for many: each as record() would, in their order for one conversion, but with one
  /// flush. Returns what became of each.
  virtual std::vector<void_result> record_all(std::span<const conversion_update> updates) = 0;

  /// Whose these images and conversions are.
  virtual result<ownership_report> find_owners(const ownership_query& asked) = 0;

  /// not_found.
  virtual result<conversion_record> find_conversion(const std::string& conversion_id) = 0;

  /// Creates or replaces an image's row.
  virtual void_result put_image(const image_record& image) = 0;

  /// not_found.
  virtual result<image_record> find_image(const std::string& id) = 0;

  /// Removes the row and returns it. not_found.
  virtual result<image_record> remove_image(const std::string& id) = 0;

  /// Adds to what that user's jobs have cost on that day.
  virtual void_result add_spending(const user_spending& entry) = 0;

  /// What was spent on that day, by user.
  virtual result<std::vector<user_spending>> spending_of(const std::string& day) = 0;

  /// Keeps a limit that was found, in place of the one of that name.
  virtual void_result keep_limit(const found_limit& limit) = 0;

  /// All limits that are kept.
  virtual result<std::vector<found_limit>> limits() = 0;

  /// Writes and reads something small.
  virtual void_result probe() = 0;
};

}  // namespace stayler::adapters
