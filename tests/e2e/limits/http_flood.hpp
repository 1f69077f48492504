// SPDX-License-Identifier: MIT
#pragma once

// Clients that take what they can of a server's memory, all on one thread.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace stayler::test {

struct flood_size {
  std::size_t trickling_heads = 50;  ///< clients whose requests never end
  std::size_t slow_readers = 20;
  std::size_t uploads = 20;
  double bytes_per_second = 2e6;  ///< of each reader and each upload
};

/// What became of a flood's uploads, by their statuses; 0: the connection broke.
using upload_statuses = std::map<unsigned, std::size_t>;

/// Many clients of the server at that port of loopback.
class http_flood {
 public:
  /// Readers get `read_path`; uploads send `picture`, which has to outlive this.
  http_flood(
      std::uint16_t port, const flood_size& size, std::string read_path, std::string_view picture
  );
  http_flood(const http_flood&) = delete;
  http_flood& operator=(const http_flood&) = delete;
  ~http_flood();

  /// Sends and reads for that long, or until all uploads are answered.
  void run_for(std::chrono::milliseconds limit);

  [[nodiscard]] bool has_answers() const;
  [[nodiscard]] const upload_statuses& statuses() const { return statuses_; }
  [[nodiscard]] std::uint64_t bytes_read() const { return bytes_read_; }

 private:
  struct client;

  void step(std::chrono::steady_clock::time_point now);

  std::uint16_t port_;
  flood_size size_;
  std::string read_path_;
  std::string_view picture_;
  std::string upload_head_;
  std::vector<std::unique_ptr<client>> clients_;
  upload_statuses statuses_;
  std::uint64_t bytes_read_ = 0;
};

}  // namespace stayler::test
