// SPDX-License-Identifier: MIT
#include "adapters/node_tls/link_files.hpp"

#include "adapters/log/log.hpp"

#include <fmt/core.h>

#include <sys/stat.h>
#include <utility>

namespace stayler::adapters {

using logs::nodes::log;

result<link_files> link_files::open(const node_credentials& files, link_end end) {
  link_files opened{files, end};
  opened.state_ = opened.describe_state();
  auto made = make_link_context(files, end);
  if (!made) {
    return std::move(made).error();
  }
  opened.current_ = std::make_shared<boost::asio::ssl::context>(made->release());
  return opened;
}

bool link_files::refresh() {
  std::string state = describe_state();
  if (state == state_) {
    return false;
  }
  // Whatever becomes of them: a file that was read half written changes once more.
  state_ = std::move(state);
  auto made = make_link_context(files_, end_);
  if (!made) {
    log.warning("changed certificate files are not used", {{"reason", made.error().message}});
    return false;
  }
  current_ = std::make_shared<boost::asio::ssl::context>(made->release());
  log.info("certificate files were read again", {{"certificate", files_.certificate}});
  return true;
}

std::string link_files::describe_state() const {
  std::string all;
  for (const std::string* file :
       {&files_.certificate, &files_.key, &files_.authority, &files_.revoked}) {
    struct stat found {};
    if (stat(file->c_str(), &found) == 0) {
      all += fmt::format(
          "{}.{} {} {};", found.st_mtim.tv_sec, found.st_mtim.tv_nsec, found.st_size, found.st_ino
      );
    }
  }
  return all;
}

}  // namespace stayler::adapters
