// SPDX-License-Identifier: MIT
#include "bench/queue/disk_flush.hpp"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <thread>
#include <unistd.h>
#include <vector>

namespace stayler::bench {

latency_figures measure_disk_flush(
    const std::string& folder, int flushes_per_second, std::chrono::seconds length
) {
  const std::string name = folder + "/flushes";
  const int file = ::open(name.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  const std::array<char, 4096> page{};
  std::vector<double> took_ms;
  const auto begin = std::chrono::steady_clock::now();
  const int total = flushes_per_second * static_cast<int>(length.count());
  for (int i = 0; i < total; ++i) {
    std::this_thread::sleep_until(
        begin + std::chrono::microseconds{1'000'000LL * i / flushes_per_second}
    );
    const auto since = std::chrono::steady_clock::now();
    if (::write(file, page.data(), page.size()) != ssize_t{page.size()} || ::fdatasync(file) != 0) {
      std::perror(name.c_str());
      std::exit(1);
    }
    const auto took = std::chrono::steady_clock::now() - since;
    took_ms.push_back(std::chrono::duration<double, std::milli>(took).count());
  }
  ::close(file);
  return figures_of(std::move(took_ms));
}

}  // namespace stayler::bench
