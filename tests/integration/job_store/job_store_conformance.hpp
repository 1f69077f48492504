// SPDX-License-Identifier: MIT
#pragma once

// The contract of job_store as promises that every store has to keep: one suite for all of them.
// Each check_... is the body of one test case. The random test is in job_store_model.hpp.

#include "tests/integration/job_store/conformance/dead_letters.hpp"
#include "tests/integration/job_store/conformance/driver.hpp"
#include "tests/integration/job_store/conformance/durability.hpp"
#include "tests/integration/job_store/conformance/endings.hpp"
#include "tests/integration/job_store/conformance/enqueue.hpp"
#include "tests/integration/job_store/conformance/leases.hpp"
#include "tests/integration/job_store/conformance/ledger.hpp"
#include "tests/integration/job_store/conformance/limits.hpp"
#include "tests/integration/job_store/conformance/listing.hpp"
#include "tests/integration/job_store/conformance/order.hpp"
#include "tests/integration/job_store/conformance/pauses.hpp"
#include "tests/integration/job_store/conformance/purge.hpp"
#include "tests/integration/job_store/conformance/suspects.hpp"
