// SPDX-License-Identifier: MIT
#pragma once

// What a store promises of listings.

#include "messages/jobs/job_filter.hpp"
#include "tests/integration/job_store/conformance/driver.hpp"

#include <algorithm>
#include <set>

namespace stayler::adapters::conformance {

inline void check_listing(const store_maker& make) {
  driver d{make.open()};

  SECTION("pages are complete and free of duplicates while jobs come in") {
    std::set<job_id> expected;
    for (int i = 0; i < 25; ++i) {
      expected.insert(d.add(i % 2 == 0 ? "ann" : "bob").id);
    }
    std::vector<job_id> seen;
    job_filter filter;
    filter.limit = 10;
    do {
      const job_page page = d.page(filter);
      CHECK(page.jobs.size() <= 10);
      const auto ids = ids_of(page.jobs);
      seen.insert(seen.end(), ids.begin(), ids.end());
      filter.before = page.next;
      d.now += milliseconds{1};
      d.add("cat");
    } while (!filter.before.value.is_nil());
    CHECK(std::is_sorted(seen.rbegin(), seen.rend()));
    CHECK(std::set<job_id>(seen.begin(), seen.end()) == expected);
    CHECK(seen.size() == expected.size());
  }

  SECTION("filters apply together") {
    job wanted = d.new_job("ann");
    wanted.request.conversion_id = "conversion";
    d.add(wanted);
    job others = d.new_job("bob");
    others.request.conversion_id = "other";
    d.add(others);
    job processing = d.new_job("ann");
    processing.request.type = job_type::image_processing;
    d.add(processing);
    const job gone = d.add("ann");
    d.one(store_op::cancel{gone.id});

    const auto ids = [&](const job_filter& filter) { return ids_of(d.all(filter)); };
    using list = std::vector<job_id>;
    CHECK(ids({}) == list{gone.id, processing.id, others.id, wanted.id});
    CHECK(ids({{}, {}, "ann", "", {}, {}, 1}) == list{gone.id, processing.id, wanted.id});
    CHECK(ids({{}, {}, "", "conversion", {}, {}, 50}) == list{wanted.id});
    CHECK(ids({{}, {}, "ann", "conversion", {}, {}, 50}) == list{wanted.id});
    CHECK(ids({{}, {}, "ann", "other", {}, {}, 50}).empty());
    CHECK(ids({{job_status::cancelled}, {}, "", "", {}, {}, 50}) == list{gone.id});
    CHECK(
        ids({{job_status::cancelled, job_status::pending}, {}, "bob", "", {}, {}, 50})
        == list{others.id}
    );
    CHECK(ids({{}, {job_type::image_processing}, "", "", {}, {}, 50}) == list{processing.id});
    CHECK(ids({{}, {}, "nobody", "", {}, {}, 50}).empty());
    CHECK(ids({{}, {}, "", "", {}, wanted.id, 50}).empty());
  }

  SECTION("a last page that is full has no next one") {
    d.add();
    d.add();
    job_filter filter;
    filter.limit = 2;
    CHECK(d.page(filter).jobs.size() == 2);
    CHECK(d.page(filter).next.value.is_nil());
  }
}

}  // namespace stayler::adapters::conformance
