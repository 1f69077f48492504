// SPDX-License-Identifier: MIT
// A disk that is full: clear refusals, nothing broken, and on it goes when there is room.
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/e2e/support/service_stack.hpp"

#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sys/mount.h>

using namespace stayler;
using namespace stayler::test;
using namespace std::chrono_literals;

namespace {

/// What only root may do is done in a user namespace where this is somebody else.
void become_root_of_a_namespace() {
  const auto user = std::to_string(::geteuid());
  const auto group = std::to_string(::getegid());
  if (::geteuid() == 0) {
    return;
  }
  REQUIRE(::unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0);
  std::ofstream{"/proc/self/setgroups"} << "deny";
  std::ofstream{"/proc/self/uid_map"} << "0 " << user << " 1";
  std::ofstream{"/proc/self/gid_map"} << "0 " << group << " 1";
}

/// A file system of its own in memory, of that size.
class small_disk {
 public:
  explicit small_disk(const std::string& size) {
    become_root_of_a_namespace();
    const std::string options = "size=" + size;
    const int mounted =
        ::mount("tmpfs", path().c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options.c_str());
    INFO("mounting a tmpfs takes root or user namespaces: errno " << errno);
    REQUIRE(mounted == 0);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;
  ~small_disk() { ::umount2(path().c_str(), MNT_DETACH); }

  [[nodiscard]] const std::filesystem::path& path() const { return folder_.path(); }

  /// Until not a byte is left.
  void fill() const {
    const int file = ::open(filler().c_str(), O_CREAT | O_WRONLY | O_APPEND, 0600);
    const std::string block(4096, 'x');
    for (std::size_t size = block.size(); size > 0; size /= 2) {
      while (::write(file, block.data(), size) > 0) {
      }
    }
    ::close(file);
  }

  void make_room() const { std::filesystem::remove(filler()); }

 private:
  [[nodiscard]] std::filesystem::path filler() const { return path() / "filler"; }

  temporary_folder folder_;
};

}  // namespace

TEST_CASE("on a full disk jobs are refused with 503, nothing breaks, and it goes on with room") {
  const small_disk disk{"24m"};
  service_stack stack{{{"WORKER_DATA_DIR", disk.path().string()}}, {"--latency", "200ms"}};
  std::vector<std::string> accepted;
  for (int i = 0; i < 10; ++i) {
    accepted.push_back(stack.submit());
  }
  disk.fill();
  std::size_t refused = 0;
  for (int i = 0; i < 20; ++i) {
    const auto answer = stack.call("POST", "/worker/jobs", stack.job_body());
    if (answer.status / 100 == 2) {
      accepted.push_back(text_at(answer.json(), {"id"}));
      continue;
    }
    CHECK(answer.status == 503);
    CHECK(answer.content_type == "application/problem+json");
    CHECK(text_at(answer.json(), {"error"}) == "store_full");
    ++refused;
  }
  CHECK(refused > 0);
  const auto upload = stack.call(
      "POST", "/images?userId=ann", std::string(100'000, 'x'), {"Content-Type: image/jpeg"}
  );
  CHECK(upload.status == 507);
  CHECK(text_at(upload.json(), {"error"}) == "store_full");
  CHECK(stack.get("/worker/jobs/" + accepted.front()).status == 200);

  disk.make_room();
  wait_until("jobs are taken again", [&] {
    const auto answer = stack.call("POST", "/worker/jobs", stack.job_body());
    if (answer.status == 201) {
      accepted.push_back(text_at(answer.json(), {"id"}));
    }
    return answer.status == 201;
  });
  for (const auto& id : accepted) {
    INFO(stack.get("/worker/jobs/" + id).body);
    CHECK(text_at(stack.final_job(id), {"status"}) == "completed");
  }
  REQUIRE(stack.worker().stop() == 0);
  for (const std::string file : {"jobs.db", "stayler.db"}) {
    auto database = adapters::sqlite_database::open(disk.path() / file, 1'000ms);
    REQUIRE(database);
    auto check = database->prepare("PRAGMA integrity_check");
    REQUIRE(check);
    const auto verdict = check->first([](const adapters::sqlite_statement& row) {
      return std::string{row.text(0)};
    });
    REQUIRE(verdict);
    CHECK(**verdict == "ok");
  }
}
