// SPDX-License-Identifier: MIT

// The folder store against bad keys, full disks, killed writers and crowds. Durability against a
// power cut cannot be shown here; that a killed process loses nothing it answered for can.
#include "adapters/blob_store/folder_blob_store.hpp"

#include "adapters/blob_store/blob_store.hpp"
#include "tests/integration/blob_store/blob_store_conformance.hpp"
#include "tests/support/captured_stderr.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/child_process.hpp"

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <sched.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

using namespace stayler;
using namespace stayler::adapters;
using namespace stayler::test;

namespace {

namespace fs = std::filesystem;

std::atomic<int> folder_sync_error{0};

std::unique_ptr<blob_store> open(const fs::path& root) {
  auto store = open_folder_blob_store(root);
  INFO((store ? "" : store.error().message));
  REQUIRE(store);
  return std::move(*store);
}

/// The names of all files under the folder, of all folders with a trailing slash.
std::vector<std::string> entries(const fs::path& root) {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator{root}) {
    names.push_back(fs::relative(entry.path(), root).string() + (entry.is_directory() ? "/" : ""));
  }
  std::sort(names.begin(), names.end());
  return names;
}

/// What a store says once its disk is full, and whether it still works then. For a child process.
std::string fill_up(const fs::path& root) {
  auto store = open_folder_blob_store(root);
  if (!store) {
    return "not opened: " + store.error().message;
  }
  if (!(*store)->put("kept", blob("small"))) {
    return "the first blob was refused";
  }
  const std::string large(50'000, 'x');
  failure refusal;
  for (int i = 0; !refusal && i < 100; ++i) {
    if (const auto stored = (*store)->put("large/" + std::to_string(i), blob(large)); !stored) {
      refusal = stored.error();
    }
  }
  const bool is_clean = fs::is_empty(root / "~tmp");
  const bool is_kept = text_of((*store)->get("kept")) == "small";
  const bool recovers = (*store)->remove("large/0") && (*store)->put("again", blob("small"));
  return std::string{to_string(refusal.kind)} + ": " + refusal.message
         + (is_clean ? "" : "; temporary files are left")
         + (is_kept ? "" : "; an earlier blob is gone") + (recovers ? "" : "; it does not recover");
}

bool has_mount_capability() {
  constexpr unsigned sys_admin = 21;
  std::ifstream status{"/proc/self/status"};
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("CapEff:", 0) == 0) {
      return (std::stoull(line.substr(7), nullptr, 16) >> sys_admin & 1U) != 0;
    }
  }
  return false;
}

}  // namespace

/// In place of the C library's, for the whole program: what fsync() of a folder says.
extern "C" int fsync(int fd) {
  struct stat status {};
  const int error = folder_sync_error;
  if (error != 0 && ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
    errno = error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

TEST_CASE("where folders cannot be made durable, blobs are kept, and that is said once") {
  const temporary_folder folder;
  const captured_stderr log;
  for (const int error : {EINVAL, ENOTSUP}) {
    folder_sync_error = error;
    const auto store = open(folder.path() / "blobs");
    CHECK(store->put("a/b", blob("x")));
    CHECK(text_of(store->get("a/b")) == "x");
    CHECK(store->remove("a/b"));
  }
  folder_sync_error = EIO;
  CHECK(open_folder_blob_store(folder.path() / "others").error().kind == error_class::unavailable);
  folder_sync_error = 0;
  const std::string warning = "this file system cannot make folders durable";
  const auto first = log.text().find(warning);
  CHECK(first != std::string::npos);
  CHECK(log.text().find(warning, first + 1) == std::string::npos);
}

TEST_CASE("a blob is read back as written, replaced and removed") {
  const temporary_folder folder;
  const auto store = open(folder.path() / "not" / "yet" / "there");
  check_reading_and_writing(*store);
  CHECK(
      entries(folder.path() / "not" / "yet" / "there") == std::vector<std::string>{"empty", "~tmp/"}
  );
}

TEST_CASE("parts of a blob are read with the size and the version of the whole") {
  const temporary_folder folder;
  const auto store = open(folder.path());
  check_parts(*store);
}

TEST_CASE("a blob is replaced where it is the one that was read, and no other comes back") {
  const temporary_folder folder;
  const auto store = open(folder.path());
  check_replacing(*store);
  CHECK(entries(folder.path()) == std::vector<std::string>{"~tmp/"});
}

TEST_CASE("all keys that hold something can be visited") {
  const temporary_folder folder;
  const auto store = open(folder.path());
  check_visits(*store);
}

TEST_CASE("a key that breaks the rule is refused and touches nothing") {
  const temporary_folder folder;
  const auto store = open(folder.path() / "blobs");
  check_bad_keys(*store);
  CHECK(entries(folder.path()) == std::vector<std::string>{"blobs/", "blobs/~tmp/"});
  check_good_keys(*store);
}

TEST_CASE("a key cannot be a blob and lead to others at once") {
  const temporary_folder folder;
  const auto store = open(folder.path());
  REQUIRE(store->put("a/b", blob("x")));
  CHECK(store->put("a", blob("y")).error().kind == error_class::invalid_input);
  CHECK(store->put("a/b/c", blob("y")).error().kind == error_class::invalid_input);
  CHECK(text_of(store->get("a")) == "not_found");
  CHECK(text_of(store->get("a/b/c")) == "not_found");
  CHECK(store->remove("a"));
  CHECK(text_of(store->get("a/b")) == "x");
}

TEST_CASE("left-over temporary files go on opening, those of a living writer stay") {
  const temporary_folder folder;
  REQUIRE(open(folder.path())->put("kept", blob("x")));
  std::ofstream{folder.path() / "~tmp" / "123-0"} << "half a pic";
  const auto living = folder.path() / "~tmp" / "456-0";
  const int writer = ::open(living.c_str(), O_WRONLY | O_CREAT, 0600);
  REQUIRE(::flock(writer, LOCK_EX) == 0);
  const auto store = open(folder.path());
  CHECK(entries(folder.path()) == std::vector<std::string>{"kept", "~tmp/", "~tmp/456-0"});
  ::close(writer);
}

TEST_CASE("a folder that cannot be made or written to is unavailable, with the reason") {
  const temporary_folder folder;
  std::ofstream{folder.path() / "file"} << "x";
  const auto below_a_file = open_folder_blob_store(folder.path() / "file" / "blobs");
  REQUIRE_FALSE(below_a_file);
  CHECK(below_a_file.error().kind == error_class::unavailable);
  CHECK(below_a_file.error().message.ends_with(": Not a directory"));
  CHECK(open_folder_blob_store("/proc/blobs").error().kind == error_class::unavailable);
  CHECK(open_folder_blob_store("").error().kind == error_class::unavailable);
}

TEST_CASE("a store whose folder vanished says so, and works again when it is back") {
  const temporary_folder folder;
  const auto root = folder.path() / "blobs";
  const auto store = open(root);
  REQUIRE(store->put("kept/b", blob("y")));
  fs::rename(root, folder.path() / "away");
  // An empty mount point in its place does not count as the folder.
  const bool is_mount_point = GENERATE(false, true);
  if (is_mount_point) {
    fs::create_directory(root);
  }
  for (const auto kind :
       {store->put("a", blob("x")).error().kind, store->get("kept/b").error().kind,
        store->remove("kept/b").error().kind, store->probe().error().kind}) {
    CHECK(kind == error_class::unavailable);
  }
  CHECK(fs::exists(root) == is_mount_point);
  fs::remove(root);
  fs::rename(folder.path() / "away", root);
  CHECK(store->probe());
  CHECK(store->put("a", blob("x")));
  CHECK(text_of(store->get("kept/b")) == "y");
}

TEST_CASE("a write that the system cuts off is unavailable and leaves no trace") {
  const temporary_folder folder;
  child_process child{[&](int output) {
    const rlimit limit{100'000, 100'000};
    std::signal(SIGXFSZ, SIG_IGN);
    ::setrlimit(RLIMIT_FSIZE, &limit);
    auto store = open_folder_blob_store(folder.path());
    const auto refused = (*store)->put("large", blob(std::string(200'000, 'x')));
    const std::string report = std::string{to_string(refused.error().kind)} + ": "
                               + refused.error().message
                               + (fs::is_empty(folder.path() / "~tmp") ? "" : "; left-overs");
    static_cast<void>(::write(output, report.data(), report.size()));
  }};
  CHECK(
      child.read_all()
      == "unavailable: cannot write " + (folder.path() / "large").string() + ": File too large"
  );
}

TEST_CASE("a full disk is unavailable, harms nothing, and the store recovers") {
  const temporary_folder folder;
  // In a mount namespace of its own, so that nothing is left mounted whatever happens.
  child_process child{[&](int output) {
    std::string report;
    if (::unshare(CLONE_NEWNS) != 0
        || ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0
        || ::mount("tmpfs", folder.path().c_str(), "tmpfs", 0, "size=256k") != 0) {
      report = std::string{"cannot mount: "} + std::strerror(errno);
    } else {
      report = fill_up(folder.path());
    }
    static_cast<void>(::write(output, report.data(), report.size()));
  }};
  const std::string report = child.read_all();
  if (!has_mount_capability()) {
    WARN("not tried, for it takes the right to mount a small disk: " + report);
    return;
  }
  INFO(report);
  CHECK(report.starts_with("unavailable: cannot "));
  CHECK(report.ends_with(": No space left on device"));
}

TEST_CASE("a killed writer loses no blob it answered for, and leaves no half one") {
  const temporary_folder folder;
  const auto content = [](std::uint32_t n) {
    return std::string(20'000, static_cast<char>('a' + n % 26));
  };
  const auto acknowledged = kill_while_storing([&](std::uint32_t n) {
    static const auto store = open(folder.path());
    return static_cast<bool>(store->put("n/" + std::to_string(n), blob(content(n))));
  });
  REQUIRE(acknowledged >= 100);
  const auto store = open(folder.path());
  for (std::uint32_t n = 0; n < acknowledged; ++n) {
    REQUIRE(text_of(store->get("n/" + std::to_string(n))) == content(n));
  }
  const auto next = text_of(store->get("n/" + std::to_string(acknowledged)));
  CHECK((next == content(acknowledged) || next == "not_found"));
  CHECK(fs::is_empty(folder.path() / "~tmp"));
}

TEST_CASE("readers beside writers see whole blobs, and emptied folders are no obstacle") {
  const temporary_folder folder;
  const auto store = open(folder.path());
  check_crowd(*store, 60);
  CHECK(entries(folder.path()) == std::vector<std::string>{"shared", "~tmp/"});
}
