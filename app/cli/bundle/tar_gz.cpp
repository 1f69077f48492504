// SPDX-License-Identifier: MIT
#include "app/cli/bundle/tar_gz.hpp"

#include "app/cli/command_error.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <ctime>

namespace stayler::cli {

struct tar_gz::state {
  archive* writer = ::archive_write_new();
  std::string bytes;
  std::time_t made_at = 0;
};

namespace {

constexpr mode_t private_file = 0600;

la_ssize_t keep_bytes(archive*, void* text, const void* data, std::size_t size) {
  static_cast<std::string*>(text)->append(static_cast<const char*>(data), size);
  return static_cast<la_ssize_t>(size);
}

void check(archive* writer, int code) {
  if (code < ARCHIVE_WARN) {
    const char* why = ::archive_error_string(writer);
    throw command_error{
        exit_code::refused, "cannot write the archive", why == nullptr ? "" : why, ""};
  }
}

}  // namespace

tar_gz::tar_gz(timestamp made_at) : state_(new state) {
  state_->made_at = std::chrono::system_clock::to_time_t(made_at);
  ::archive_write_add_filter_gzip(state_->writer);
  ::archive_write_set_format_pax_restricted(state_->writer);
  check(
      state_->writer,
      ::archive_write_open(state_->writer, &state_->bytes, nullptr, &keep_bytes, nullptr)
  );
}

tar_gz::~tar_gz() {
  ::archive_write_free(state_->writer);
  delete state_;
}

void tar_gz::add(const std::string& name, std::string_view content) {
  archive_entry* entry = ::archive_entry_new();
  ::archive_entry_set_pathname(entry, name.c_str());
  ::archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
  ::archive_entry_set_filetype(entry, AE_IFREG);
  ::archive_entry_set_perm(entry, private_file);
  ::archive_entry_set_mtime(entry, state_->made_at, 0);
  const int code = ::archive_write_header(state_->writer, entry);
  ::archive_entry_free(entry);
  check(state_->writer, code);
  if (::archive_write_data(state_->writer, content.data(), content.size()) < 0) {
    check(state_->writer, ARCHIVE_FATAL);
  }
}

std::string tar_gz::finish() {
  check(state_->writer, ::archive_write_close(state_->writer));
  return std::move(state_->bytes);
}

}  // namespace stayler::cli
