// SPDX-License-Identifier: MIT
// The limit of memory as the files of control groups say it, of both versions, on a host and in a
// container.
#include "adapters/metrics_registry/process_stats.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <fstream>
#include <string>

namespace stayler::adapters {

namespace {

/// A machine of files.
class machine {
 public:
  void write(const std::string& file, const std::string& content) {
    const auto path = root_.path() / file;
    std::filesystem::create_directories(path.parent_path());
    std::ofstream{path} << content << '\n';
  }

  [[nodiscard]] std::uint64_t limit() const { return cgroup_memory_limit(root_.path()); }

 private:
  test::temporary_folder root_;
};

}  // namespace

TEST_CASE("of nested control groups of version 2 the least limit counts") {
  machine host;
  host.write("proc/self/cgroup", "0::/services/worker");
  host.write("sys/fs/cgroup/cgroup.controllers", "cpu memory");
  CHECK(host.limit() == 0);
  host.write("sys/fs/cgroup/services/worker/memory.max", "max");
  CHECK(host.limit() == 0);
  host.write("sys/fs/cgroup/services/memory.max", "1073741824");
  CHECK(host.limit() == 1'073'741'824);
  host.write("sys/fs/cgroup/services/worker/memory.max", "536870912");
  CHECK(host.limit() == 536'870'912);
  host.write("sys/fs/cgroup/services/memory.max", "268435456");
  CHECK(host.limit() == 268'435'456);
}

TEST_CASE("in a container the limit is that of what it sees as the root") {
  machine container;
  container.write("proc/self/cgroup", "0::/");
  container.write("sys/fs/cgroup/cgroup.controllers", "memory");
  container.write("sys/fs/cgroup/memory.max", "536870912");
  CHECK(container.limit() == 536'870'912);
}

TEST_CASE("control groups of version 1 have their memory limit by its controller") {
  machine host;
  host.write(
      "proc/self/cgroup",
      "12:cpu,cpuacct:/other\n5:memory:/docker/0123\n1:name=systemd:/docker\n0::/"
  );
  CHECK(host.limit() == 0);
  host.write("sys/fs/cgroup/memory/docker/0123/memory.limit_in_bytes", "9223372036854771712");
  CHECK(host.limit() == 0);
  host.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "536870912");
  CHECK(host.limit() == 536'870'912);
}

TEST_CASE("without control groups there is no limit") {
  const machine none;
  CHECK(none.limit() == 0);
}

}  // namespace stayler::adapters
