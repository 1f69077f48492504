// SPDX-License-Identifier: MIT
#include "adapters/blob_store/folder_blob_store.hpp"

#include "adapters/blob_store/blob_key.hpp"
#include "adapters/blob_store/stored_file.hpp"
#include "adapters/file_descriptor/write_all.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <limits>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <sys/file.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

namespace fs = std::filesystem;

// "~" cannot occur in a key, so that no blob is ever mistaken for one of these.
constexpr const char* temporary_folder = "~tmp";
constexpr const char* probe_name = "~probe-";

class folder_blob_store final : public blob_store {
 public:
  explicit folder_blob_store(fs::path root) : root_(std::move(root)) {}

  void_result open() {
    if (auto made = make_folders(root_ / temporary_folder); !made) {
      return made;
    }
    if (auto removed = remove_leftovers(); !removed) {
      return removed;
    }
    return probe();
  }

  void_result put(const std::string& key, const shared_bytes& bytes) override {
    auto valid = check_new_blob(key, bytes);
    return valid ? write(root_ / key, *bytes) : valid;
  }

  result<shared_bytes> get(const std::string& key) override {
    if (auto valid = check_blob_key(key); !valid) {
      return std::move(valid).error();
    }
    return read(key, root_ / key);
  }

  result<blob_part> get_part(const std::string& key, std::uint64_t offset, std::uint64_t count)
      override {
    if (auto valid = check_blob_key(key); !valid) {
      return std::move(valid).error();
    }
    return read_part(key, root_ / key, offset, count);
  }

  result<bool> replace(
      const std::string& key, const shared_bytes& bytes, const std::string& version
  ) override {
    if (auto valid = check_new_blob(key, bytes); !valid) {
      return std::move(valid).error();
    }
    auto file = write_temporary_file(root_ / key, *bytes);
    return file ? exchange(*file, root_ / key, version) : result<bool>{std::move(file).error()};
  }

  void_result visit(const std::function<bool(const std::string& key)>& each) override {
    std::error_code error;
    const fs::recursive_directory_iterator end;
    for (fs::recursive_directory_iterator at{root_, error}; !error && at != end;
         at.increment(error)) {
      const bool is_own = at->path().filename().string().starts_with('~');
      if (is_own) {
        at.disable_recursion_pending();
      } else if (at->is_regular_file(error) && !each(at->path().lexically_relative(root_).string())) {
        return ok();
      }
    }
    // A folder that went away while it was listed held nothing any more.
    return !error || error == std::errc::no_such_file_or_directory
               ? check_presence()
               : void_result{file_failure("list", root_, error.value())};
  }

  void_result remove(const std::string& key) override {
    if (auto valid = check_blob_key(key); !valid) {
      return valid;
    }
    return unlink(root_ / key);
  }

  void_result probe() override {
    const auto content = std::make_shared<std::vector<std::byte>>(64, std::byte{0x5A});
    const fs::path path = root_ / (probe_name + unique_name());
    if (auto written = write(path, *content); !written) {
      return written;
    }
    const auto found = read(path.filename(), path);
    auto removed = unlink(path);
    if (!found) {
      return found.error();
    }
    if (**found != *content) {
      return failure{
          error_class::unavailable, path.string() + " reads back other bytes than written"};
    }
    return removed;
  }

 private:
  static void_result check_new_blob(const std::string& key, const shared_bytes& bytes) {
    auto valid = check_blob_key(key);
    return valid && bytes == nullptr
               ? failure{error_class::invalid_input, "no bytes for the blob " + key}
               : valid;
  }

  std::string unique_name() { return fmt::format("{}-{}", ::getpid(), counter_.fetch_add(1)); }

  /// Files whose writer is alive, in this process or another, are locked and stay.
  void_result remove_leftovers() {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator{root_ / temporary_folder, error}) {
      const file_descriptor fd{::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
      if (fd && ::flock(fd.number(), LOCK_EX | LOCK_NB) == 0) {
        ::unlink(entry.path().c_str());
      }
    }
    return error ? void_result{file_failure("list", root_ / temporary_folder, error.value())}
                 : ok();
  }

  result<temporary_file> make_temporary_file() {
    for (;;) {
      fs::path path = root_ / temporary_folder / unique_name();
      file_descriptor fd{::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666)};
      if (fd) {
        ::flock(fd.number(), LOCK_EX);
        return temporary_file{std::move(path), std::move(fd)};
      }
      // In containers that share a volume process ids repeat, and with them these names.
      if (errno != EEXIST) {
        return file_failure("create", path, errno);
      }
    }
  }

  /// With the bytes of the blob at `path`.
  result<temporary_file> write_temporary_file(
      const fs::path& path, std::span<const std::byte> bytes
  ) {
    auto file = make_temporary_file();
    if (!file) {
      return file;
    }
    int error = write_all(file->descriptor.number(), bytes);
    if (error == 0 && ::fsync(file->descriptor.number()) != 0) {
      error = errno;
    }
    return error == 0 ? std::move(file)
                      : result<temporary_file>{file_failure("write", path, error)};
  }

  /// The file takes the place of the blob of that version, which is removed; false where there is
  /// another one, or none. It belongs to whom that one belonged: who replaces may be root.
  result<bool> exchange(temporary_file& file, const fs::path& path, const std::string& version) {
    struct stat replaced {};
    if (::stat(path.c_str(), &replaced) != 0 || version_of(replaced) != version) {
      return false;
    }
    const int fresh = file.descriptor.number();
    if (::fchown(fresh, replaced.st_uid, replaced.st_gid) != 0
        || ::fchmod(fresh, replaced.st_mode & 07777U) != 0) {
      return file_failure("take over the owner of", path, errno);
    }
    const int error = swap_files(file.path, path);
    if (error == ENOENT || error == ENOTDIR) {
      return false;
    }
    if (error != 0) {
      return file_failure("replace", path, error);
    }
    // At once: what it held before may be what must not be found any more.
    ::unlink(file.path.c_str());
    auto synced = make_durable(path.parent_path());
    return synced ? result<bool>{true} : std::move(synced).error();
  }

  /// 0, or the error number. Fails where a blob is removed at this moment, so that it does not come
  /// back; on file systems that cannot exchange two files (NFS) it could.
  static int swap_files(const fs::path& fresh, const fs::path& path) noexcept {
    if (::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, path.c_str(), RENAME_EXCHANGE) == 0) {
      return 0;
    }
    const bool can_exchange = errno != EINVAL && errno != ENOSYS;
    return can_exchange || ::rename(fresh.c_str(), path.c_str()) != 0 ? errno : 0;
  }

  static std::string version_of(const struct stat& status) {
    const auto& changed = status.st_mtim;
    return fmt::format("{}-{}.{}", status.st_ino, changed.tv_sec, changed.tv_nsec);
  }

  void_result write(const fs::path& path, std::span<const std::byte> bytes) {
    auto file = write_temporary_file(path, bytes);
    if (!file) {
      return std::move(file).error();
    }
    if (auto moved = move_into_place(*file, path); !moved) {
      return moved;
    }
    if (const int error = file->descriptor.close(); error != 0) {
      return file_failure("write", path, error);
    }
    return make_durable(path.parent_path());
  }

  void_result move_into_place(temporary_file& file, const fs::path& path) {
    int error = 0;
    {
      const std::shared_lock lock{folders_};
      error = rename(file, path);
    }
    if (error == ENOENT) {
      const std::unique_lock lock{folders_};
      if (auto present = check_presence(); !present) {
        return present;
      }
      if (auto made = make_folders(path.parent_path()); !made) {
        return made;
      }
      error = rename(file, path);
    }
    if (error == EISDIR || error == ENOTDIR) {
      return failure{
          error_class::invalid_input,
          path.string() + " cannot be a blob: another blob's key begins or ends there"};
    }
    return error == 0 ? ok() : void_result{file_failure("write", path, error)};
  }

  /// 0, or the error number.
  static int rename(temporary_file& file, const fs::path& path) noexcept {
    if (::rename(file.path.c_str(), path.c_str()) != 0) {
      return errno;
    }
    file.is_kept = true;
    return 0;
  }

  /// What is missing is missing only where the store's own folder is there: one that was moved
  /// away, or not mounted, holds everything still.
  [[nodiscard]] void_result check_presence() const {
    struct stat status {};
    const fs::path own = root_ / temporary_folder;
    return ::stat(own.c_str(), &status) == 0 ? ok() : void_result{file_failure("find", own, errno)};
  }

  result<shared_bytes> read(const std::string& key, const fs::path& path) const {
    auto part = read_part(key, path, 0, std::numeric_limits<std::uint64_t>::max());
    return part ? result<shared_bytes>{std::move(part->bytes)} : std::move(part).error();
  }

  result<blob_part> read_part(
      const std::string& key, const fs::path& path, std::uint64_t offset, std::uint64_t count
  ) const {
    const file_descriptor fd{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
    const int error = fd ? 0 : errno;
    if (error != 0 && error != ENOENT && error != ENOTDIR) {
      return file_failure("read", path, error);
    }
    struct stat status {};
    if (error == 0 && ::fstat(fd.number(), &status) != 0) {
      return file_failure("read", path, errno);
    }
    if (error != 0) {
      if (auto present = check_presence(); !present) {
        return std::move(present).error();
      }
    }
    if (error != 0 || !S_ISREG(status.st_mode)) {
      return failure{error_class::not_found, "no blob " + key};
    }
    const auto size = static_cast<std::uint64_t>(status.st_size);
    const auto wanted = std::min(count, size - std::min(offset, size));
    auto bytes = std::make_shared<std::vector<std::byte>>(static_cast<std::size_t>(wanted));
    if (const int failed = read_all(fd.number(), *bytes, offset); failed != 0) {
      return file_failure("read", path, failed);
    }
    // Blobs are replaced, never changed in place: a short read means a damaged file system.
    if (bytes->size() != wanted) {
      return file_failure("read", path, EIO);
    }
    return blob_part{std::move(bytes), size, version_of(status)};
  }

  void_result unlink(const fs::path& path) {
    if (::unlink(path.c_str()) != 0) {
      const bool holds_nothing = errno == ENOENT || errno == ENOTDIR || errno == EISDIR;
      return holds_nothing ? check_presence() : void_result{file_failure("remove", path, errno)};
    }
    if (auto synced = make_durable(path.parent_path()); !synced) {
      return synced;
    }
    // Empty folders would add up over the years; rmdir leaves alone what is not empty.
    const std::unique_lock lock{folders_};
    for (fs::path folder = path.parent_path(); folder != root_; folder = folder.parent_path()) {
      if (::rmdir(folder.c_str()) != 0) {
        break;
      }
    }
    return ok();
  }

  fs::path root_;
  /// Held exclusively while folders come and go, so that a blob never moves into a folder that is
  /// being removed or whose own entry is not on the disk yet.
  std::shared_mutex folders_;
  std::atomic<std::uint64_t> counter_{0};
};

}  // namespace

result<std::unique_ptr<blob_store>> open_folder_blob_store(const std::filesystem::path& root) {
  std::error_code error;
  fs::path absolute = fs::absolute(root, error).lexically_normal();
  if (error || root.empty()) {
    return failure{error_class::unavailable, "\"" + root.string() + "\" is not a folder for blobs"};
  }
  // "data/" and "data" are one folder; the walk up from a blob compares with the latter.
  if (!absolute.has_filename()) {
    absolute = absolute.parent_path();
  }
  auto store = std::make_unique<folder_blob_store>(std::move(absolute));
  if (auto opened = store->open(); !opened) {
    return std::move(opened).error();
  }
  return std::unique_ptr<blob_store>{std::move(store)};
}

}  // namespace stayler::adapters
