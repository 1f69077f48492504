// SPDX-License-Identifier: MIT
#include "adapters/node_tls/link_files.hpp"

#include "adapters/log/log.hpp"

#include <utility>

namespace stayler::adapters {

using logs::nodes::log;

result<link_files> link_files::open(const node_credentials& files, link_end end) {
  link_files opened{files, end};
  auto made = make_link_context(files, end);
  if (!made) {
    return std::move(made).error();
  }
  opened.current_ = std::make_shared<boost::asio::ssl::context>(made->release());
  return opened;
}

bool link_files::refresh() {
  if (!changes_.look()) {
    return false;
  }
  auto made = make_link_context(files_, end_);
  if (!made) {
    log.warning("changed certificate files are not used", {{"reason", made.error().message}});
    return false;
  }
  current_ = std::make_shared<boost::asio::ssl::context>(made->release());
  log.info("certificate files were read again", {{"certificate", files_.certificate}});
  return true;
}

}  // namespace stayler::adapters
