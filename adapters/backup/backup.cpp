// SPDX-License-Identifier: MIT
#include "adapters/backup/backup.hpp"

#include "adapters/backup/backup_manifest.hpp"
#include "adapters/backup/hashed_copy.hpp"
#include "adapters/blob_store/stored_file.hpp"
#include "adapters/sqlite/sqlite_database.hpp"

#include <sys/stat.h>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace stayler::adapters {

namespace {

namespace fs = std::filesystem;

constexpr const char* manifest_name = "manifest";

/// Its own copy, of one moment, while others write: a reader's snapshot, which waits for nobody.
void_result copy_database(const fs::path& from, const fs::path& to) {
  auto opened = sqlite_database::open(from);
  if (!opened) {
    return std::move(opened).error();
  }
  auto copy = opened->prepare("VACUUM INTO ?1");
  return copy ? copy->bind(1, to.string()).run() : std::move(copy).error();
}

/// One backup that is being made, under another name until it is whole.
class backup_in_progress {
 public:
  backup_in_progress(const backup_plan& plan, const fs::path& target)
      : plan_(plan), target_(target), partial_(target.string() + ".partial") {}
  backup_in_progress(const backup_in_progress&) = delete;
  backup_in_progress& operator=(const backup_in_progress&) = delete;
  ~backup_in_progress() {
    if (is_begun_) {
      std::error_code ignored;
      fs::remove_all(partial_, ignored);
    }
  }

  result<backup_report> run() {
    if (auto begun = begin(); !begun) {
      return std::move(begun).error();
    }
    for (const std::string& name : plan_.databases) {
      if (auto saved = save_database(name); !saved) {
        return std::move(saved).error();
      }
    }
    for (const std::string& name : plan_.folders) {
      if (auto saved = save_folder(name); !saved) {
        return std::move(saved).error();
      }
    }
    if (files_.empty()) {
      return failure{error_class::not_found, "there is nothing in " + plan_.folder.string(), {}};
    }
    if (auto done = finish(); !done) {
      return std::move(done).error();
    }
    return report_;
  }

 private:
  void_result begin() {
    std::error_code error;
    for (const fs::path& taken : {target_, partial_}) {
      if (fs::exists(fs::symlink_status(taken, error))) {
        return failure{
            error_class::conflict, taken.string() + " exists: nothing is written over", {}};
      }
    }
    if (auto made = make_folders(partial_); !made) {
      return made;
    }
    is_begun_ = true;
    return ok();
  }

  void_result save_database(const std::string& name) {
    std::error_code error;
    if (!fs::exists(plan_.folder / name, error)) {
      return ok();
    }
    if (auto copied = copy_database(plan_.folder / name, partial_ / name); !copied) {
      return copied;
    }
    auto sum = hash_file(partial_ / name);
    return sum ? note(name, *sum) : std::move(sum).error();
  }

  void_result save_folder(const std::string& name) {
    std::error_code error;
    const fs::recursive_directory_iterator end;
    for (fs::recursive_directory_iterator at{plan_.folder / name, error}; !error && at != end;
         at.increment(error)) {
      // Files that are being written: a name without the mark appears when they are whole.
      if (at->path().filename().string().starts_with('~')) {
        at.disable_recursion_pending();
      } else if (at->is_regular_file(error)) {
        if (auto saved = save_file(at->path()); !saved) {
          return saved;
        }
      }
    }
    const bool is_missing = error == std::errc::no_such_file_or_directory;
    return !error || is_missing ? ok() : file_failure("list", plan_.folder / name, error.value());
  }

  void_result save_file(const fs::path& from) {
    const fs::path path = from.lexically_relative(plan_.folder);
    if (auto made = make_folders((partial_ / path).parent_path()); !made) {
      return made;
    }
    auto sum = copy_and_hash(from, partial_ / path);
    if (!sum && sum.error().kind == error_class::not_found) {
      ++report_.gone;
      return ok();
    }
    return sum ? note(path.string(), *sum) : std::move(sum).error();
  }

  void_result note(const std::string& path, const file_sum& sum) {
    files_.push_back({path, sum.bytes, sum.sha256});
    ++report_.files;
    report_.bytes += sum.bytes;
    return ok();
  }

  void_result finish() {
    if (auto written =
            write_new_file(partial_ / manifest_name, print_manifest(files_, plan_.version));
        !written) {
      return written;
    }
    if (auto durable = make_all_durable(partial_); !durable) {
      return durable;
    }
    std::error_code error;
    fs::rename(partial_, target_, error);
    if (error) {
      return file_failure("rename", partial_, error.value());
    }
    is_begun_ = false;
    const fs::path above = fs::absolute(target_).parent_path();
    return make_durable(above);
  }

  const backup_plan& plan_;
  fs::path target_;
  fs::path partial_;
  bool is_begun_ = false;
  std::vector<saved_file> files_;
  backup_report report_;
};

result<std::vector<saved_file>> read_manifest(const fs::path& backup) {
  const auto text = read_whole_file(backup / manifest_name);
  if (!text) {
    return failure{
        error_class::invalid_input,
        backup.string() + " is no backup: it has no manifest (" + text.error().message + ")",
        {}};
  }
  return parse_manifest(*text);
}

void_result check_file(const fs::path& backup, const saved_file& file) {
  const auto sum = hash_file(backup / file.path);
  if (!sum) {
    return failure{error_class::invalid_input, sum.error().message, {}};
  }
  if (sum->bytes != file.bytes || sum->sha256 != file.sha256) {
    return failure{error_class::invalid_input, file.path + " is not what the manifest says", {}};
  }
  return ok();
}

void_result copy_files(
    const fs::path& backup, const std::vector<saved_file>& files, const fs::path& folder
) {
  for (const saved_file& file : files) {
    if (auto made = make_folders((folder / file.path).parent_path()); !made) {
      return made;
    }
    const auto sum = copy_and_hash(backup / file.path, folder / file.path);
    if (!sum) {
      return sum.error();
    }
    if (sum->sha256 != file.sha256) {
      return failure{error_class::unavailable, file.path + " has changed meanwhile", {}};
    }
  }
  return make_all_durable(folder);
}

/// root may restore for a service that runs as somebody else.
void_result give_to_owner(const fs::path& folder) {
  struct stat owner {};
  if (::geteuid() != 0 || ::stat(folder.c_str(), &owner) != 0) {
    return ok();
  }
  std::error_code error;
  for (const auto& entry : fs::recursive_directory_iterator{folder, error}) {
    if (::lchown(entry.path().c_str(), owner.st_uid, owner.st_gid) != 0) {
      return file_failure("change the owner of", entry.path(), errno);
    }
  }
  return ok();
}

void empty_folder(const fs::path& folder) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{folder, ignored}) {
    fs::remove_all(entry.path(), ignored);
  }
}

}  // namespace

result<backup_report> make_backup(const backup_plan& plan, const fs::path& target) {
  return backup_in_progress{plan, target}.run();
}

result<backup_report> restore_backup(const fs::path& backup, const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder, error) && !fs::is_empty(folder, error)) {
    return failure{
        error_class::conflict, folder.string() + " is not empty: nothing is written over", {}};
  }
  const auto files = read_manifest(backup);
  if (!files) {
    return files.error();
  }
  backup_report report;
  for (const saved_file& file : *files) {
    if (auto whole = check_file(backup, file); !whole) {
      return std::move(whole).error();
    }
    ++report.files;
    report.bytes += file.bytes;
  }
  auto restored = make_folders(folder);
  if (restored) {
    restored = copy_files(backup, *files, folder);
  }
  if (restored) {
    restored = give_to_owner(folder);
  }
  if (!restored) {
    empty_folder(folder);
    return std::move(restored).error();
  }
  return report;
}

}  // namespace stayler::adapters
