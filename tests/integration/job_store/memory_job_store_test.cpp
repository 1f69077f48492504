// SPDX-License-Identifier: MIT
#include "adapters/job_store/memory/memory_job_store.hpp"

#include "tests/integration/job_store/job_store_conformance.hpp"
#include "tests/integration/job_store/random_batches.hpp"

namespace stayler::adapters::conformance {

namespace {

const store_maker memory{[] { return make_memory_job_store(); }, {}};

TEST_CASE("the memory job store accepts each job once") {
  check_enqueue(memory);
}
TEST_CASE("the memory job store leases jobs in order") {
  check_order(memory);
}
TEST_CASE("the memory job store sets suspects apart") {
  check_suspects(memory);
}
TEST_CASE("the memory job store guards its leases") {
  check_leases(memory);
}
TEST_CASE("the memory job store ends jobs for good") {
  check_endings(memory);
}
TEST_CASE("the memory job store removes final jobs") {
  check_purge(memory);
}
TEST_CASE("the memory job store keeps the ledger of provider calls") {
  check_ledger(memory);
}
TEST_CASE("the memory job store retries and drops dead letters") {
  check_dead_letters(memory);
}
TEST_CASE("the memory job store keeps its bounds") {
  check_limits(memory);
}
TEST_CASE("the memory job store keeps pauses until their end") {
  check_pauses(memory);
}
TEST_CASE("the memory job store lists its jobs") {
  check_listing(memory);
}
TEST_CASE("the memory job store behaves as its model does") {
  check_against_model(memory, 1'000);
}
TEST_CASE("the memory job store does not block") {
  CHECK_FALSE(memory.open()->is_blocking());
}

}  // namespace

}  // namespace stayler::adapters::conformance
