// SPDX-License-Identifier: MIT
#include "adapters/record_store/conversion_rule.hpp"

#include "messages/jobs/conversion_owner.hpp"

#include <string_view>

namespace stayler::adapters {

namespace {

failure refuse(
    const recorded_state& recorded, const conversion_update& update, std::string_view why
) {
  return {
      error_class::conflict,
      "conversion " + update.conversion_id + " is " + std::string{to_string(recorded.status)}
          + " by attempt " + to_string(recorded.attempt) + ", attempt " + to_string(update.attempt)
          + " cannot make it " + std::string{to_string(update.status)} + ": " + std::string{why}};
}

bool is_repetition(const recorded_state& recorded, const conversion_update& update) {
  return recorded.status == update.status && recorded.result_image_id == update.result_image_id
         && recorded.error_message == update.error_message;
}

result<record_action> decide_for_owner(
    const recorded_state& recorded, const conversion_update& update
) {
  const bool queue_ends_it = update.attempt.token == fencing_token{} && is_final(update.status);
  if (update.attempt.token < recorded.attempt.token && !queue_ends_it) {
    return refuse(recorded, update, "a newer attempt has taken over");
  }
  if (!is_final(recorded.status)) {
    return record_action::write;
  }
  const bool is_second_life =
      recorded.status == job_status::failed && recorded.attempt.token < update.attempt.token;
  if (is_second_life) {
    return record_action::write;
  }
  if (is_repetition(recorded, update)) {
    return record_action::skip;
  }
  return refuse(recorded, update, "a final state does not change");
}

}  // namespace

result<record_action> decide(const recorded_state& recorded, const conversion_update& update) {
  if (recorded.is_of_another) {
    return conversion_of_another(update.conversion_id);
  }
  if (update.attempt.job == recorded.attempt.job) {
    return decide_for_owner(recorded, update);
  }
  // Job ids sort by age. Without this a worker of the older job, back from a long pause, could take
  // a conversion back from the job that replaced it.
  if (update.attempt.job < recorded.attempt.job) {
    return refuse(recorded, update, "it belongs to a newer job");
  }
  // The queue never has two jobs of one conversion in flight: that there is a newer one means that
  // the older has ended, perhaps with its process and without a last word here.
  return record_action::write;
}

}  // namespace stayler::adapters
