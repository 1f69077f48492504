// SPDX-License-Identifier: MIT

// Photos and results at rest, with WORKER_ENCRYPTION_KEYS: nothing of them on the disk, what was
// changed there is not served, and the key can be changed while the service runs.

#include "tests/e2e/support/service_stack.hpp"
#include "tests/support/catch.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

using namespace stayler::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

std::string new_key(const std::string& id) {
  const auto made = run_program(STAYLER_WORKER, {"--new-encryption-key", id}, {});
  REQUIRE(made.exit_code == 0);
  REQUIRE(made.output.starts_with(id + ":"));
  return made.output.substr(0, made.output.find('\n'));
}

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator{folder}) {
    if (entry.is_regular_file()) {
      files.push_back(entry.path());
    }
  }
  return files;
}

/// How many of the files begin as the encrypted ones of that key do.
std::size_t count_encrypted(const std::vector<fs::path>& files, const std::string& id) {
  std::size_t count = 0;
  for (const fs::path& file : files) {
    count +=
        read_file(file).starts_with("STAYLER\1" + id + std::string(16 - id.size(), '\0')) ? 1 : 0;
  }
  return count;
}

/// What each image is served as.
std::map<std::string, std::string> served(
    const service_stack& stack, const std::vector<std::string>& ids
) {
  std::map<std::string, std::string> all;
  for (const std::string& id : ids) {
    const auto answer = stack.get("/images/" + id);
    REQUIRE(answer.status == 200);
    all[id] = answer.body;
  }
  return all;
}

std::map<std::string, std::string> settings_of(service_stack& stack, const std::string& keys) {
  auto settings = worker_environment(stack.folder() / "data", stack.sim().url());
  settings["WORKER_ENCRYPTION_KEYS"] = keys;
  return settings;
}

finished_run rekey(service_stack& stack, const std::string& keys) {
  return run_program(STAYLER_WORKER, {"--rekey"}, settings_of(stack, keys));
}

}  // namespace

TEST_CASE("with encryption on nothing of a photo, its result or the cache is in the data folder") {
  service_stack stack{{{"WORKER_ENCRYPTION_KEYS", new_key("k1")}}};
  conversion wanted;
  wanted.may_share = true;
  const auto job = stack.final_job(stack.submit(wanted));
  REQUIRE(text_at(job, {"status"}) == "completed");
  const auto pictures =
      served(stack, {stack.person(), stack.garment(), text_at(job, {"result", "imageId"})});
  for (const auto& [file, content] : contents_below(stack.folder() / "data")) {
    INFO(file);
    for (const auto& [id, picture] : pictures) {
      CHECK(content.find(picture.substr(picture.size() / 2, 24)) == std::string::npos);
    }
  }
  const auto blobs = files_below(stack.folder() / "data" / "blobs");
  CHECK(blobs.size() >= 3);
  CHECK(count_encrypted(blobs, "k1") == blobs.size());
  const auto cached = files_below(stack.folder() / "data" / "cache");
  CHECK(cached.size() == 1);
  CHECK(count_encrypted(cached, "k1") == 1);
}

TEST_CASE("a photo that was changed on the disk is not served, and its job says why it failed") {
  service_stack stack{{{"WORKER_ENCRYPTION_KEYS", new_key("k1")}, {"CODEC_CACHE_BYTES", "0"}}};
  const std::string person = stack.person();
  for (const auto& file : files_below(stack.folder() / "data" / "blobs")) {
    std::string content = read_file(file);
    content[content.size() / 2] ^= 1;
    std::ofstream{file, std::ios::binary} << content;
  }
  CHECK(stack.get("/images/" + person).status == 500);
  const auto job = stack.final_job(stack.submit());
  CHECK(text_at(job, {"status"}) == "failed");
  CHECK(text_at(job, {"error", "class"}) == "internal_bug");
  CHECK(
      text_at(job, {"error", "message"}).find("is not what was stored there") != std::string::npos
  );
  CHECK(size_at(job, {"providerCalls"}) == 0);
}

TEST_CASE(
    "what was stored before encryption is served, and encrypted by --rekey as the service runs"
) {
  service_stack stack;
  const std::vector<std::string> ids{stack.person(), stack.garment()};
  const auto before = served(stack, ids);
  REQUIRE(stack.worker().stop() == 0);
  const std::string keys = new_key("k1") + ",plain";
  stack.start_worker({{"WORKER_ENCRYPTION_KEYS", keys}});
  CHECK(served(stack, ids) == before);

  const auto done = rekey(stack, keys);
  INFO(done.output);
  CHECK(done.exit_code == 0);
  CHECK(done.output.find("encrypted with the key k1, 0 were already") != std::string::npos);
  const auto blobs = files_below(stack.folder() / "data" / "blobs");
  CHECK(count_encrypted(blobs, "k1") == blobs.size());
  CHECK(served(stack, ids) == before);
  CHECK(text_at(stack.final_job(stack.submit()), {"status"}) == "completed");
}

TEST_CASE("kill -9 in the middle of --rekey loses nothing, and the next one ends it") {
  const std::string old_key = new_key("old");
  service_stack stack{{{"WORKER_ENCRYPTION_KEYS", old_key}}};
  std::vector<std::string> ids;
  for (unsigned i = 0; i < 60; ++i) {
    ids.push_back(stack.upload(as_text(make_picture({.width = 200 + i, .height = 300}))));
  }
  const auto before = served(stack, ids);
  const std::string keys = new_key("new") + "," + old_key;
  REQUIRE(stack.worker().stop() == 0);
  stack.start_worker({{"WORKER_ENCRYPTION_KEYS", keys}});

  const auto blobs = files_below(stack.folder() / "data" / "blobs");
  service_process first{
      STAYLER_WORKER,
      {"--rekey"},
      settings_of(stack, keys),
      stack.folder() / "rekey.log",
      service_process::awaited::nothing};
  wait_until("some are encrypted anew", [&] { return count_encrypted(blobs, "new") > 5; });
  first.signal(SIGKILL);
  first.wait(10s);
  CHECK(served(stack, ids) == before);

  const auto second = rekey(stack, keys);
  INFO(second.output);
  CHECK(second.exit_code == 0);
  CHECK(count_encrypted(blobs, "new") == blobs.size());
  CHECK(served(stack, ids) == before);
}

TEST_CASE("a service without keys does not start on encrypted photos") {
  service_stack stack{{{"WORKER_ENCRYPTION_KEYS", new_key("k1")}}};
  REQUIRE_FALSE(stack.person().empty());
  REQUIRE(stack.worker().stop() == 0);
  const auto refused = run_program(STAYLER_WORKER, {}, settings_of(stack, ""));
  CHECK(refused.exit_code == 1);
  CHECK(refused.output.find("the stored images are encrypted") != std::string::npos);
}

TEST_CASE("the commands for encryption say what is wrong with them") {
  const auto problem = [](const std::vector<std::string>& arguments) {
    const auto run = run_program(STAYLER_WORKER, arguments, {});
    CHECK(run.exit_code == 2);
    return run.output;
  };
  CHECK(problem({"--new-encryption-key"}).find("use --new-encryption-key ID") != std::string::npos);
  CHECK(
      problem({"--new-encryption-key", "a b"}).find("the id \"a b\" is not allowed")
      != std::string::npos
  );
  CHECK(problem({"--rekey"}).find("WORKER_ENCRYPTION_KEYS is not set") != std::string::npos);
}
