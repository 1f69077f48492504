// SPDX-License-Identifier: MIT
#include "tests/integration/http/api/fakes/fake_notifier.hpp"

#include "actors/support/reply_promise.hpp"
#include "adapters/outbox/memory_outbox.hpp"

#include <memory>
#include <string>
#include <vector>

namespace stayler::test {

namespace {

timestamp fake_second(int second) {
  return timestamp{std::chrono::seconds{1'800'000'000 + second}};
}

adapters::outbox_entry fake_entry(const std::string& event_id, int second) {
  adapters::outbox_entry entry;
  entry.event.event_id = event_id;
  entry.event.event = "conversion.failed";
  entry.event.job.value.bytes[15] = static_cast<std::uint8_t>(second);
  entry.event.user_id = "u" + std::to_string(second);
  entry.event.webhook_url = second == 1 ? "https://hooks.example.com/secret" : "";
  entry.created_at = fake_second(second);
  entry.due_at = entry.created_at;
  return entry;
}

std::shared_ptr<adapters::outbox> fake_outbox() {
  std::shared_ptr<adapters::outbox> box = adapters::make_memory_outbox();
  const adapters::outbox_batch batch{
      {fake_entry("e1", 1), fake_entry("e2", 2), fake_entry("e3", 3)},
      {{"e1", outbox_state::given_up, fake_second(9), 4, delivery_problem::gone, "it is gone"},
       {"e3", outbox_state::delivered, fake_second(9), 1}}};
  static_cast<void>(box->execute(batch));
  return box;
}

caf::result<kept_notification> redeliver_fake(adapters::outbox& box, const std::string& event_id) {
  if (event_id == "e2") {
    return actors::to_error({error_class::conflict, "another coordinator delivers it"});
  }
  if (box.reopen({{}, {}, {}, event_id}, fake_second(20))->empty()) {
    return actors::to_error({error_class::not_found, "there is none"});
  }
  return box.list({{}, {}, {}, event_id})->notifications.front();
}

caf::behavior fake_notifier(caf::event_based_actor* /*self*/) {
  const auto box = fake_outbox();
  return {
      [box](list_atom, const notification_filter& filter) {
        return actors::to_caf_result(box->list(filter));
      },
      [box](redeliver_atom, const std::string& event_id) { return redeliver_fake(*box, event_id); },
      [box](redeliver_atom, notification_filter filter) {
        filter.states = {outbox_state::given_up};
        const auto reopened = box->reopen(filter, fake_second(20));
        return redelivery_report{static_cast<std::uint32_t>(reopened->size()), false};
      },
  };
}

}  // namespace

notifier_actor spawn_fake_notifier(caf::actor_system& system) {
  return caf::actor_cast<notifier_actor>(system.spawn(fake_notifier));
}

}  // namespace stayler::test
