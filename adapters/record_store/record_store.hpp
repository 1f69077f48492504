// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"
#include "messages/images/image.hpp"
#include "messages/jobs/conversion.hpp"
#include "messages/jobs/ownership.hpp"
#include "messages/provider/found_limit.hpp"
#include "messages/provider/spending.hpp"
#include "messages/service/user_data.hpp"

#include <cstdint>
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

  friend bool operator==(const conversion_record&, const conversion_record&) = default;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, conversion_record& x) {
  return f(x.last, x.created_at, x.updated_at, x.completed_at);
}

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

  // All that is kept of one user, some at a time: those behind the one of the id `after`, in an
  // order that stays the same.

  virtual result<std::vector<image_record>> images_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  ) = 0;
  virtual result<std::vector<conversion_update>> conversions_of(
      const std::string& user_id, const std::string& after, std::uint32_t limit
  ) = 0;

  /// Removes that many of the user's conversions at most; how many. Where the table is the
  /// application's, the rows stay, and what this service has written there of pictures and errors
  /// is taken out.
  virtual result<std::uint64_t> erase_conversions_of(
      const std::string& user_id, std::uint32_t limit
  ) = 0;

  /// Removes what is kept of the user's spending; how many days that were.
  virtual result<std::uint64_t> erase_spending_of(const std::string& user_id) = 0;

  // What is past its time, some at a time.

  /// The oldest pictures of that type from before then.
  virtual result<std::vector<image_record>> images_before(
      const std::string& type, timestamp before, std::uint32_t limit
  ) = 0;

  /// Removes final conversions that ended before then; how many. None where they are the
  /// application's.
  virtual result<std::uint64_t> erase_conversions_before(timestamp before, std::uint32_t limit) = 0;

  // Erasures of users' data.

  virtual void_result save_erasure(const erasure& changed) = 0;
  /// not_found.
  virtual result<erasure> find_erasure(const uuid& id) = 0;
  /// Those that are not done.
  virtual result<std::vector<erasure>> open_erasures() = 0;

  /// Writes and reads something small.
  virtual void_result probe() = 0;
};

}  // namespace stayler::adapters
