// SPDX-License-Identifier: MIT

// The thin actors around the blob store, the record store and the metrics registry.

#include "actors/monitoring/metrics.hpp"
#include "actors/storage/blob_store_io.hpp"
#include "actors/storage/record_io.hpp"
#include "tests/actors/fixture.hpp"
#include "tests/actors/storage/storage_fakes.hpp"
#include "tests/support/catch.hpp"

namespace stayler::test {

namespace {

class counting_registry final : public adapters::metrics_registry {
 public:
  std::vector<std::string> seen;

  void count(const queue_report&) override { seen.emplace_back("queue"); }
  void count(const workload_report&) override { seen.emplace_back("workload"); }
  void count(const spending_report&) override { seen.emplace_back("spending"); }
  void count(const health_report&) override { seen.emplace_back("health"); }
  void count(const route_report&) override { seen.emplace_back("routes"); }
  void count(const event_streams_report&) override { seen.emplace_back("event streams"); }
  void count(const stage_event&) override { seen.emplace_back("stage"); }
  void count(const provider_event&) override { seen.emplace_back("provider"); }
  void count(const provider_status&) override { seen.emplace_back("status"); }
  void count(const cache_event&) override { seen.emplace_back("cache"); }
  void count(const http_event&) override { seen.emplace_back("http"); }
  void count(const audit_report&) override { seen.emplace_back("audit"); }
  void count(const certificate_event&) override { seen.emplace_back("certificate"); }
  void count(const http_memory_report&) override { seen.emplace_back("http memory"); }
  void count(const notification_report&) override { seen.emplace_back("notifications"); }
  void count(const span_report&) override { seen.emplace_back("spans"); }
  void count(const restart_event&) override { seen.emplace_back("restart"); }
  void count(const codec_status&) override { seen.emplace_back("codec"); }
  void count(const tree_report&) override { seen.emplace_back("tree"); }
  void count(const node_report&) override { seen.emplace_back("nodes"); }
  void count(const link_report&) override { seen.emplace_back("link"); }
  std::string render() override { return "events " + std::to_string(seen.size()) + "\n"; }
  latency_report latencies() override { return {{{"total", seen.size(), 0, 0, 0}}, {}}; }
};

}  // namespace

TEST_CASE_METHOD(fixture, "a blob that was stored is fetched, and gone once removed") {
  const auto store = std::make_shared<fake_blob_store>();
  const auto blobs = spawn(actors::blob_store, actors::blob_store_options{store});

  REQUIRE(call<unit_value>(blobs, store_atom_v, std::string{"a/b"}, bytes_of("1234")));
  const auto fetched = call<shared_bytes>(blobs, fetch_atom_v, std::string{"a/b"});
  CHECK(text_of(fetched.value()) == "1234");
  CHECK(call<unit_value>(blobs, probe_atom_v));
  CHECK(call<unit_value>(blobs, remove_atom_v, std::string{"a/b"}));
  const auto missing = call<shared_bytes>(blobs, fetch_atom_v, std::string{"a/b"});
  CHECK(missing.error() == failure{error_class::not_found, "no blob a/b"});
}

TEST_CASE_METHOD(fixture, "every failure of the blob store reaches the one who asked") {
  const auto store = std::make_shared<fake_blob_store>();
  const auto blobs = spawn(actors::blob_store, actors::blob_store_options{store});
  for (const auto* name : {"put", "get", "remove", "probe"}) {
    store->fail(name);
  }
  const std::string key{"k"};
  CHECK(
      call<unit_value>(blobs, store_atom_v, key, bytes_of("1")).error().message
      == "put was made to fail"
  );
  CHECK(call<shared_bytes>(blobs, fetch_atom_v, key).error().message == "get was made to fail");
  CHECK(call<unit_value>(blobs, remove_atom_v, key).error().message == "remove was made to fail");
  CHECK(call<unit_value>(blobs, probe_atom_v).error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(fixture, "the record keeper writes, finds and removes rows") {
  const auto store = std::make_shared<fake_record_store>();
  const auto records = spawn(actors::record_io, actors::record_io_options{store});
  image_record row;
  row.id = "i1";
  row.user_id = "u1";
  conversion_update update;
  update.conversion_id = "c1";

  REQUIRE(call<unit_value>(records, record_atom_v, row));
  REQUIRE(call<unit_value>(records, record_atom_v, update));
  CHECK(store->conversions.count("c1") == 1);
  CHECK(call<image_record>(records, find_atom_v, std::string{"i1"}).value() == row);
  CHECK(call<unit_value>(records, flush_atom_v));
  CHECK(call<unit_value>(records, probe_atom_v));
  CHECK(call<image_record>(records, remove_atom_v, std::string{"i1"}).value() == row);
  CHECK(
      call<image_record>(records, find_atom_v, std::string{"i1"}).error().kind
      == error_class::not_found
  );
}

TEST_CASE_METHOD(fixture, "the record keeper says whose images and conversions are") {
  const auto store = std::make_shared<fake_record_store>();
  const auto records = spawn(actors::record_io, actors::record_io_options{store});
  conversion_update update;
  update.conversion_id = "c1";
  update.user_id = "ann";
  tell(records, record_atom_v, std::vector{update});
  const auto found =
      call<ownership_report>(records, find_atom_v, ownership_query{{"none"}, {"c1", "none"}});
  CHECK(found.value() == ownership_report{{std::nullopt}, {"ann", std::nullopt}});
  store->fail("find_owners");
  CHECK(
      call<ownership_report>(records, find_atom_v, ownership_query{{"i"}, {}}).error().kind
      == error_class::unavailable
  );
}

TEST_CASE_METHOD(fixture, "a conflict in the record store stays a conflict") {
  const auto store = std::make_shared<fake_record_store>();
  const auto records = spawn(actors::record_io, actors::record_io_options{store});
  store->fail("record", error_class::conflict);
  store->fail("probe");
  CHECK(
      call<unit_value>(records, record_atom_v, conversion_update{}).error().kind
      == error_class::conflict
  );
  CHECK(call<unit_value>(records, probe_atom_v).error().kind == error_class::unavailable);
}

TEST_CASE_METHOD(fixture, "what the database does not take is said without its words") {
  const auto store = std::make_shared<fake_record_store>();
  const auto records = spawn(actors::record_io, actors::record_io_options{store});
  store->fail("record", error_class::invalid_input);
  conversion_update update;
  update.conversion_id = "c1";
  CHECK(
      call<unit_value>(records, record_atom_v, update).error()
      == failure{
          error_class::invalid_input,
          "the database does not take the record of conversion c1 as it is"}
  );
}

TEST_CASE_METHOD(fixture, "a flush of the records is answered after what came before it") {
  const auto store = std::make_shared<fake_record_store>();
  const auto records = spawn(actors::record_io, actors::record_io_options{store});
  for (int i = 0; i < 100; ++i) {
    conversion_update update;
    update.conversion_id = std::to_string(i);
    caf::anon_send(records, record_atom_v, update);
  }
  CHECK(store->conversions.empty());
  REQUIRE(call<unit_value>(records, flush_atom_v));
  CHECK(store->conversions.size() == 100);
}

TEST_CASE_METHOD(
    fixture, "what is told to the metrics actor is counted before the next rendering"
) {
  const auto registry = std::make_shared<counting_registry>();
  const auto metrics = spawn(actors::metrics, actors::metrics_options{registry});
  caf::anon_send(metrics, queue_report{});
  caf::anon_send(metrics, stage_event{});
  caf::anon_send(metrics, provider_event{});
  caf::anon_send(metrics, provider_status{});
  caf::anon_send(metrics, cache_event{});
  caf::anon_send(metrics, std::vector<http_event>(1));
  caf::anon_send(metrics, audit_report{});
  caf::anon_send(metrics, certificate_event{});
  caf::anon_send(metrics, http_memory_report{});
  caf::anon_send(metrics, notification_report{});
  caf::anon_send(metrics, span_report{});
  caf::anon_send(metrics, restart_event{});
  caf::anon_send(metrics, codec_status{});
  caf::anon_send(metrics, tree_report{});
  caf::anon_send(metrics, node_report{});
  caf::anon_send(metrics, link_report{});
  CHECK(call<std::string>(metrics, render_atom_v).value() == "events 16\n");
  CHECK(
      registry->seen
      == std::vector<std::string>{"queue", "stage", "provider", "status", "cache", "http", "audit", "certificate", "http memory", "notifications", "spans", "restart", "codec", "tree", "nodes", "link"}
  );
  CHECK(call<latency_report>(metrics, status_atom_v).value().stages.at(0).count == 16);
}

TEST_CASE_METHOD(fixture, "counters survive the metrics actor when its registry does") {
  const auto registry = std::make_shared<counting_registry>();
  const auto first = spawn(actors::metrics, actors::metrics_options{registry});
  tell(first, stage_event{});
  kill(first);
  CHECK(call<std::string>(first, render_atom_v).error().kind == error_class::unavailable);
  const auto second = spawn(actors::metrics, actors::metrics_options{registry});
  CHECK(call<std::string>(second, render_atom_v).value() == "events 1\n");
}

}  // namespace stayler::test
