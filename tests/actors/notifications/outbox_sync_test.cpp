// SPDX-License-Identifier: MIT

// What is asked of the outbox next, over batches, failures and restarts of the outbox.

#include "actors/notifications/outbox_sync.hpp"

#include "tests/support/catch.hpp"

using namespace stayler;
using actors::delivery_queue;
using actors::outbox_sync;

namespace {

const failure away{error_class::unavailable, "the disk is full"};

struct syncing {
  delivery_queue open;
  outbox_sync sync;

  delivery_queue::ticket add(const std::string& event_id) {
    adapters::outbox_entry entry;
    entry.event.event_id = event_id;
    const auto added = open.add(entry);
    sync.add(added);
    return added;
  }

  void load() {
    REQUIRE(std::holds_alternative<outbox_sync::load>(sync.next(open)));
    sync.succeeded();
    sync.loaded();
  }

  outbox_sync::write next_write() { return std::get<outbox_sync::write>(sync.next(open)); }
  bool is_quiet() { return std::holds_alternative<std::monostate>(sync.next(open)); }
};

}  // namespace

TEST_CASE_METHOD(syncing, "the outbox is read before anything is written, once") {
  add("e1");
  load();
  const auto wanted = next_write();
  REQUIRE(wanted.batch.added.size() == 1);
  CHECK(wanted.batch.added[0].event.event_id == "e1");
  sync.succeeded();
  CHECK(is_quiet());
  CHECK(sync.is_complete());
  sync.reload();
  load();
}

TEST_CASE_METHOD(syncing, "what comes while a batch is written forms the next") {
  load();
  add("e1");
  CHECK(next_write().batch.added.size() == 1);
  add("e2");
  add("e3");
  CHECK(is_quiet());
  CHECK_FALSE(sync.is_complete());
  sync.succeeded();
  CHECK(next_write().batch.added.size() == 2);
}

TEST_CASE_METHOD(syncing, "what has ended is written before the outbox is read again") {
  load();
  sync.add({"e1", outbox_state::delivered, {}, 1});
  sync.reload();
  CHECK(next_write().batch.updates.size() == 1);
  sync.succeeded();
  load();
}

TEST_CASE_METHOD(syncing, "a batch that fails is written again, before what has come since") {
  load();
  const auto first = add("e1");
  sync.add({"e0", outbox_state::delivered, {}, 1});
  const auto lost = next_write();
  const auto second = add("e2");
  sync.put_back(lost);
  CHECK(sync.failed(away));
  CHECK(sync.is_away());
  CHECK(sync.error() == away);
  const auto repeated = next_write();
  CHECK(repeated.added == std::vector{first, second});
  CHECK(repeated.batch.updates.size() == 1);
  CHECK_FALSE(sync.failed(away));
}

TEST_CASE_METHOD(syncing, "an outbox that is away is asked though there is nothing to write") {
  load();
  add("e1");
  next_write();
  sync.failed(away);
  CHECK(next_write().batch.added.empty());
  CHECK(sync.succeeded());
  CHECK_FALSE(sync.is_away());
  CHECK(is_quiet());
}

TEST_CASE_METHOD(syncing, "what is saved or gone by now is not written") {
  load();
  open.remove(add("e1"));
  open.at(add("e2")).is_saved = true;
  CHECK(is_quiet());
}

TEST_CASE_METHOD(syncing, "what has ended since the outbox was asked is left out of its answer") {
  load();
  sync.add({"e1", outbox_state::given_up, {}, 1});
  sync.add({"e2", outbox_state::open, {}, 1});
  std::vector<adapters::outbox_entry> listed(2);
  listed[0].event.event_id = "e1";
  listed[1].event.event_id = "e2";
  sync.leave_out_ended(listed);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].event.event_id == "e2");
}

TEST_CASE_METHOD(syncing, "only so many updates are kept for an outbox that is away") {
  load();
  for (const auto* id : {"e1", "e2", "e3"}) {
    sync.add({id, outbox_state::delivered, {}, 1});
  }
  sync.keep_newest_updates(2);
  const auto wanted = next_write();
  REQUIRE(wanted.batch.updates.size() == 2);
  CHECK(wanted.batch.updates[0].event_id == "e2");
}
