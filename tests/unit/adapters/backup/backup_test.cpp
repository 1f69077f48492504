// SPDX-License-Identifier: MIT
#include "adapters/backup/backup.hpp"

#include "adapters/backup/backup_manifest.hpp"
#include "adapters/sqlite/sqlite_database.hpp"
#include "tests/support/child_process.hpp"

#include <fstream>
#include <sstream>
#include <string>

using namespace stayler;
using namespace stayler::test;
namespace fs = std::filesystem;

namespace {

void write(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  std::ofstream{file, std::ios::binary} << text;
}

std::string content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream{file, std::ios::binary}.rdbuf();
  return text.str();
}

/// A data folder with a database that somebody has open, and two files.
struct data_folder {
  data_folder() {
    auto opened = adapters::sqlite_database::open(folder.path() / "data/jobs.db");
    REQUIRE(opened);
    jobs.emplace(*std::move(opened));
    REQUIRE(jobs->exec("CREATE TABLE job (id TEXT); INSERT INTO job VALUES ('a'), ('b')"));
    write(folder.path() / "data/blobs/aa/one", std::string(3'000'000, 'x'));
    write(folder.path() / "data/blobs/two", "");
    write(folder.path() / "data/blobs/~tmp/half", "written at this moment");
    write(folder.path() / "data/cache/other", "not saved");
  }

  [[nodiscard]] adapters::backup_plan plan() const {
    return {folder.path() / "data", {"jobs.db", "missing.db"}, {"blobs", "nothing"}, "1.2.3"};
  }
  [[nodiscard]] fs::path backup() const { return folder.path() / "backup"; }
  [[nodiscard]] fs::path restored() const { return folder.path() / "restored"; }

  [[nodiscard]] result<adapters::backup_report> save() const {
    return adapters::make_backup(plan(), backup());
  }
  [[nodiscard]] result<adapters::backup_report> restore() const {
    return adapters::restore_backup(backup(), restored());
  }

  temporary_folder folder;
  std::optional<adapters::sqlite_database> jobs;
};

std::int64_t count_jobs(const fs::path& file) {
  auto database = adapters::sqlite_database::open(file);
  REQUIRE(database);
  auto count = database->prepare("SELECT count(*) FROM job");
  REQUIRE(count);
  return count->first([](const auto& row) { return row.int64(0); })->value();
}

}  // namespace

TEST_CASE("what was saved beside a writer comes back as it was at that moment") {
  data_folder data;
  // Somebody is in the middle of a change.
  auto change = data.jobs->begin();
  REQUIRE(change);
  REQUIRE(data.jobs->exec("INSERT INTO job VALUES ('c')"));
  const auto saved = data.save();
  REQUIRE(saved);
  REQUIRE(change->commit());
  CHECK(saved->files == 3);
  CHECK(saved->gone == 0);
  CHECK_FALSE(fs::exists(data.backup().string() + ".partial"));

  const auto restored = data.restore();
  REQUIRE(restored);
  CHECK(restored->files == 3);
  CHECK(restored->bytes == saved->bytes);
  CHECK(count_jobs(data.restored() / "jobs.db") == 2);
  CHECK(content(data.restored() / "blobs/aa/one") == std::string(3'000'000, 'x'));
  CHECK(fs::is_empty(data.restored() / "blobs/two"));
  CHECK_FALSE(fs::exists(data.restored() / "blobs/~tmp"));
  CHECK_FALSE(fs::exists(data.restored() / "cache"));
  CHECK(fs::status(data.restored() / "jobs.db").permissions() == fs::perms{0600});
}

TEST_CASE("nothing is written over, by a backup or by a restore") {
  data_folder data;
  REQUIRE(data.save());
  const auto again = data.save();
  REQUIRE_FALSE(again);
  CHECK(again.error().kind == error_class::conflict);
  write(data.restored() / "mine", "kept");
  const auto restored = data.restore();
  REQUIRE_FALSE(restored);
  CHECK(restored.error().kind == error_class::conflict);
  CHECK(content(data.restored() / "mine") == "kept");
  // Of a backup that was killed, or that another process makes.
  write(data.folder.path() / "other.partial/jobs.db", "half");
  CHECK_FALSE(adapters::make_backup(data.plan(), data.folder.path() / "other"));
  CHECK(content(data.folder.path() / "other.partial/jobs.db") == "half");
}

TEST_CASE("a backup that fails leaves nothing behind") {
  data_folder data;
  data.jobs.reset();
  write(data.folder.path() / "data/jobs.db", "not a database, but long enough to be taken for one");
  CHECK_FALSE(data.save());
  CHECK_FALSE(fs::exists(data.backup()));
  CHECK_FALSE(fs::exists(data.backup().string() + ".partial"));
}

TEST_CASE("a backup that was damaged is not restored, and its first bad file is named") {
  data_folder data;
  REQUIRE(data.save());
  const fs::path file = data.backup() / "blobs/aa/one";
  const auto refusal = [&] {
    const auto restored = data.restore();
    REQUIRE_FALSE(restored);
    CHECK(restored.error().kind == error_class::invalid_input);
    CHECK_FALSE(fs::exists(data.restored()));
    return restored.error().message;
  };
  std::string changed = content(file);
  changed[2'000'000] = 'y';
  write(file, changed);
  CHECK_THAT(refusal(), Catch::Contains("blobs/aa/one is not what the manifest says"));
  fs::remove(file);
  CHECK_THAT(refusal(), Catch::Contains("blobs/aa/one"));
  const std::string manifest = content(data.backup() / "manifest");
  write(data.backup() / "manifest", manifest.substr(0, manifest.rfind("end")));
  CHECK_THAT(refusal(), Catch::Contains("manifest: it has no end"));
  fs::remove(data.backup() / "manifest");
  CHECK_THAT(refusal(), Catch::Contains("is no backup"));
}

TEST_CASE("a manifest says what was put into it, and nothing leads out of the folder") {
  const std::string sum(64, 'a');
  const std::vector<adapters::saved_file> files{{"jobs.db", 7, sum}, {"blobs/with blank", 0, sum}};
  const std::string text = adapters::print_manifest(files, "1.2.3");
  CHECK(adapters::parse_manifest(text).value() == files);
  const auto refuses = [](const std::string& manifest) {
    return !adapters::parse_manifest(manifest);
  };
  const std::string head = "stayler-backup 1 1.2.3\n";
  CHECK(refuses(""));
  CHECK(refuses("stayler-backup 2 1.2.3\nend 0\n"));
  CHECK(refuses(head + sum + " 7 ../jobs.db\nend 1\n"));
  CHECK(refuses(head + sum + " 7 blobs/../../jobs.db\nend 1\n"));
  CHECK(refuses(head + sum + " 7 /etc/passwd\nend 1\n"));
  CHECK(refuses(head + sum + " 7 \nend 1\n"));
  CHECK(refuses(head + sum + " many jobs.db\nend 1\n"));
  CHECK(refuses(head + "abc 7 jobs.db\nend 1\n"));
  CHECK(refuses(head + sum + " 7 jobs.db\nend 2\n"));
  CHECK(refuses(head + sum + " 7 jobs.db\nend 1\nmore\n"));
}
