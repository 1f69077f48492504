// SPDX-License-Identifier: MIT

// Writes jobs as Redis holds them, and the script's records, into the folder given.
#include "adapters/job_store/redis/redis_job_value.hpp"

#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>

using namespace stayler;
using namespace stayler::adapters;
using std::string_literals::operator""s;

namespace {

redis_job make_value() {
  redis_job made;
  made.version = 7;
  job& value = made.stored.value;
  value.request.user_id = "ann";
  value.request.conversion_id = "c";
  value.request.payload.user_image_id = "a";
  value.request.payload.operations.resize(1);
  value.calls.resize(1);
  value.error = {error_class::unavailable, "away"};
  return made;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2 || !std::filesystem::is_directory(argv[1])) {
    std::cerr << "usage: redis_job_seeds FOLDER\n";
    return 2;
  }
  const auto put = [&](const std::string& name, std::string_view bytes) {
    std::ofstream{std::filesystem::path{argv[1]} / name, std::ios::binary} << bytes;
  };
  const std::string due = "D\x05\x04\x03\x02\x01\0\0\0"s;
  const std::string claim = "C"s + due.substr(1) + "\x10\x27\0\0\0\0\0\0\x02\0w1\x04\0host"s;
  redis_job value = make_value();
  const std::string plain = pack_redis_job(value);
  put("job", plain);
  put("records", plain.substr(0, 5) + claim + due + plain.substr(5));
  give_redis_lease(value, "w1", "host", milliseconds{10'000}, timestamp{milliseconds{1'000'000}});
  value.stored.over = precedence::all_jobs;
  put("leased", pack_redis_job(value));
  put("claim", claim);
  return 0;
}
