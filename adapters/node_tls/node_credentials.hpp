// SPDX-License-Identifier: MIT
#pragma once

#include "messages/base/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

struct ssl_ctx_st;
struct ssl_st;

namespace stayler::adapters {

/// What a process proves with that it belongs to the service, and checks the other side by: the
/// names of PEM files.
struct node_credentials {
  std::string certificate;  ///< may hold intermediate certificates after its own
  std::string key;
  std::string authority;
  std::string revoked;  ///< the authority's CRL; empty: it has revoked nothing
};

/// Which side of a connection shows these files.
enum class link_end : std::uint8_t { server, client };

struct link_context_deleter {
  void operator()(ssl_ctx_st* it) const;
};

/// OpenSSL's context for one end of a link.
using link_context = std::unique_ptr<ssl_ctx_st, link_context_deleter>;

/// Reads all files. The context demands a certificate of that authority from the other side, which
/// is not out of date, not revoked, and may be used for that end. Errors name the option and the
/// file: invalid_input (not PEM, or key and certificate do not belong together, or this process's
/// own certificate would not be accepted by those rules), unavailable (cannot be read).
result<link_context> make_link_context(const node_credentials& files, link_end end);

/// Whether the side that `end` names, at the other end of that session, would be accepted by this
/// context now: certificates end, and are revoked.
bool is_still_trusted(const ssl_st* session, ssl_ctx_st* by, link_end end);

/// What make_link_context() says of these files; for a client, also whether its certificate is for
/// that name, under which it is about to join: invalid_input.
void_result check_server_credentials(const node_credentials& files);
void_result check_client_credentials(const node_credentials& files, const std::string& node);

}  // namespace stayler::adapters
