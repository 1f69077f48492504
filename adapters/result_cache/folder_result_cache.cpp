// SPDX-License-Identifier: MIT
#include "adapters/result_cache/folder_result_cache.hpp"

#include "adapters/result_cache/result_file.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <mutex>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

namespace stayler::adapters {

namespace {

namespace fs = std::filesystem;

/// An entry's file as the scan of the folder finds it.
struct found_file {
  fs::file_time_type last_use;
  content_hash key;
  std::uint64_t bytes = 0;
  timestamp stored_at;
};

class folder_result_cache final : public result_cache {
 public:
  folder_result_cache(
      fs::path root,
      const result_cache_limits& limits,
      std::shared_ptr<const wall_clock> clock,
      encryption_keys keys
  )
      : root_(std::move(root)), limits_(limits), clock_(std::move(clock)), keys_(std::move(keys)) {}

  void_result open() {
    std::error_code error;
    fs::create_directories(root_, error);
    if (error) {
      return cannot("create the folder", root_, error);
    }
    std::vector<found_file> files;
    const fs::recursive_directory_iterator end;
    for (fs::recursive_directory_iterator at{root_, error}; !error && at != end;
         at.increment(error)) {
      take_in(*at, files);
    }
    if (error) {
      return cannot("list", root_, error);
    }
    std::sort(files.begin(), files.end(), [](const found_file& a, const found_file& b) {
      return std::tie(a.last_use, a.key) < std::tie(b.last_use, b.key);
    });
    for (const auto& file : files) {
      enter(file.key, file.bytes, file.stored_at);
    }
    return ok();
  }

  result<std::optional<cached_result>> find(const content_hash& key) override {
    const std::scoped_lock lock{mutex_};
    const auto found = files_.find(key);
    if (found == files_.end()) {
      return std::optional<cached_result>{};
    }
    auto read = is_too_old(found->second) ? std::optional<cached_result>{}
                                          : read_result_file(path_of(key), keys_, key);
    if (!read) {
      return read;
    }
    if (*read) {
      touch(found);
    } else if (auto removed = remove(found); !removed) {
      return std::move(removed).error();
    }
    return read;
  }

  void_result store(const content_hash& key, const cached_result& entry) override {
    const std::scoped_lock lock{mutex_};
    if (!entry.image || entry.image->empty()) {
      return failure{error_class::invalid_input, "no picture for the result cache"};
    }
    const auto bytes = result_file_size(entry, keys_);
    if (bytes > limits_.max_bytes) {
      return ok();
    }
    const auto path = path_of(key);
    const auto now = clock_->now();
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) {
      return cannot("create the folder", path.parent_path(), error);
    }
    if (auto written = write_result_file(path, keys_, key, entry, now); !written) {
      return written;
    }
    if (const auto earlier = files_.find(key); earlier != files_.end()) {
      forget(earlier);
    }
    touch(enter(key, bytes, now));
    return make_room();
  }

  void_result purge() override {
    const std::scoped_lock lock{mutex_};
    void_result outcome = ok();
    for (auto at = files_.begin(); at != files_.end();) {
      const auto which = at++;
      if (is_too_old(which->second)) {
        if (auto removed = remove(which); !removed) {
          outcome = std::move(removed);
        }
      }
    }
    auto trimmed = make_room();
    return trimmed ? outcome : trimmed;
  }

  result<std::uint64_t> erase_user(std::string_view user_id) override {
    const std::scoped_lock lock{mutex_};
    std::uint64_t erased = 0;
    for (auto at = files_.begin(); at != files_.end();) {
      const auto which = at++;
      if (read_owner(path_of(which->first), keys_, which->first) != user_id) {
        continue;
      }
      if (auto removed = remove(which); !removed) {
        return std::move(removed).error();
      }
      ++erased;
    }
    return erased;
  }

  void limit(const result_cache_limits& limits) override {
    const std::scoped_lock lock{mutex_};
    limits_ = limits;
  }

  [[nodiscard]] result_cache_usage usage() const override {
    const std::scoped_lock lock{mutex_};
    return {files_.size(), bytes_};
  }

 private:
  struct kept_file {
    std::uint64_t bytes = 0;
    timestamp stored_at;
    std::list<content_hash>::iterator use;  ///< its place in by_use_
  };
  using file_map = std::map<content_hash, kept_file>;

  [[nodiscard]] fs::path path_of(const content_hash& key) const {
    const auto name = to_string(key);
    return root_ / name.substr(0, 2) / name;
  }

  /// An entry from the future is one of unknown age: the clock is wrong, or was.
  [[nodiscard]] bool is_too_old(const kept_file& which) const {
    const auto now = clock_->now();
    return which.stored_at <= now - limits_.max_age || which.stored_at > now;
  }

  /// Adds the file to the list where it is an entry's. What a killed process left of an entry is
  /// removed; files that are none of ours stay.
  void take_in(const fs::directory_entry& file, std::vector<found_file>& into) const {
    auto name = file.path().filename().string();
    const bool is_half_written = name.ends_with('~');
    if (is_half_written) {
      name.pop_back();
    }
    const auto key = parse_content_hash(name);
    if (!key || file.path().parent_path() != path_of(*key).parent_path()) {
      return;
    }
    std::error_code error;
    const auto stored_at =
        is_half_written ? std::nullopt : read_stored_at(file.path(), keys_, *key);
    const auto bytes = file.file_size(error);
    const auto last_use = error ? fs::file_time_type{} : file.last_write_time(error);
    if (stored_at && !error) {
      into.push_back({last_use, *key, bytes, *stored_at});
    } else {
      fs::remove(file.path(), error);
    }
  }

  /// The new entry is the most recently used one.
  file_map::iterator enter(const content_hash& key, std::uint64_t bytes, timestamp stored_at) {
    bytes_ += bytes;
    return files_.emplace(key, kept_file{bytes, stored_at, by_use_.insert(by_use_.end(), key)})
        .first;
  }

  void forget(file_map::iterator which) {
    bytes_ -= which->second.bytes;
    by_use_.erase(which->second.use);
    files_.erase(which);
  }

  void touch(file_map::iterator which) {
    by_use_.splice(by_use_.end(), by_use_, which->second.use);
    // A file whose time cannot be set goes a little too early after the next start, no more.
    std::error_code ignored;
    const auto now = std::chrono::file_clock::from_sys(clock_->now());
    fs::last_write_time(
        path_of(which->first), std::chrono::time_point_cast<fs::file_time_type::duration>(now),
        ignored
    );
  }

  /// Forgotten even where its file stays: it will be found again by the next process.
  void_result remove(file_map::iterator which) {
    const auto path = path_of(which->first);
    forget(which);
    std::error_code error;
    fs::remove(path, error);
    return error ? void_result{cannot("remove", path, error)} : ok();
  }

  void_result make_room() {
    void_result outcome = ok();
    while (bytes_ > limits_.max_bytes) {
      if (auto removed = remove(files_.find(by_use_.front())); !removed) {
        outcome = std::move(removed);
      }
    }
    return outcome;
  }

  mutable std::mutex mutex_;
  fs::path root_;
  result_cache_limits limits_;
  std::shared_ptr<const wall_clock> clock_;
  encryption_keys keys_;
  file_map files_;
  std::list<content_hash> by_use_;  ///< the least recently used first
  std::uint64_t bytes_ = 0;         ///< of all entries' files
};

}  // namespace

result<std::unique_ptr<result_cache>> open_folder_result_cache(
    const fs::path& root,
    const result_cache_limits& limits,
    std::shared_ptr<const wall_clock> clock,
    encryption_keys keys
) {
  auto cache =
      std::make_unique<folder_result_cache>(root, limits, std::move(clock), std::move(keys));
  if (auto opened = cache->open(); !opened) {
    return std::move(opened).error();
  }
  return std::unique_ptr<result_cache>{std::move(cache)};
}

}  // namespace stayler::adapters
